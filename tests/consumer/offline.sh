#!/usr/bin/env bash
# Vendors the crates as docs/packaging.md tells, and builds from them with a cargo that
# knows no registry. Both are kept below target/, so it is quick when done again.
set -euo pipefail
source=$(realpath "$(dirname "$0")/../..")
work=$source/target/consumer/offline
mkdir -p "$work/cargo-home"
if ! cmp -s "$source/Cargo.lock" "$work/Cargo.lock"; then
    (cd "$source" && cargo vendor --locked --versioned-dirs "$work/vendor" >"$work/cargo-home/config.toml" 2>"$work/log") ||
        { cat "$work/log" >&2; exit 1; }
    cp "$source/Cargo.lock" "$work/Cargo.lock"
fi
export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export CARGO_HOME=$work/cargo-home CARGO_NET_OFFLINE=true CARGO_PROFILE_DEV_DEBUG=0
cmake -S "$source" -B "$work/build" -DCMAKE_BUILD_TYPE=Debug >"$work/log" 2>&1 &&
    cmake --build "$work/build" >>"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
