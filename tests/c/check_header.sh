#!/usr/bin/env bash
# Checks that the header compiles alone and without warnings in C and C++.
set -euo pipefail
"$(dirname "$0")/../../scripts/install-tools" gcc g++
header="$(dirname "$0")/../../include/uservoice.h"
flags=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only)
for standard in c99 c11 c17 c2x; do
    gcc -x c -std=$standard "${flags[@]}" "$header"
done
for standard in c++11 c++14 c++17 c++20 c++2b; do
    g++ -x c++ -std=$standard "${flags[@]}" "$header"
done
echo "header: compiles alone as C99 to C23 and C++11 to C++23"
