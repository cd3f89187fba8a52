#!/usr/bin/env bash
# Vendors the crates into DIRECTORY, as docs/packaging.md describes, for use as CARGO_HOME without
# network. Does nothing if DIRECTORY is up to date.
# Usage: vendor.sh DIRECTORY
set -euo pipefail
directory=$1
cd "$(dirname "$0")/../.."
mkdir -p "$directory"
cmp -s Cargo.lock "$directory/Cargo.lock" && exit 0
cargo vendor --locked --versioned-dirs "$directory/vendor" >"$directory/config.toml" 2>"$directory/log" ||
    { cat "$directory/log" >&2; exit 1; }
cp Cargo.lock "$directory/Cargo.lock"
