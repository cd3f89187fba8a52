#!/usr/bin/env bash
# Injects failures for a few minutes: tests/torture at every point, forks under load, and exports that are
# killed, for TORTURE_KILL_SECONDS (60). Prints what was injected. A part takes a minute or two; one that hangs fails
# after half an hour, which a busy machine does not need.
set -euo pipefail
cd "$(dirname "$0")/../.."
export USERVOICE_TORTURE=1
run_test() { timeout --kill-after=10 1800 cargo test --locked --quiet -p uservoice --test "$@"; }
cargo test --locked --quiet -p uservoice --no-run
run_test torture
run_test fork
log=$(mktemp)
trap 'rm -f "$log"' EXIT
end=$((SECONDS + ${TORTURE_KILL_SECONDS:-60}))
while ((SECONDS < end)); do
    run_test export -- kills:: --nocapture >>"$log" || {
        cat "$log" >&2
        exit 1
    }
done
awk '/^export: [0-9]+ kills$/ { kills += $2 }
    END { printf "torture: exports killed: %d times, no record was lost or written twice\n", kills; exit !kills }' "$log"
