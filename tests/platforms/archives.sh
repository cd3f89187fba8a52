#!/usr/bin/env bash
# Unpacks release archives and links programs with the library in each, as their users do, and runs these and the tool.
# run.sh runs it in a Debian system with the compilers, without Rust and without this checkout, except for its tests.
# Usage: archives.sh SANDBOX ARCHIVE...
set -euo pipefail
sandbox=$1
shift
# shellcheck source=tests/platforms/common.sh
. "$(dirname "$0")/common.sh"

for archive; do
    name=$(basename "$archive")
    name=${name%.tar.gz}
    name=${name%.zip}
    target=${name#libuservoice-*-}
    work=$(mktemp -d)
    ! command -v cargo >/dev/null || fail "Rust must not be installed"
    case $archive in
        *.zip) quietly python3 -m zipfile -e "$archive" "$work" ;;
        *) quietly tar -C "$work" -xf "$archive" ;;
    esac
    mv "$work/$name" "$work/installed"
    describe_target
    prepare_programs
    consumers find_package
    by_pkg_config
    tool
    rm -r "$work"
done
