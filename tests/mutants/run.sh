#!/usr/bin/env bash
# Changes source files in many ways, one at a time, and runs the tests. Fails if the tests pass with a change that
# survivors.txt does not explain.
# Usage: tests/mutants/run.sh [FILE...]
# Without arguments: the files below. MUTANTS_SECONDS (4 hours) bounds each of the two passes.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$PWD/target/mutants
results=$work/mutants.out
files=(
    src/auth/*.rs
    src/client/call.rs
    src/client/option_values.rs
    src/client/options.rs
    src/client/token_endpoint.rs
    src/collection/page.rs
    src/collection/sequence.rs
    src/encoding/base64.rs
    src/encoding/form.rs
    src/export/state.rs
    src/login/*.rs
    src/request/rate_limit.rs
    src/request/rate_limit/*.rs
    src/request/retry.rs
    src/request/retry_after.rs
    src/request/target.rs
    src/signon/*.rs
)
[ $# = 0 ] || files=("$@")
# A build directory of its own: the flags would rebuild the dependencies of other builds.
export CARGO_TARGET_DIR=$work/build CARGO_PROFILE_DEV_DEBUG=0
# The same random inputs for every mutant.
export PROPTEST_RNG_SEED=1
# Many tests only wait.
export RUST_TEST_THREADS=16

# Runs the mutants that no earlier pass noticed. --cargo-arg: cargo builds only the tests that it runs.
pass() {
    local status=0
    timeout "${MUTANTS_SECONDS:-14400}" scripts/cargo-mutants mutants --no-config --package uservoice \
        "${files[@]/#/--file=}" --minimum-test-timeout 60 --iterate --output "$work" \
        --cargo-arg=--locked "${@/#/--cargo-arg=}" || status=$?
    # 2: some were missed. 3: some made the tests hang, which is noticed too.
    [ $status = 0 ] || [ $status = 2 ] || [ $status = 3 ] || exit $status
}

mkdir -p "$work"
rm -rf "$results" "$results.old"
# The unit tests take a second and notice most mutants. The others take longer.
pass --lib
pass --lib --test=faults --test=export --test=header --test=secrets --test=single_sign_on
# Without positions, which change with every commit. A survivor is listed as often as it occurs.
sed -E 's/:[0-9]+:[0-9]+: /: /' "$results/missed.txt" | LC_ALL=C sort >"$work/survivors"
sed -E '/^#|^$/d; s/ # .*//' tests/mutants/survivors.txt | LC_ALL=C sort >"$work/explained"
unexplained=$(LC_ALL=C comm -23 "$work/survivors" "$work/explained")
if [ -n "$unexplained" ]; then
    printf 'No test notices, and tests/mutants/survivors.txt does not explain:\n%s\n' "$unexplained" >&2
    exit 1
fi
noticed=$(LC_ALL=C comm -13 "$work/survivors" "$work/explained")
if [ $# = 0 ] && [ -n "$noticed" ]; then
    printf 'A test notices now; remove from tests/mutants/survivors.txt:\n%s\n' "$noticed" >&2
    exit 1
fi
echo "mutants: $(wc -l <"$work/survivors") survive and are explained, all others are noticed"
