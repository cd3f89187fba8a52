#!/usr/bin/env bash
# Unpacks what `make dist` made, each into an empty directory, and links programs with
# that alone. Debian's packages are unpacked and not installed, which needs no root
# directory of their own; lintian reads them.
set -euo pipefail
cd "$(dirname "$0")"
source=$(realpath ../..)
"$source/scripts/install-tools" cmake make ninja gcc clang pkg-config readelf
work=$source/target/packages
rm -rf "$work"
mkdir -p "$work/archive" "$work/debian"
# shellcheck source=tests/consumer/link.sh
. ./link.sh

links() {
    consume shared Ninja gcc -DCMAKE_PREFIX_PATH="$1"
    consume static "Unix Makefiles" clang -DCMAKE_PREFIX_PATH="$1" -DBUILD_SHARED_LIBS=OFF
    by_pkg_config "$2"
    readme "$2"
}

tells_no_path() {
    ! grep -rlF -e "$source" -e "${CARGO_TARGET_DIR:-$source/target}" -e "${CARGO_HOME:-$HOME/.cargo}" "$1" ||
        fail "tell where they were built"
}

(cd "$source/dist" && sha256sum --check --quiet SHA256SUMS)
tar -C "$work/archive" -xf "$source"/dist/libuservoice-*.tar.gz
archive=$(echo "$work"/archive/*)
links "$archive" "$archive/lib"
tells_no_path "$archive"
for file in LICENSE README.md THIRD-PARTY-LICENCES.txt uservoice.cdx.json; do
    [ -s "$archive/$file" ] || fail "$file is not in the archive"
done
! readelf -SW "$archive/lib/libuservoice.so" | grep -q '\.debug_' || fail "the shared library is not stripped"
debug=$(readelf --string-dump=.gnu_debuglink "$archive/lib/libuservoice.so" | grep -o 'libuservoice.*debug')
readelf -SW "$archive/lib/$debug" | grep -q '\.debug_line' || fail "no debug information in $debug"

packages=("$source"/dist/*.deb)
if [ -e "${packages[0]}" ]; then
    "$source/scripts/install-tools" lintian
    for package in "${packages[@]}"; do
        dpkg-deb -x "$package" "$work/debian"
    done
    links "$work/debian/usr" "$(dirname "$work"/debian/usr/lib/*/libuservoice.a)"
    tells_no_path "$work/debian"
    "$work/debian/usr/bin/uservoice-sandbox" --version
    # The one tag is about the number of a wish in Debian's tracker, for its own archive.
    lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "${packages[@]}"
fi
echo "packages: the release archive and ${#packages[@]} Debian packages are enough to link with"
