#!/usr/bin/env bash
# Checks the packages that `make dist` has created and installs them into a temporary Debian system
# without Rust and without this checkout. Needs root for debootstrap and chroot.
set -euo pipefail
cd "$(dirname "$0")"
source=$(realpath ../..)
"$source/scripts/install-tools" readelf
work=$source/target/packages
rm -rf "$work"
mkdir -p "$work/archive" "$work/debian"
# shellcheck source=tests/consumer/link.sh
. ./link.sh

contains_no_build_path() {
    ! grep -rlF -e "$source" -e "${CARGO_TARGET_DIR:-$source/target}" -e "${CARGO_HOME:-$HOME/.cargo}" "$1" ||
        fail "build paths found"
}

(cd "$source/dist" && sha256sum --check --quiet SHA256SUMS)
tar -C "$work/archive" -xf "$source"/dist/libuservoice-*.tar.gz
archive=$(echo "$work"/archive/*)
contains_no_build_path "$archive"
for file in LICENSE README.md THIRD-PARTY-LICENCES.txt uservoice.cdx.json uservoice-cli.cdx.json; do
    [ -s "$archive/$file" ] || fail "$file is not in the archive"
done
! grep -nE '\]\([^:)]+\)' "$archive"/*.md || fail "links to files outside the archive"
! readelf -SW "$archive/lib/libuservoice.so" | grep '\.debug_' >/dev/null || fail "the shared library is not stripped"
newest=$(readelf --version-info "$archive/lib/libuservoice.so" | grep -o 'GLIBC_[0-9.]*' | sort --version-sort | tail -1)
[ "$(printf '%s\n' "$newest" GLIBC_2.34 | sort --version-sort | tail -1)" = GLIBC_2.34 ] ||
    fail "the shared library requires $newest, and docs/packaging.md says 2.34"
debug=$(readelf --string-dump=.gnu_debuglink "$archive/lib/libuservoice.so" | grep -o 'libuservoice.*debug')
readelf -SW "$archive/lib/$debug" | grep '\.debug_line' >/dev/null || fail "no debug information in $debug"

packages=("$source"/dist/*.deb)
if ! [ -e "${packages[0]}" ]; then
    echo "packages: no .deb files on this system; only the release archive was checked" >&2
    exit 1
fi
for package in "${packages[@]}"; do
    dpkg-deb -x "$package" "$work/debian"
done
contains_no_build_path "$work/debian"
"$source/scripts/install-tools" lintian
# The suppressed tag applies only to packages in Debian's own archive.
lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "${packages[@]}"

if [ "$(id -u)" != 0 ]; then
    echo "packages: checked, but not installed; run tests/consumer/packages.sh as root" >&2
    exit 1
fi
"$source/scripts/install-tools" debootstrap
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
root=$work/root
mkdir -p "$source/target/debootstrap"
quietly debootstrap --variant=minbase --cache-dir="$source/target/debootstrap" \
    "$suite" "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
# With apt, which configures packages in the right order, unlike debootstrap.
cp -L /etc/resolv.conf /etc/hosts "$root/etc"
quietly chroot "$root" apt-get update
quietly chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    ca-certificates clang cmake g++ gcc make ninja-build pkg-config python3-cffi python3-venv ruby ruby-ffi
mkdir -p "$root/source/tests" "$root/dist"
cp -r . "$root/source/tests/consumer"
cp "$source/README.md" "$root/source"
cp "$source"/dist/* "$root/dist"
chroot "$root" /source/tests/consumer/install_packages.sh
