#!/usr/bin/env bash
# Fuzzes what comes from outside, all targets at once or those that are named, each for so
# many seconds, beginning with fuzz/corpus. What it finds is left in fuzz/findings, new
# inputs in target/fuzz/corpus. Stable Rust will do: the flags are those of cargo-fuzz,
# which can run the same targets with a sanitizer besides.
# Usage: fuzz/run.sh SECONDS [TARGET...]
set -euo pipefail
cd "$(dirname "$0")"
../scripts/install-tools g++ clang-sanitizers
seconds=$1
# For a short run, building is what takes long.
profile=release
[ "$seconds" -ge 60 ] || profile=quick
# Clang's, which need not be compiled.
CUSTOM_LIBFUZZER_PATH=$(echo "$(clang -print-resource-dir)"/lib/linux/libclang_rt.fuzzer-*"$(uname -m)".a)
export CUSTOM_LIBFUZZER_PATH
shift
targets=("$@")
[ $# != 0 ] || for source in targets/*.rs; do targets+=("$(basename "$source" .rs)"); done

# Named, so that the flags are not for build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
build=$(realpath -m "${CARGO_TARGET_DIR:-../target}/fuzz")
coverage=(-Cpasses=sancov-module -Ccodegen-units=1)
for flag in level=4 inline-8bit-counters pc-table trace-compares; do
    coverage+=("-Cllvm-args=-sanitizer-coverage-$flag")
done
CARGO_TARGET_DIR=$build RUSTFLAGS="--cfg fuzzing ${coverage[*]}" \
    cargo build --profile "$profile" --quiet --target "$host"

mkdir -p findings "$build/logs"
status=0
pids=()
for target in "${targets[@]}"; do
    mkdir -p "$build/corpus/$target"
    "$build/$host/$profile/$target" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -max_len=65536 -artifact_prefix="findings/$target-" \
        "$build/corpus/$target" "corpus/$target" 2>"$build/logs/$target" &
    pids+=($!)
done
for number in "${!targets[@]}"; do
    target=${targets[$number]}
    if wait "${pids[$number]}"; then
        printf '  %-16s %s\n' "$target" "$(tail -n 1 "$build/logs/$target")"
    else
        status=1
        tail -n 40 "$build/logs/$target" >&2
        printf '  %-16s FAILED\n' "$target"
    fi
done
[ $status = 0 ] && echo "fuzz: no findings"
exit $status
