#!/usr/bin/env bash
# Loads the library and a copy of it with the next SONAME into one process, as two shared libraries of a program may
# that were linked with different major versions. Each must keep to its own.
# Usage: tests/two_libraries/run.sh LIBRARY_DIRECTORY
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
../../scripts/install-tools gcc
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
work=$(mktemp -d)
trap 'kill "${sandbox_pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
ln -s "$library/libuservoice.so" "$work/libuservoice.so.0"
./relabel.py "$work/libuservoice.so.0" "$work/libuservoice.so.1"

# compile OUTPUT [OPTION...]
compile() { gcc -std=c11 -D_GNU_SOURCE -g -Wall -Wextra -Wpedantic -Werror "${@:2}" -o "$1" -pthread; }
compile "$work/libsecond.so" -DLIBRARY=second -fPIC -shared use.c "$work/libuservoice.so.1" -Wl,-rpath,"$work"
compile "$work/main" -DLIBRARY=first main.c use.c "$work/libuservoice.so.0" -Wl,-rpath,"$work"
start_sandbox "$library/uservoice-sandbox"
"$work/main" "$work/libsecond.so"
