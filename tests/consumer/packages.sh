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

# requires_documented_glibc FILE NAME: checks that a file requires no newer glibc than docs/packaging.md says for NAME.
requires_documented_glibc() {
    local newest documented
    documented=$(tr '\n' ' ' <"$source/docs/packaging.md" | grep -oP "$2 (require )?glibc \K[0-9]+\.[0-9]+")
    newest=$(readelf --version-info "$1" | grep -oP 'GLIBC_\K[0-9.]+' | sort --version-sort | tail -1)
    [ "$(printf '%s\n' "$newest" "$documented" | sort --version-sort | tail -1)" = "$documented" ] ||
        fail "$1 requires glibc $newest, and docs/packaging.md says $documented"
}

# check_archive FILE: checks a release archive, which it unpacks below $work/archive.
check_archive() {
    local archive name library file debug
    name=$(basename "$1")
    case $name in
        *.zip) python3 -m zipfile -e "$1" "$work/archive" ;;
        *) tar -C "$work/archive" -xf "$1" ;;
    esac
    name=${name%.zip}
    archive=$work/archive/${name%.tar.gz}
    contains_no_build_path "$archive"
    for file in LICENSE README.md THIRD-PARTY-LICENCES.txt uservoice.cdx.json include/uservoice.h include/uservoice.hpp \
        lib/libuservoice.a lib/pkgconfig/uservoice.pc lib/cmake/UserVoice/UserVoiceConfig.cmake; do
        [ -s "$archive/$file" ] || fail "$file is not in $1"
    done
    ! grep -nE '\]\([^:)]+\)' "$archive"/*.md || fail "links to files outside of $1"
    case $name in
        *-windows-*)
            for file in bin/uservoice.dll lib/libuservoice.dll.a; do
                [ -s "$archive/$file" ] || fail "$file is not in $1"
            done
            return
            ;;
    esac
    for file in bin/uservoice uservoice-cli.cdx.json share/man/man1/uservoice.1 share/bash-completion/completions/uservoice; do
        [ -s "$archive/$file" ] || fail "$file is not in $1"
    done
    [[ $name != *-musl* ]] || return 0
    library=$archive/lib/libuservoice.so
    ! readelf -SW "$library" | grep '\.debug_' >/dev/null || fail "the shared library in $1 is not stripped"
    requires_documented_glibc "$library" "libraries in the archives"
    requires_documented_glibc "$archive/bin/uservoice" "tool"
    debug=$(readelf --string-dump=.gnu_debuglink "$library" | grep -o 'libuservoice.*debug')
    readelf -SW "$archive/lib/$debug" | grep '\.debug_line' >/dev/null || fail "no debug information in $debug"
}

(cd "$source/dist" && sha256sum --check --quiet SHA256SUMS)
for archive in "$source"/dist/libuservoice-*-*.{tar.gz,zip}; do
    [ ! -e "$archive" ] || check_archive "$archive"
done

# The library and the tool run with glibc 2.31, which scripts/dist-archive links them with.
host=$(rustc -vV | sed -n 's/^host: //p')
archive=$work/archive/$(basename "$source"/dist/libuservoice-*-"$host".tar.gz .tar.gz)
old_glibc=$source/target/old-glibc/$host
with_old_glibc() {
    quietly "$(echo "$old_glibc"/lib64/ld-linux-*.so.2)" \
        --library-path "$archive/lib:$(echo "$old_glibc"/lib/*-linux-gnu)" "$@"
}
"$old_glibc/bin/gcc" -I"$archive/include" main.c -L"$archive/lib" -luservoice -o "$work/with-old-glibc"
with_old_glibc "$work/with-old-glibc"
with_old_glibc "$archive/bin/uservoice" --version

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
# The first suppressed tag applies only to packages in Debian's own archive, the second to an older lintian than unstable's.
lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs,newer-standards-version "${packages[@]}"

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
cp "$source"/dist/{*"$host".tar.gz,uservoice*,*.deb} "$root/dist"
chroot "$root" /source/tests/consumer/install_packages.sh
