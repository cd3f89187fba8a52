#!/usr/bin/env bash
# Runs the tests of the package with other versions of Python, each in an environment of its own.
# Usage: bindings/python/test_versions.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX PYTHON...
set -euo pipefail
built=$(realpath "$1")
cd "$(dirname "$0")"
work=$(realpath -m ../../target/python-versions)
mkdir -p "$work"
packager=$(../../scripts/python-environment package 'setuptools>=77' cffi)/bin/python
strip --strip-debug -o "$work/libuservoice.so" "$built/libuservoice.so"
rm -rf "$work/dist"
./package.sh "$packager" "$work/libuservoice.so" "$work/dist"

# shellcheck source=tests/c/sandbox.sh
. ../../tests/c/sandbox.sh
export USERVOICE_SANDBOX_PROGRAM=$built/uservoice-sandbox
start_sandbox "$USERVOICE_SANDBOX_PROGRAM"
export USERVOICE_SANDBOX_PASSWORD=$(sandbox_field password)
cd tests
for interpreter in "${@:2}"; do
    version=$("$interpreter" -c 'import sys; print(sys.version.split()[0])')
    python=$work/$version/bin/python
    "$interpreter" -m venv --clear "$work/$version"
    "$python" -m pip --disable-pip-version-check --quiet install PyYAML oauthlib PyJWT cryptography "$work"/dist/*.whl
    "$python" -W error::ResourceWarning -m unittest discover --quiet --pattern 'test_[!m]*.py' \
        >"$work/$version.log" 2>&1 || { cat "$work/$version.log" >&2; exit 1; }
    echo "Python $version: $(grep '^Ran ' "$work/$version.log")"
done
