#!/usr/bin/env bash
# Runs the fault tests and the soak test with ThreadSanitizer, which also instruments the standard library.
# Usage: tests/thread_sanitizer.sh [SOAK-SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
# The standard library's source, to compile it with the sanitizer.
[ -d "$(rustc +nightly --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library" ] ||
    rustup component add rust-src --toolchain nightly ||
    rustup toolchain install nightly --profile minimal --component rust-src
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --locked --quiet -p uservoice-sandbox
sandbox=$(realpath "${CARGO_TARGET_DIR:-target}/debug/uservoice-sandbox")
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-target}/thread-sanitizer")
# Instrumented code is slow, so the timeout is long.
export CARGO_TARGET_DIR RUSTFLAGS=-Zsanitizer=thread SOAK_SECONDS=${1:-60} SOAK_TIMEOUT_MS=30000
cargo +nightly test --locked -Zbuild-std --target "$host" -p uservoice --test faults
cargo +nightly run --locked -Zbuild-std --target "$host" -p uservoice-soak -- "$sandbox"
