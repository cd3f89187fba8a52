#!/usr/bin/env bash
# Builds the gem that requires an installed libuservoice, and the one for this platform that contains a library.
# Usage: bindings/ruby/package.sh LIBUSERVOICE.SO DIRECTORY
set -euo pipefail
library=$(realpath "$1")
directory=$(realpath -m "$2")
cd "$(dirname "$0")"
scripts=$(realpath ../../scripts)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# In a copy, because a gem contains only files below its gemspec.
cp -R .yardopts uservoice.gemspec README.md LICENSE lib sig "$work/"
mkdir -p "$directory"
cd "$work"
chmod -R go=rX,u+rw . # a gem has the modes of the files
version=$(ruby -r ./lib/uservoice/version -e 'print UserVoice::VERSION')
gem build --silent --strict --output "$directory/uservoice-$version.gem" uservoice.gemspec

# For each x86_64 or aarch64 Linux with the GNU C library, whatever the Ruby version.
platform=$(ruby -e 'print Gem::Platform.local.then { |local| "#{local.cpu}-#{local.os}" }')
strip --strip-debug -o lib/uservoice/native/libuservoice.so "$library"
chmod 755 lib/uservoice/native/libuservoice.so
"$scripts/crates" licences uservoice "$(rustc -vV | sed -n 's/^host: //p')" >THIRD-PARTY-LICENCES.txt
chmod 644 THIRD-PARTY-LICENCES.txt
USERVOICE_GEM_PLATFORM=$platform gem build --silent --strict \
    --output "$directory/uservoice-$version-$platform.gem" uservoice.gemspec
