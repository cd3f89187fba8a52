#!/usr/bin/env bash
# Builds a wheel that contains an existing library, checks types and style, and runs the tests
# of this package, of the old module and of the examples against the sandbox.
# Usage: bindings/python/test.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX
set -euo pipefail
built=$(realpath "$1")
cd "$(dirname "$0")"
../../scripts/install-tools gcc curl
work=$(realpath -m ../../target/python)
mkdir -p "$work"
bin=$(../../scripts/python-environment python 'setuptools>=77' cffi mypy 'pyright[nodejs]' ruff vermin PyYAML \
    oauthlib PyJWT cryptography)/bin
python=$bin/python
pip=("$python" -m pip --disable-pip-version-check --quiet)

rm -rf "$work/dist"
# Debug information would make packing and unpacking the wheel slow.
strip --strip-debug -o "$work/libuservoice.so" "$built/libuservoice.so"
./package.sh "$python" "$work/libuservoice.so" "$work/dist"
"${pip[@]}" install --no-deps --force-reinstall "$work"/dist/uservoice-*-py3-none-*.whl

# The source archive must contain everything that cargo requires. Optimizing would take minutes.
rm -rf "$work/from-source"
CARGO_TARGET_DIR=$work/cargo CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    "${pip[@]}" install --no-build-isolation --no-deps --target "$work/from-source" \
    "$work"/dist/uservoice-*.tar.gz
PYTHONPATH=$work/from-source "$python" -c \
    "import sys, uservoice; sys.exit(not uservoice.__file__.startswith('$work/from-source/'))"

"$bin/ruff" check --quiet --config pyproject.toml \
    --target-version py39 . ../../examples/python ../../tests/old-python-client
"$bin/vermin" --quiet --no-tips --target=3.9- --violations src ../../examples/python
"$bin/mypy" --cache-dir=/dev/null --strict --no-error-summary src
"$bin/mypy" --cache-dir=/dev/null --strict --no-error-summary tests/typed_program.py
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
PYTHONPATH=$packages "$bin/pyright" --ignoreexternal --verifytypes uservoice >"$work/types.log" ||
    { cat "$work/types.log" >&2; exit 1; }

# shellcheck source=tests/c/sandbox.sh
. ../../tests/c/sandbox.sh
cd tests
export USERVOICE_SANDBOX_PROGRAM=$built/uservoice-sandbox
# The leak tests take long, so they run in the background, with another sandbox.
start_sandbox "$USERVOICE_SANDBOX_PROGRAM"
export USERVOICE_SANDBOX_PASSWORD=$(sandbox_field password)
"$python" -m unittest --quiet test_memory >"$work/memory.log" 2>&1 &
memory=$!
start_sandbox "$USERVOICE_SANDBOX_PROGRAM"
../../../tests/old-python-client/own_tests.sh "$python"
"$python" -W error::ResourceWarning -m unittest discover --quiet --pattern 'test_[!m]*.py'
wait "$memory" || { cat "$work/memory.log" >&2; exit 1; }
echo "Python: types, style, leaks and the tests of the package, the old module and the examples passed"
