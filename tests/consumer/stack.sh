#!/usr/bin/env bash
# Checks that a release build needs no more stack than the header says, over TLS, and through a proxy that is reached by
# https. An unoptimized build, which the C tests use, needs more.
# Usage: tests/consumer/stack.sh LIBDIR SANDBOX WORK_DIRECTORY
set -euo pipefail
library=$1 sandbox=$2 work=$3
here=$(realpath "$(dirname "$0")")
"$here/../../scripts/install-tools" openssl
cd "$here/../c"
# shellcheck source=tests/c/sandbox.sh
. ./sandbox.sh
gcc -std=c11 -D_GNU_SOURCE test_stack.c -o "$work/stack" -L"$library" -luservoice -pthread -Wl,-rpath,"$library"
start_sandbox "$sandbox" --tls
ca_file=$(sandbox_field ca_file)
USERVOICE_SANDBOX_CA_FILE=$ca_file "$work/stack"

# Two RSA certificates: of the authority and of the proxy.
new_certificate() { openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" "${@:2}" 2>/dev/null; }
new_certificate authority -keyout "$work/authority.key" -out "$work/authority.pem"
new_certificate proxy -CA "$work/authority.pem" -CAkey "$work/authority.key" -keyout "$work/proxy.key" \
    -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE -out "$work/proxy.pem"
cat "$ca_file" "$work/authority.pem" >"$work/both.pem"
exec 8< <(exec python3 "$here/https_proxy.py" "$work/proxy.pem" "$work/proxy.key" </dev/null)
sandbox_pids+=($!)
read -r proxy <&8
USERVOICE_SANDBOX_CA_FILE=$work/both.pem USERVOICE_HTTPS_PROXY=$proxy "$work/stack"
