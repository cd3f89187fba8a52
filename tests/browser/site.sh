#!/usr/bin/env bash
# Checks the documentation site in Chromium with the screen of a phone.
# Usage: tests/browser/site.sh DIRECTORY-OF-THE-SITE
set -euo pipefail
site=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
# shellcheck source=tests/browser/selenium.sh
. ./selenium.sh
"$python" site.py "$site"
