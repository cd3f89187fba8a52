#!/usr/bin/env bash
# A program that nobody here wrote, the Singer tap of PyPI's tap-uservoice, reads the
# sandbox's Admin API; our export of the same lists gives the same records.
# Usage: tests/tap-uservoice/run.sh DIRECTORY-OF-THE-LIBRARY
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
../../scripts/install-tools gcc python3-venv curl
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
work=$(realpath -m ../../target/tap-uservoice)
mkdir -p "$work"
if ! [ -e "$work/venv/installed" ]; then
    echo "Installing tap-uservoice into $work" >&2
    rm -rf "$work/venv"
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check tap-uservoice==1.0.4 \
        pytz setuptools==80.9.0
    touch "$work/venv/installed"
fi
ln -sf libuservoice.so "$library/libuservoice.so.0"
gcc -std=c99 -I../../include ../../examples/c/export.c ../../examples/c/site.c -o "$work/export" \
    -L"$library" -luservoice -pthread -Wl,-rpath,"$library"

start_sandbox "$library/uservoice-sandbox" --tls --tls-name sandbox.uservoice.com
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL
USERVOICE_CA_FILE=$(sandbox_field ca_file)
export USERVOICE_CA_FILE
for stream in suggestions users forums; do
    "$work/export" "/api/v2/admin/$stream" >"$work/$stream.jsonl"
done
"$work/venv/bin/python" check.py "$work"
