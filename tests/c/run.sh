#!/usr/bin/env bash
# Compiles the C tests against the shared library and runs them against the sandbox, under
# valgrind.
# Usage: tests/c/run.sh LIBRARY_DIRECTORY [SANDBOX]
set -euo pipefail
library=$(realpath "$1")
sandbox=$(realpath "${2:-$library/uservoice-sandbox}")
cd "$(dirname "$0")"
../../scripts/install-tools gcc valgrind curl
# shellcheck source=tests/c/sandbox.sh
. ./sandbox.sh
build=$library/c-tests
rm -rf "$build"
mkdir -p "$build"
compilers=(gcc)
command -v clang >/dev/null && compilers+=(clang)
# Links the SONAME to the shared library, as an installation does.
ln -sf libuservoice.so "$library/libuservoice.so.0"
for source in test_*.c; do
    for compiler in "${compilers[@]}"; do
        # --as-needed: test_dlopen loads the library at run time and must not be linked with it.
        "$compiler" -std=c11 -D_GNU_SOURCE -g -Wall -Wextra -Wpedantic -Werror "$source" \
            -o "$build/$compiler-${source%.c}" \
            -L"$library" -Wl,--as-needed -luservoice -pthread -Wl,-rpath,"$library"
    done
done
./coverage.sh "$build"

# Generated from the header, so that no function and no argument is left out.
python3 every_argument.py ../../include/uservoice.h >"$build/every_argument.c"
gcc -std=c11 -D_GNU_SOURCE -g -Wall -Wextra -Wpedantic -Werror -I. "$build/every_argument.c" \
    -o "$build/gcc-every_argument" -L"$library" -luservoice -pthread -Wl,-rpath,"$library"

# Several pages; the last one has one record.
export USERVOICE_SANDBOX_RECORDS=611
start_sandbox "$sandbox" --records "$USERVOICE_SANDBOX_RECORDS"
# The library is not optimized.
export USERVOICE_STACK_KIB=192
passed=0
for program in "$build"/gcc-test_* "$build/gcc-every_argument"; do
    timeout 300 valgrind --quiet --error-exitcode=1 --leak-check=full \
        --show-leak-kinds=definite,indirect,possible "$program"
    passed=$((passed + 1))
done

# Not under valgrind, whose own memory would count.
python3 -B huge_arguments.py ../../include/uservoice.h >"$build/huge_arguments.c"
gcc -std=c11 -D_GNU_SOURCE -g -Wall -Wextra -Wpedantic -Werror -I. "$build/huge_arguments.c" \
    -o "$build/gcc-huge_arguments" -L"$library" -luservoice -pthread -Wl,-rpath,"$library"
"$build/gcc-huge_arguments"
passed=$((passed + 1))
echo "$passed passed, 0 failed"
