#!/usr/bin/env bash
# Injects failures for a few minutes: tests/torture at every point, forks under load, and exports that are
# killed. Prints what was injected.
set -euo pipefail
cd "$(dirname "$0")/../.."
export USERVOICE_TORTURE=1
cargo test --locked --quiet -p uservoice --test torture
cargo test --locked --quiet -p uservoice --test fork
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for _ in {1..8}; do
    cargo test --locked --quiet -p uservoice --test export -- kills:: --nocapture >>"$log" || {
        cat "$log" >&2
        exit 1
    }
done
awk '/^export: [0-9]+ kills$/ { kills += $2 }
    END { printf "torture: exports killed: %d times, no record was lost or written twice\n", kills; exit !kills }' "$log"
