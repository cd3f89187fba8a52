#!/usr/bin/env bash
# Checks docs/reference/api/openapi.json: that it is valid, and, with schemathesis, that the sandbox responds to
# generated requests as it says. The requests are the same in each run. Needs PyPI, unless an earlier run has
# installed the programs.
# Usage: tests/api/run.sh DIRECTORY-OF-THE-SANDBOX
set -euo pipefail
sandbox=$(realpath "$1")/uservoice-sandbox
cd "$(dirname "$0")"
root=$(realpath ../..)
python=$("$root/scripts/python-environment" api openapi-spec-validator==0.9.0 schemathesis==4.32.5)
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
openapi=$root/docs/reference/api/openapi.json
"$python/bin/openapi-spec-validator" "$openapi"

start_sandbox "$sandbox" --records 60
token=$(curl --silent --fail "$USERVOICE_SANDBOX_URL/api/v2/oauth/token" --data grant_type=client_credentials \
    --data "client_id=$(sandbox_field api_key)" --data "client_secret=$(sandbox_field api_secret)" |
    sed -E 's/.*"access_token":"([^"]*)".*/\1/')
log=$root/target/api.log
export HYPOTHESIS_STORAGE_DIRECTORY=$root/target/hypothesis
"$python/bin/schemathesis" --config-file schemathesis.toml run "$openapi" --url "$USERVOICE_SANDBOX_URL" \
    --header "Authorization: Bearer $token" --seed 1 --no-color >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
sed -n '/SUMMARY/,$p' "$log" | grep -E "Tested:|generated"
