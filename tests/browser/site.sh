#!/usr/bin/env bash
# Looks at the documentation's site in Chromium as on a phone.
# Usage: tests/browser/site.sh DIRECTORY-OF-THE-SITE
set -euo pipefail
site=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
# shellcheck source=tests/browser/selenium.sh
. ./selenium.sh
"$python" site.py "$site"
