#!/usr/bin/env bash
# Runs the unit tests from the source archive of PyPI's uservoice 0.0.25 against
# USERVOICE_SANDBOX_URL. They test the package "uservoice" that the given Python imports.
# Usage: own_tests.sh PYTHON
set -euo pipefail
python=$(realpath --no-symlinks "$(command -v "$1")")
cd "$(dirname "$0")"
here=$PWD
work=$(realpath -m ../../target/old-python-client-tests)
archive=$work/uservoice-0.0.25.tar.gz
if ! [ -e "$archive" ]; then
    mkdir -p "$work"
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --dest "$work" uservoice==0.0.25
fi
# Extract only the tests, because they would import the old package beside them.
run=$(mktemp -d "$work/run.XXXXXX")
trap 'rm -rf "$run"' EXIT
tar -xzf "$archive" -C "$run" --strip-components=1 uservoice-0.0.25/test
cd "$run"

# The old client's URL is PROTOCOL://SUBDOMAIN.DOMAIN, so the sandbox's host 127.0.0.1 is split
# into a subdomain and a domain.
configure() {
    cat >test/config.yml <<YAML
subdomain_name: $1
uservoice_domain: "1:${USERVOICE_SANDBOX_URL##*:}"
protocol: http
api_key: $USERVOICE_SANDBOX_API_KEY
api_secret: $USERVOICE_SANDBOX_API_SECRET
sso_key: $USERVOICE_SANDBOX_SSO_KEY
YAML
}
configure 127.0.0
"$python" "$here/old_dependencies.py" test.test_client test.test_collection
# These tests send no request, and the subdomain of a token must not contain a dot.
configure sandbox
"$python" "$here/old_dependencies.py" test.test_sso
