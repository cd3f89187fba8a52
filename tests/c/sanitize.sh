#!/usr/bin/env bash
# Runs the C tests with AddressSanitizer and UndefinedBehaviorSanitizer against the ordinary
# library, to find double frees, uses after free and leaks.
# Usage: tests/c/sanitize.sh LIBRARY_DIRECTORY [SANDBOX]
set -euo pipefail
library=$(realpath "$1")
sandbox=$(realpath "${2:-$library/uservoice-sandbox}")
cd "$(dirname "$0")"
../../scripts/install-tools gcc
# shellcheck source=tests/c/sandbox.sh
. ./sandbox.sh
build=$library/c-sanitized
rm -rf "$build"
mkdir -p "$build"
ln -sf libuservoice.so "$library/libuservoice.so.0"

export USERVOICE_SANDBOX_RECORDS=611
start_sandbox "$sandbox" --records "$USERVOICE_SANDBOX_RECORDS"
# The sanitizer intercepts dlopen(), which then ignores the program's run path.
export LD_LIBRARY_PATH=$library
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
# The library is not optimized, and the sanitizer needs stack, too.
export USERVOICE_STACK_KIB=256
for source in test_*.c; do
    program=$build/${source%.c}
    gcc -std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
        "$source" -o "$program" \
        -L"$library" -Wl,--as-needed -luservoice -pthread -Wl,-rpath,"$library"
    timeout 120 "$program"
done
echo "sanitize: no errors"
