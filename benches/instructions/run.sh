#!/usr/bin/env bash
# Counts instructions in the library as it is released, which is built first where it is not there.
# Usage: benches/instructions/run.sh check|record
set -euo pipefail
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" cmake gcc valgrind python3
log=$(mktemp)
trap 'rm -f "$log"' EXIT
make --no-print-directory -C "$root" all >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
python3 count.py "$1" "${CARGO_TARGET_DIR:-$root/target}/release/package"
