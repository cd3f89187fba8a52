#!/usr/bin/env bash
# Checks that uservoice.hpp covers every function, status and option of uservoice.h, and that it
# does not compile with the header of another version.
set -euo pipefail
cd "$(dirname "$0")/../.."
header=include/uservoice.h
wrapper=include/uservoice.hpp
work=target/cpp-tests
mkdir -p "$work"

# all_in KIND NAMES MINIMUM: checks that each name occurs in the wrapper, and prints how many.
all_in() {
    local name found=0
    for name in $2; do
        found=$((found + 1))
        grep -qE "(^|[^A-Za-z0-9_])$name([^A-Za-z0-9_]|\$)" "$wrapper" \
            || { echo "$wrapper lacks the $1 $name" >&2; exit 1; }
    done
    [ "$found" -ge "$3" ] || { echo "only $found names found for: $1" >&2; exit 1; }
    echo "$found"
}
# uservoice_client_take_log is for languages that cannot be called back.
functions=$(all_in function "$(grep -E '^[a-z].*\buservoice_[a-z0-9_]+\(' "$header" \
    | grep -oE '\buservoice_[a-z0-9_]+\(' | tr -d '(' | grep -vx uservoice_client_take_log | sort -u)" 60)
statuses=$(all_in status "$(sed -n 's/^#define \(USERVOICE_[A-Z_]*\) [0-9]*$/\1/p' "$header" \
    | grep -v VERSION)" 19)
options=$(all_in option "$(sed -n 's/^ \* | \([a-z_]*\) *| .* | .*$/"\1"/p' "$header" \
    | grep -v '"key"')" 17)

mkdir -p "$work/newer"
sed 's/VERSION_MINOR .*/VERSION_MINOR 2/' "$header" >"$work/newer/uservoice.h"
cp "$wrapper" "$work/newer"
if g++ -std=c++17 -fsyntax-only -x c++ "$work/newer/uservoice.hpp" 2>"$work/newer/errors"; then
    echo "the header of another version is accepted" >&2
    exit 1
fi
grep -q "uservoice.hpp of libuservoice 0.1 does not match uservoice.h" "$work/newer/errors"
echo "uservoice.hpp: covers $functions functions, $statuses constants and $options options"
