#!/usr/bin/env bash
# Runs all fuzz targets, or the named ones, in parallel, starting from fuzz/corpus. Findings are written to fuzz/findings,
# new inputs to target/fuzz/corpus. Stable Rust is enough: the flags are those of cargo-fuzz, which can run the same
# targets with a sanitizer.
# Usage: fuzz/run.sh SECONDS [TARGET...]
set -euo pipefail
cd "$(dirname "$0")"
../scripts/install-tools g++ clang-sanitizers
seconds=$1
# In a short run, the build takes longest.
profile=release
[ "$seconds" -ge 60 ] || profile=quick
# Uses Clang's libFuzzer instead of compiling it.
CUSTOM_LIBFUZZER_PATH=$(echo "$(clang -print-resource-dir)"/lib/linux/libclang_rt.fuzzer-*"$(uname -m)".a)
export CUSTOM_LIBFUZZER_PATH
shift
targets=("$@")
[ $# != 0 ] || for source in targets/*.rs; do targets+=("$(basename "$source" .rs)"); done

# An explicit target, so that the flags do not apply to build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
build=$(realpath -m "${CARGO_TARGET_DIR:-../target}/fuzz")
coverage=(-Cpasses=sancov-module -Ccodegen-units=1)
for flag in level=4 inline-8bit-counters pc-table trace-compares; do
    coverage+=("-Cllvm-args=-sanitizer-coverage-$flag")
done
CARGO_TARGET_DIR=$build RUSTFLAGS="--cfg fuzzing ${coverage[*]}" \
    cargo build --locked --profile "$profile" --quiet --target "$host"

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
