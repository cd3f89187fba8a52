#!/usr/bin/env bash
# Checks that the static library defines no global symbols except uservoice_*, and that it can be
# linked with another static Rust library. Both are linked whole, so that duplicate symbols fail.
# Usage: beside.sh LIBRARY_DIRECTORY WORK_DIRECTORY
set -euo pipefail
libdir=$1
work=$2
cd "$(dirname "$0")/beside"
unexpected=$(nm --defined-only --extern-only "$libdir/libuservoice.a" | awk 'NF == 3 && $3 !~ /^uservoice_/ {print $3}')
[ -z "$unexpected" ] || { echo "unexpected global symbols in libuservoice.a: $unexpected" >&2; exit 1; }

[ -e "$work/libbeside.a" ] ||
    rustc --edition 2024 --crate-type staticlib -C opt-level=1 -C lto beside.rs -o "$work/libbeside.a"
export PKG_CONFIG_PATH=$libdir/pkgconfig
read -ra cflags <<<"$(pkg-config --cflags uservoice)"
read -ra system <<<"$(sed -n 's/^Libs.private: //p' "$libdir/pkgconfig/uservoice.pc")"
for option in -pie -static -static-pie; do
    gcc -Wall -Wextra -Werror "$option" "${cflags[@]}" main.c -o "$work/beside" \
        -Wl,--whole-archive "$libdir/libuservoice.a" "$work/libbeside.a" -Wl,--no-whole-archive "${system[@]}"
    "$work/beside"
done
