#!/usr/bin/env bash
# Lints and tests the Ruby binding and the examples in Ruby, against the sandbox.
# Usage: bindings/ruby/test.sh DIRECTORY
# DIRECTORY contains libuservoice.so and uservoice-sandbox.
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" ruby ruby-activesupport ruby-ffi ruby-minitest ruby-webrick yard gcc pkg-config
work=$root/target/ruby-tests
mkdir -p "$work"

unset "${!USERVOICE_@}"
export LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export USERVOICE_SANDBOX=$library/uservoice-sandbox

# Warnings are errors.
for file in uservoice.gemspec lib/*.rb lib/uservoice/*.rb lib/uservoice/*/*.rb test/*.rb "$root"/examples/ruby/*.rb; do
    warnings=$(ruby -wc "$file" 2>&1 | grep -v '^Syntax OK$' || true)
    [ -z "$warnings" ] || { echo "$warnings" >&2; exit 1; }
done

documentation=$(yard doc --no-save --db "$work/yardoc" --output-dir "$work/doc" 2>&1)
if grep -q '\[warn\]\|\[error\]' <<<"$documentation" || ! grep -q '100.00% documented' <<<"$documentation"; then
    echo "$documentation" >&2
    exit 1
fi

# Validates the signatures with the rbs that is bundled with Ruby.
ruby -W0 -e 'require "rbs"; require "rbs/cli"; RBS::CLI.new(stdout: $stdout, stderr: $stderr).run(ARGV)' -- \
    -r pathname -r date -I sig validate --silent

# Builds the gem and tests its unpacked files, so that a file missing from it is noticed.
rm -rf "$work/gem"
gem build --silent --strict --output "$work/uservoice.gem" uservoice.gemspec
gem unpack --silent --target "$work/gem" "$work/uservoice.gem"

timeout 500 ruby -w -I "$work/gem/uservoice/lib" -I test \
    -e 'Dir.glob("test/test_*.rb", sort: true) { |file| require File.expand_path(file) }' \
    >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
if grep -q 'warning:' "$work/log"; then
    grep 'warning:' "$work/log" >&2
    exit 1
fi
echo "Ruby: lints, documentation, gem and $(grep -o '^[0-9]* runs, [0-9]* assertions' "$work/log") passed"
