#!/usr/bin/env bash
# Compiles and runs the lines of docs/reference/api in every language and for the tool: each must make its call of the
# table in sandbox/api, and together they must make all of them. Uses the wheel that the tests of the Python package
# have built.
# Usage: tests/calls/run.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" gcc g++ pkg-config ruby ruby-ffi curl
work=$root/target/calls
rm -rf "$work"
python3 calls.py write "$work"
ln -sf libuservoice.so "$library/libuservoice.so.0"
flags=(-Wall -Wextra -Wpedantic -Werror "-I$root/include" -L"$library" "-Wl,-rpath,$library")
gcc -std=c99 "${flags[@]}" "$work/c/main.c" -o "$work/calls-c" -luservoice -pthread
g++ -std=c++17 "${flags[@]}" "$work/cpp/main.cpp" -o "$work/calls-cpp" -luservoice -pthread
(
    # shellcheck source=tests/go/environment.sh
    . "$root/tests/go/environment.sh"
    sed "s|\.\./\.\./\.\./bindings|$root/bindings|" "$root/docs/examples/go/go.mod" >"$work/go/go.mod"
    cd "$work/go"
    go build -o "$work/calls-go" .
)
python=$root/target/tools/python/bin/python
"$python" -c 'import uservoice' 2>/dev/null || "$root/bindings/python/test.sh" "$library"

# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
start_sandbox "$library/uservoice-sandbox"
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL LD_LIBRARY_PATH=$library
echo ... >"$work/screen.png"
cd "$work"
run() { python3 "$root/tests/calls/calls.py" run "$@"; }
run c ./calls-c
run cpp ./calls-cpp
run go ./calls-go
run ruby ruby -w -I "$root/bindings/ruby/lib" ruby/main.rb
run python "$python" python/main.py
# What `uservoice login` would ask for.
export USERVOICE_SUBDOMAIN=sandbox USERVOICE_API_KEY=sandbox-trusted-key USERVOICE_API_SECRET=sandbox-trusted-secret
PATH=$library:$PATH XDG_CONFIG_HOME=$work/config run shell sh shell/main.sh
