#!/usr/bin/env bash
# Builds the source archive, and from it a wheel that contains an existing library. PYTHON must have setuptools and cffi.
# With SOURCE_DATE_EPOCH, the same files give the same archives.
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
../../scripts/crates licences uservoice "$(rustc -vV | sed -n 's/^host: //p')" \
    >"$repository/bindings/python/THIRD-PARTY-LICENCES.txt"
for entry in ../../*; do
    [ "$entry" = ../../bindings ] || ln -s "$(realpath "$entry")" "$repository/"
done
(cd "$repository/bindings/python" && "$python" -c \
    'import sys, setuptools.build_meta as backend; backend.build_sdist(sys.argv[1])' "$work" \
    >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }
# setuptools writes the time and the modes of the files, also into the wheel.
umask 022
archive=$(basename "$work"/uservoice-*.tar.gz)
tar -C "$work" -xf "$work/$archive"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw \
    --mtime="@${SOURCE_DATE_EPOCH:-$(date +%s)}" -cf - "${archive%.tar.gz}" | gzip -n >"$directory/$archive"
USERVOICE_LIBRARY=$library "$python" -m pip --disable-pip-version-check --quiet wheel \
    --no-build-isolation --no-deps --wheel-dir "$directory" "$directory"/uservoice-*.tar.gz
