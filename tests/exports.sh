#!/usr/bin/env bash
# Checks that the shared library exports exactly the functions of the header, has its SONAME, and is marked NODELETE.
# Usage: tests/exports.sh LIBUSERVOICE.SO
set -euo pipefail
"$(dirname "$0")/../scripts/install-tools" nm readelf
library=$1
unexpected=$(nm -D --defined-only "$library" | awk '$3 !~ /^uservoice_/ {print $3}')
[ -z "$unexpected" ] || { echo "exports other symbols than uservoice_*: $unexpected" >&2; exit 1; }

header="$(dirname "$0")/../include/uservoice.h"
declared=$(grep -oE '\buservoice_[a-z0-9_]+\(' "$header" | tr -d '(' | sort -u)
exported=$(nm -D --defined-only "$library" | awk '{print $3}' | sort -u)
missing=$(comm -23 <(echo "$declared") <(echo "$exported"))
[ -z "$missing" ] || { echo "declared in the header but not exported: $missing" >&2; exit 1; }

dynamic=$(readelf -d "$library")
grep -q 'soname: \[libuservoice.so.0\]' <<<"$dynamic" || { echo "the SONAME is wrong" >&2; exit 1; }
grep -q 'NODELETE' <<<"$dynamic" || { echo "NODELETE is not set" >&2; exit 1; }
echo "exports: $(wc -l <<<"$exported") functions, SONAME and NODELETE are correct"
