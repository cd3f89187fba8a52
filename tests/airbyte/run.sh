#!/usr/bin/env bash
# Compares collections with an independent client, the engine of Airbyte's connectors (PyPI's airbyte-cdk): both must read
# the same records of every list from the sandbox's Admin API. Uses the wheel that the tests of the Python package have
# built.
# Usage: tests/airbyte/run.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
work=$root/target/airbyte
mkdir -p "$work"
airbyte=$("$root/scripts/python-environment" airbyte airbyte-cdk==7.39.1)
python=$root/target/tools/python/bin/python
"$python" -c 'import uservoice' 2>/dev/null || "$root/bindings/python/test.sh" "$library"
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
start_sandbox "$library/uservoice-sandbox"
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL
"$python" check.py "$work" "$airbyte/bin/source-declarative-manifest"
