#!/usr/bin/env bash
# Builds a program with the Go module that contains the library, from a module proxy, where no library is installed:
# with `go get`, and vendored.
# Usage: tests/go/module.sh PREFIX WORK-DIRECTORY
set -euo pipefail
prefix=$(realpath "$1")
work=$(realpath -m "$2")
cd "$(dirname "$0")/../.."
root=$PWD
go() { "$root/scripts/go" "$@"; }
version=$(sed -n '0,/^version = /s/^version = "\(.*\)"/\1/p' Cargo.toml)
module=github.com/libuservoice/libuservoice/bindings/go

rm -rf "$work/proxy" "$work/program"
scripts/go-module "$prefix" "$(go env GOARCH)" "$work/proxy"
mkdir -p "$work/program"
cp tests/go/module/main.go "$work/program"
cd "$work/program"
# Only the proxy, and no installed library.
export GOPROXY=file://$work/proxy GONOSUMDB='*' GOENV=off GOFLAGS=-modcacherw GOWORK=off GOTOOLCHAIN=local
export GOCACHE=$root/target/go/cache GOPATH=$work/path PKG_CONFIG_PATH='' PKG_CONFIG_LIBDIR=''
unset LD_LIBRARY_PATH CGO_ENABLED
go mod init example.com/program 2>/dev/null
go get "$module@v$version"
expect() {
    local output
    output=$("$@")
    [ "$output" = "$version true <nil>" ] || { echo "$*: $output" >&2; exit 1; }
}
go build -o by_proxy .
expect ./by_proxy
go mod vendor
rm -rf "$GOPATH"
go build -mod=vendor -o vendored .
expect ./vendored
if readelf --dynamic by_proxy | grep libuservoice >/dev/null; then
    echo "the program needs an installed libuservoice" >&2
    exit 1
fi
# The tag selects an installed library, which does not exist here.
if go build -mod=vendor -tags uservoice_shared -o shared . 2>shared.log; then
    echo "-tags uservoice_shared does not use the installed library" >&2
    exit 1
fi
grep -q "Package uservoice was not found" shared.log
echo "Go module: a program builds from a module proxy and vendored, without an installed library"
