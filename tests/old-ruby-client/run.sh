#!/usr/bin/env bash
# Tests our gem, and the sandbox, with what programs for the gem uservoice-ruby 0.0.12 rely on: behaviors.rb runs with our
# gem, and where RubyGems responds also with that gem, whose own specifications then run with both.
# Usage: tests/old-ruby-client/run.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" ruby ruby-ffi ruby-minitest curl
work=$root/target/old-ruby-client
mkdir -p "$work"
export LD_LIBRARY_PATH=$library
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
ours=(-I "$root/bindings/ruby/lib")

# behaviors LIBRARY-OPTIONS...: with a sandbox of their own, because they change its records.
behaviors() {
    start_sandbox "$library/uservoice-sandbox"
    ruby "$@" behaviors.rb >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

# specifications OPTIONS...: runs those of the old gem, also with a sandbox of their own.
specifications() {
    start_sandbox "$library/uservoice-sandbox"
    cat >"$old/spec/config.yml" <<YAML
subdomain_name: sandbox
api_key: sandbox-trusted-key
api_secret: sandbox-trusted-secret
sso_key: sandbox-sso-key
uservoice_domain: localhost:${USERVOICE_SANDBOX_URL##*:}
protocol: http
YAML
    (cd "$old" && rspec --no-color -I "$compatibility" -I spec -r rspec_2 -r localhost -r ezcrypto -r base64 -r cgi "$@" spec) \
        >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

behaviors "${ours[@]}"
compatibility=$PWD/compatibility
old=$work/uservoice-ruby-0.0.12
if ! [ -d "$old" ] && ! (cd "$work" && gem fetch uservoice-ruby --version 0.0.12 && gem unpack uservoice-ruby-0.0.12.gem) \
    >"$work/fetch.log" 2>&1; then
    echo "old Ruby client: its behaviors hold with our gem; RubyGems does not respond, so the gem itself was not tried"
    exit
fi
"$root/scripts/install-tools" ruby-oauth rspec
theirs=(-I "$compatibility" -r localhost -I "$old/lib")
behaviors "${theirs[@]}"
specifications -I "$old/lib"
specifications "${ours[@]}"
echo "old Ruby client: its behaviors and specifications hold with the old gem and with ours"
