#!/usr/bin/env bash
# Counts instructions in the release build: the one in DIRECTORY, or one that is built first. `record` always builds:
# the library of `cargo build --release` has no LTO, and takes about 8 % more instructions than the one that users get.
# Usage: benches/instructions/run.sh check [DIRECTORY]
#        benches/instructions/run.sh record
set -euo pipefail
[ "$1" = check ] || [ $# = 1 ] || { sed -n '/^# Usage/,/^set/s/^# //p' "$0" >&2; exit 2; }
library=${2:+$(realpath "$2")}
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" cmake gcc valgrind python3
if [ -z "$library" ]; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    make --no-print-directory -C "$root" all >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    library=${CARGO_TARGET_DIR:-$root/target}/release/package
fi
python3 count.py "$1" "$library"
