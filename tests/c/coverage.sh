#!/usr/bin/env bash
# Each function of the header is used by test_arguments, which gives it bad
# arguments, and by another test, which uses it for what it is for.
# Usage: tests/c/coverage.sh DIRECTORY-OF-THE-PROGRAMS
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
echo "coverage: $(wc -l <<<"$declared") functions are called, with bad arguments and with good ones"
