#!/usr/bin/env bash
# Installs uservoice 0.0.25 from PyPI where it is not yet, and prints the Python that has it.
set -euo pipefail
environment=$("$(dirname "$0")/../../scripts/python-environment" old-python-client uservoice==0.0.25)
echo "$environment/bin/python"
