#!/usr/bin/env bash
# Compiles the header alone, pedantically, in each language that includes it.
set -euo pipefail
"$(dirname "$0")/../../scripts/install-tools" gcc g++
header="$(dirname "$0")/../../include/uservoice.h"
flags=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only)
for standard in c89 c99 c11 c17 c2x; do
    gcc -x c -std=$standard "${flags[@]}" "$header"
done
for standard in c++11 c++14 c++17 c++20 c++23; do
    g++ -x c++ -std=$standard "${flags[@]}" "$header"
done
if [ "$(wc -l <"$header")" -gt 850 ]; then
    echo "$header has more than 850 lines: move tables and examples to docs/" >&2
    exit 1
fi
echo "header: compiles alone as C89 to C23 and C++11 to C++23"
