#!/usr/bin/env bash
# Checks that a release build needs no more stack than the header says, over TLS. An unoptimized build, which the C
# tests use, needs more.
# Usage: tests/consumer/stack.sh LIBDIR SANDBOX WORK_DIRECTORY
set -euo pipefail
library=$1 sandbox=$2 work=$3
cd "$(dirname "$0")/../c"
# shellcheck source=tests/c/sandbox.sh
. ./sandbox.sh
gcc -std=c11 -D_GNU_SOURCE test_stack.c -o "$work/stack" -L"$library" -luservoice -pthread -Wl,-rpath,"$library"
start_sandbox "$sandbox" --tls
USERVOICE_SANDBOX_CA_FILE=$(sandbox_field ca_file) "$work/stack"
