#!/usr/bin/env bash
# Checks that every function of the header is called by test_arguments (invalid arguments)
# and by at least one other test (normal use).
# Usage: tests/c/coverage.sh TEST_PROGRAM_DIRECTORY
set -euo pipefail
"$(dirname "$0")/../../scripts/install-tools" nm
header="$(dirname "$0")/../../include/uservoice.h"
used_by() {
    nm --undefined-only "$@" | grep -oE '\buservoice_[a-z0-9_]+' | sort -u
}
declared=$(grep -E '^[a-z].*\buservoice_[a-z0-9_]+\(' "$header" \
    | grep -oE '\buservoice_[a-z0-9_]+\(' | tr -d '(' | sort -u)
others=()
for program in "$1"/gcc-test_*; do
    [[ $program == */gcc-test_arguments ]] || others+=("$program")
done
for tests in "$1/gcc-test_arguments" "${others[*]}"; do
    # shellcheck disable=SC2086 # several programs
    missing=$(comm -23 <(echo "$declared") <(used_by $tests))
    [ -z "$missing" ] || { echo "not called in ${tests//"$1/gcc-"/}:"; echo "$missing"; exit 1; } >&2
done
echo "coverage: all $(wc -l <<<"$declared") functions are called with valid and with invalid arguments"
