#!/usr/bin/env bash
# Builds the source archive, and from it a wheel that contains an existing library. PYTHON
# must have setuptools and cffi.
# Usage: bindings/python/package.sh PYTHON LIBUSERVOICE.SO DIRECTORY
set -euo pipefail
python=$1
library=$(realpath "$2")
directory=$(realpath -m "$3")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Build in a copy, because setuptools writes into the source directory.
copy=$work/repository
mkdir -p "$copy/bindings/python" "$copy/tests" "$work/dist"
(cd ../.. && cp -R Cargo.toml Cargo.lock build.rs rust-toolchain.toml LICENSE README.md include src \
    sandbox soak "$copy/" && cp tests/fork.rs "$copy/tests/")
cp -R pyproject.toml setup.py README.md LICENSE src "$copy/bindings/python/"
(cd "$copy/bindings/python" && "$python" -c \
    'import sys, setuptools.build_meta as backend; backend.build_sdist(sys.argv[1])' "$work/dist" \
    >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }

# The archive must contain everything that cargo requires.
mkdir "$work/unpacked"
tar -xzf "$work"/dist/uservoice-*.tar.gz --strip-components=1 -C "$work/unpacked"
cargo metadata --manifest-path "$work/unpacked/libuservoice/Cargo.toml" --format-version 1 \
    --locked --no-deps >/dev/null
USERVOICE_LIBRARY=$library "$python" -m pip --disable-pip-version-check --quiet wheel \
    --no-build-isolation --no-deps --wheel-dir "$work/dist" "$work/unpacked"
mkdir -p "$directory"
cp "$work"/dist/* "$directory"
