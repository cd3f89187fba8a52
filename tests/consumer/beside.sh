#!/usr/bin/env bash
# Only uservoice_* is global in the static library, and it can be linked beside another
# one of Rust, all of which is taken in so that what both have would clash.
# Usage: beside.sh DIRECTORY-OF-THE-LIBRARY WORK-DIRECTORY
set -euo pipefail
libdir=$1
work=$2
cd "$(dirname "$0")/beside"
strange=$(nm --defined-only --extern-only "$libdir/libuservoice.a" | awk 'NF == 3 && $3 !~ /^uservoice_/ {print $3}')
[ -z "$strange" ] || { echo "global in libuservoice.a besides uservoice_*: $strange" >&2; exit 1; }

[ -e "$work/libbeside.a" ] ||
    rustc --edition 2024 --crate-type staticlib -C opt-level=1 -C lto beside.rs -o "$work/libbeside.a"
export PKG_CONFIG_PATH=$libdir/pkgconfig
read -ra cflags <<<"$(pkg-config --cflags uservoice)"
read -ra system <<<"$(sed -n 's/^Libs.private: //p' "$libdir/pkgconfig/uservoice.pc")"
gcc -Wall -Wextra -Werror "${cflags[@]}" main.c -o "$work/beside" \
    -Wl,--whole-archive "$libdir/libuservoice.a" "$work/libbeside.a" -Wl,--no-whole-archive "${system[@]}"
"$work/beside"
