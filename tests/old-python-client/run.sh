#!/usr/bin/env bash
# Runs the client library that UserVoice published for Python, uservoice 0.0.25 from PyPI,
# against the sandbox: its own unit tests, and check.py. What the old client understands
# is what the sandbox has to speak.
# Usage: tests/old-python-client/run.sh DIRECTORY-OF-THE-SANDBOX
set -euo pipefail
sandbox=$(realpath "$1")/uservoice-sandbox
cd "$(dirname "$0")"
../../scripts/install-tools python3-venv
tools=$(realpath -m ../../target/old-python-client)
if ! [ -e "$tools/installed" ]; then
    echo "Installing uservoice 0.0.25 into $tools" >&2
    python3 -m venv --clear "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check uservoice==0.0.25
    touch "$tools/installed"
fi
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
start_sandbox "$sandbox"
./own_tests.sh "$tools/bin/python"
"$tools/bin/python" check.py
echo "old Python client: its own tests and check.py passed against the sandbox"
