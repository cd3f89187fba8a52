#!/usr/bin/env bash
# Installs uservoice 0.0.25 from PyPI where it is not yet, and prints the Python that has it.
set -euo pipefail
cd "$(dirname "$0")"
../../scripts/install-tools python3-venv
tools=$(realpath -m ../../target/old-python-client)
if ! [ -e "$tools/installed" ]; then
    echo "Installing uservoice 0.0.25 into $tools" >&2
    python3 -m venv --clear "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check uservoice==0.0.25
    touch "$tools/installed"
fi
echo "$tools/bin/python"
