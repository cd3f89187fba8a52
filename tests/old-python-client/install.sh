#!/usr/bin/env bash
# Installs uservoice 0.0.25 from PyPI if necessary, and prints the path of the Python that has it.
set -euo pipefail
environment=$("$(dirname "$0")/../../scripts/python-environment" old-python-client uservoice==0.0.25)
echo "$environment/bin/python"
