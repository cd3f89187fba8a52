#!/usr/bin/env bash
# Vendors the crates as docs/packaging.md tells, into DIRECTORY, which is then the CARGO_HOME of a
# cargo that knows no registry. Quick when done again.
# Usage: vendor.sh DIRECTORY
set -euo pipefail
directory=$1
cd "$(dirname "$0")/../.."
mkdir -p "$directory"
cmp -s Cargo.lock "$directory/Cargo.lock" && exit 0
cargo vendor --locked --versioned-dirs "$directory/vendor" >"$directory/config.toml" 2>"$directory/log" ||
    { cat "$directory/log" >&2; exit 1; }
cp Cargo.lock "$directory/Cargo.lock"
