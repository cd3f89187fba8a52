#!/usr/bin/env bash
# Runs the unit tests of PyPI's uservoice 0.0.25, as its source archive has them, with
# whatever `uservoice` the given Python imports, against USERVOICE_SANDBOX_URL.
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
# Only the tests: beside them lies the old package itself, which they would import.
run=$(mktemp -d "$work/run.XXXXXX")
trap 'rm -rf "$run"' EXIT
tar -xzf "$archive" -C "$run" --strip-components=1 uservoice-0.0.25/test
cd "$run"

# What stands before ":PORT" of http://127.0.0.1:PORT is one host name in three parts:
# the old client puts its URL together as PROTOCOL://SUBDOMAIN.DOMAIN.
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
"$python" "$here/as_it_was.py" test.test_client test.test_collection
# These send nothing; a token is made for a site's name, which has no dots.
configure sandbox
"$python" "$here/as_it_was.py" test.test_sso
