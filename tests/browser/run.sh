#!/usr/bin/env bash
# Runs the Go example three_legged, and the pages of the sandbox, in Debian's Chromium in headless mode.
# Usage: tests/browser/run.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" gcc pkg-config
sandbox=$library/uservoice-sandbox
[ -x "$sandbox" ] || { echo "there is no $sandbox: run make build" >&2; exit 1; }

# shellcheck source=tests/browser/selenium.sh
. ./selenium.sh
# shellcheck source=tests/go/environment.sh
. "$root/tests/go/environment.sh"
application=$root/target/go/three_legged
(cd "$root/examples/go" && go build -o "$application" ./three_legged)
"$python" three_legged.py "$sandbox" "$application"
"$python" sandbox.py "$sandbox"
