#!/usr/bin/env bash
# Tests the Go package and the examples in Go against the sandbox.
# Usage: tests/go/run.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")/../.."
root=$PWD
"$root/scripts/install-tools" gcc pkg-config
export USERVOICE_SANDBOX=$library/uservoice-sandbox
[ -x "$USERVOICE_SANDBOX" ] || { echo "no sandbox at $USERVOICE_SANDBOX: cargo build -p uservoice-sandbox" >&2; exit 1; }

# shellcheck source=tests/go/environment.sh
. "$root/tests/go/environment.sh"
gofmt() {
    local goroot
    goroot=$(go env GOROOT)
    "$goroot/bin/gofmt" "$@"
}

cd bindings/go
unformatted=$(gofmt -l . "$root/examples/go")
[ -z "$unformatted" ] || { echo "gofmt -w $unformatted" >&2; exit 1; }
go vet ./...
cc -std=gnu11 -Wall -Wextra -pedantic -Werror -fsyntax-only -I "$root/include" ./*.c
(cd "$root/examples/go" && go vet ./...)

# Tests wait without a deadline of their own, so a broken one ends with this timeout.
timeout=-timeout=4m
# Both checkers in one run, because each combination recompiles the standard library.
GOEXPERIMENT=cgocheck2 go test $timeout -count=1 -race -skip TestDoesNotLeakMemory .
# Without the race detector, which needs memory of its own.
env -u LD_LIBRARY_PATH "$root/scripts/go" test $timeout -count=1 -tags uservoice_static \
    -run 'TestDoesNotLeakMemory|TestConformance|Example' .
# Without any shared library, as for a container image without files.
env -u LD_LIBRARY_PATH "$root/scripts/go" test $timeout -count=1 -tags uservoice_static -ldflags '-extldflags -static' \
    -run TestConformance .
(cd "$root/examples/go" && go test $timeout -count=1 .)
echo "bindings/go: gofmt, vet, C warnings, tests (with the race detector and cgocheck2, linked statically) and examples passed"
