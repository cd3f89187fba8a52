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
repository=$work/repository
mkdir -p "$repository/bindings/python" "$directory"
cp -R pyproject.toml setup.py README.md LICENSE src "$repository/bindings/python/"
for entry in ../../*; do
    [ "$entry" = ../../bindings ] || ln -s "$(realpath "$entry")" "$repository/"
done
(cd "$repository/bindings/python" && "$python" -c \
    'import sys, setuptools.build_meta as backend; backend.build_sdist(sys.argv[1])' "$directory" \
    >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }
USERVOICE_LIBRARY=$library "$python" -m pip --disable-pip-version-check --quiet wheel \
    --no-build-isolation --no-deps --wheel-dir "$directory" "$directory"/uservoice-*.tar.gz
