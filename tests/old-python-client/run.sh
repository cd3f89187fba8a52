#!/usr/bin/env bash
# Tests the sandbox with uservoice 0.0.25 from PyPI, the client library that UserVoice published
# for Python: runs the library's unit tests and check.py against it.
# Usage: tests/old-python-client/run.sh DIRECTORY-OF-THE-SANDBOX
set -euo pipefail
sandbox=$(realpath "$1")/uservoice-sandbox
cd "$(dirname "$0")"
python=$(./install.sh)
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
start_sandbox "$sandbox"
./own_tests.sh "$python"
"$python" check.py
echo "old Python client: its unit tests and check.py passed against the sandbox"
