#!/usr/bin/env bash
# Runs the C example three_legged_login, and the pages of the sandbox, in Debian's Chromium in headless mode.
# Usage: tests/browser/run.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" gcc pkg-config libmicrohttpd
sandbox=$library/uservoice-sandbox
[ -x "$sandbox" ] || { echo "there is no $sandbox: run make build" >&2; exit 1; }

# shellcheck source=tests/browser/selenium.sh
. ./selenium.sh
application=$library/three_legged_login
ln -sf libuservoice.so "$library/libuservoice.so.0"
gcc -std=c99 "-I$root/include" "$root"/examples/c/{three_legged_login,server,site}.c -o "$application" \
    -L"$library" -luservoice -lmicrohttpd -pthread "-Wl,-rpath,$library"
"$python" three_legged.py "$sandbox" "$application"
"$python" sandbox.py "$sandbox"
