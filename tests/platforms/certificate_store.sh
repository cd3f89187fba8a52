#!/usr/bin/env bash
# Checks that the tool for Windows accepts a server if Windows trusts its certificate authority, and not before. Wine,
# unlike Windows, requires a list of revoked certificates, which the sandbox's authority does not publish.
# Usage: certificate_store.sh USERVOICE.EXE TRUST.EXE WORK_DIRECTORY
set -euo pipefail
tool=$(realpath "$1")
trust=$(realpath "$2")
work=$3
rm -rf "$work"
mkdir -p "$work/site/api/v1"
cd "$work"
export WINEPREFIX=$work/wine # a new one, which knows nothing of the authority
servers=()
trap 'kill "${servers[@]}"' EXIT

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}
fail() {
    cat "$work/log" >&2
    echo "certificate_store.sh: $*" >&2
    exit 1
}

exec 6< <(exec python3 -um http.server 0 --bind 127.0.0.1 2>&1)
servers+=($!)
read -r line <&6 # Serving HTTP on 127.0.0.1 port 41297 (http://127.0.0.1:41297/) ...
list=$(sed 's|.*(\(http:.*\)).*|\1revoked.crl|' <<<"$line")

key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2)
quietly openssl req -x509 "${key[@]}" -subj "/CN=Test authority" -keyout ca.key -out ca.pem
quietly openssl req -x509 "${key[@]}" -subj /CN=localhost -keyout server.key -out server.pem -CA ca.pem -CAkey ca.key \
    -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
    -addext extendedKeyUsage=serverAuth -addext "crlDistributionPoints=URI:$list"
printf '[ca]\ndefault_ca = test\n[test]\ndatabase = index.txt\ndefault_md = sha256\ndefault_crl_days = 2\n' >ca.cnf
touch index.txt
quietly openssl ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -out revoked.pem
quietly openssl crl -in revoked.pem -outform DER -out revoked.crl

# Sends files as they are, with the head of the response.
printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"users":[]}' >site/api/v1/users
exec 7< <(cd site && exec openssl s_server -HTTP -accept 127.0.0.1:0 -cert ../server.pem -key ../server.key 2>&1)
servers+=($!)
line=''
while [[ $line != ACCEPT* ]]; do read -r line <&7; done # ACCEPT 127.0.0.1:41298
export USERVOICE_BASE_URL=https://localhost:${line##*:}

got=0
wine "$tool" get /api/v1/users >log 2>&1 || got=$?
[ $got = 7 ] && grep "the server's certificate is invalid" log >/dev/null || fail "status $got for an unknown authority"
quietly wine "$trust" "$work/ca.pem"
quietly wine "$tool" get /api/v1/users
grep -F '{"users":[]}' log >/dev/null || fail "not the response of the server"
