#!/usr/bin/env bash
# Runs the client library that UserVoice published for Python, uservoice 0.0.25 from PyPI,
# against the sandbox: its own unit tests, and check.py. What the old client understands
# is what the sandbox has to speak.
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
echo "old Python client: its own tests and check.py passed against the sandbox"
