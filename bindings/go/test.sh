#!/usr/bin/env bash
# Tests the Go package and the examples in Go against the sandbox.
# Usage: bindings/go/test.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" gcc pkg-config script
export USERVOICE_SANDBOX=$library/uservoice-sandbox
[ -x "$USERVOICE_SANDBOX" ] || { echo "no sandbox at $USERVOICE_SANDBOX: cargo build -p uservoice-sandbox" >&2; exit 1; }

# shellcheck source=bindings/go/environment.sh
. ./environment.sh
gofmt() {
    local goroot
    goroot=$(go env GOROOT)
    "$goroot/bin/gofmt" "$@"
}

unformatted=$(gofmt -l . "$root/examples/go")
[ -z "$unformatted" ] || { echo "gofmt -w $unformatted" >&2; exit 1; }
go vet ./...
CGO_ENABLED=0 go build .
(cd "$root/examples/go" && go vet ./...)

# What a test waits for comes sooner or later, or never: a broken one ends here.
limit=-timeout=4m
# Everything that checks at once: each way to compile takes all of the standard library anew.
GOEXPERIMENT=cgocheck2 go test $limit -count=1 -race -skip TestMemoryStaysFlat .
# The memory without the race detector's own.
env -u LD_LIBRARY_PATH "$root/scripts/go" test $limit -count=1 -tags uservoice_static \
    -run 'TestMemoryStaysFlat|TestConformance|Example' .
(cd "$root/examples/go" && go test $limit -count=1 .)
echo "bindings/go: gofmt, vet, tests (with the race detector and cgocheck2, linked statically) and examples passed"
