#!/usr/bin/env bash
# Compiles the C tests against the shared library and runs each under valgrind.
# Usage: tests/c/run.sh DIRECTORY-OF-THE-LIBRARY
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
../../scripts/install-tools gcc valgrind
build=$library/c-tests
mkdir -p "$build"
passed=0
for source in test_*.c; do
    program=$build/${source%.c}
    gcc -std=c11 -g -Wall -Wextra -Wpedantic -Werror "$source" -o "$program" \
        -L"$library" -luservoice -Wl,-rpath,"$library"
    # The shared library by its SONAME, as an installation has it.
    ln -sf libuservoice.so "$library/libuservoice.so.0"
    timeout 300 valgrind --quiet --error-exitcode=1 --leak-check=full \
        --show-leak-kinds=definite,indirect,possible "$program"
    passed=$((passed + 1))
done
echo "$passed passed, 0 failed"
