#!/usr/bin/env bash
# Runs the examples of the documentation in every language against the sandbox, and compares
# what they print with the files output.txt beside them.
# Usage: tests/docs/run.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX [WHAT...]
set -euo pipefail
library=$(realpath "$1")
languages=("${@:2}")
[ ${#languages[@]} = 0 ] && languages=(c cpp go ruby python coming_from shell)
cd "$(dirname "$0")"
root=$(realpath ../..)
examples=$root/docs/examples
work=$root/target/docs-tests
mkdir -p "$work"
python3 check_pages.py
"$root/scripts/install-tools" gcc g++ valgrind pkg-config ruby ruby-ffi python3-venv curl cmake
ln -sf libuservoice.so "$library/libuservoice.so.0"
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
unset "${!USERVOICE_@}"
start_sandbox "$library/uservoice-sandbox"
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL

# played EXPECTED COMMAND...: in a directory of its own, which is empty at first.
played() (
    rm -rf "$work/played"
    mkdir "$work/played"
    cd "$work/played"
    timeout 300 python3 "$root/tests/docs/play.py" "$@"
)
flags=(-g -Wall -Wextra -Wpedantic -Werror "-I$root/include")
link=(-L"$library" -luservoice -pthread -Wl,-rpath,"$library")

examples_in_c() {
    gcc -std=c99 "${flags[@]}" "$examples"/c/*.c -o "$work/examples-c" "${link[@]}"
    # Children of fork() end by _exit(), with what they inherited.
    played "$examples/c/output.txt" valgrind --quiet --error-exitcode=99 --leak-check=full \
        --show-leak-kinds=definite,indirect,possible --child-silent-after-fork=yes "$work/examples-c"
    gcc -std=c99 "${flags[@]}" "$examples/quickstart/quickstart.c" -o "$work/quickstart-c" "${link[@]}"
    played "$examples/quickstart/output-c.txt" "$work/quickstart-c"
}

examples_in_cpp() {
    g++ -std=c++17 "${flags[@]}" "$examples"/cpp/*.cpp -o "$work/examples-cpp" "${link[@]}"
    played "$examples/cpp/output.txt" "$work/examples-cpp"
    g++ -std=c++17 "${flags[@]}" "$examples/quickstart/quickstart.cpp" -o "$work/quickstart-cpp" "${link[@]}"
    played "$examples/quickstart/output-c.txt" "$work/quickstart-cpp"
}

# In a process of its own, since it changes where things are looked for.
examples_in_go() (
    # shellcheck source=bindings/go/environment.sh
    . "$root/bindings/go/environment.sh"
    goroot=$(go env GOROOT)
    unformatted=$("$goroot/bin/gofmt" -l "$examples/go")
    [ -z "$unformatted" ] || { echo "gofmt -w $unformatted" >&2; exit 1; }
    cd "$examples/go"
    go vet ./...
    go build -o "$work/examples-go" ./guides
    go build -o "$work/quickstart-go" ./quickstart
    cd "$root/tests/docs"
    played "$examples/go/output.txt" "$work/examples-go"
    played "$examples/quickstart/output.txt" "$work/quickstart-go"
)

examples_in_ruby() (
    export LD_LIBRARY_PATH=$library
    for file in "$examples"/ruby/*.rb "$examples"/quickstart/*.rb; do
        warnings=$(ruby -wc "$file" 2>&1 | grep -v '^Syntax OK$' || true)
        [ -z "$warnings" ] || { echo "$warnings" >&2; exit 1; }
    done
    ruby=(ruby -w -I "$root/bindings/ruby/lib")
    played "$examples/ruby/output.txt" "${ruby[@]}" "$examples/ruby/main.rb"
    played "$examples/quickstart/output.txt" "${ruby[@]}" "$examples/quickstart/quickstart.rb"
)

# With the wheel that the Python binding's own tests have made.
examples_in_python() {
    local python=$root/target/tools/python/bin/python
    "$python" -c 'import uservoice' 2>/dev/null || "$root/bindings/python/test.sh" "$library"
    played "$examples/python/output.txt" "$python" "$examples/python/main.py"
    played "$examples/quickstart/output.txt" "$python" "$examples/quickstart/quickstart.py"
}

# What programs did with the old clients, and what they do today.
examples_in_coming_from() (
    old=$("$root/tests/old-python-client/install.sh")
    as_it_was=(env "PYTHONPATH=$root/tests/old-python-client" "$old" -c
        'import as_it_was, runpy, sys; runpy.run_path(sys.argv[1])')
    before_and_after=$examples/coming_from
    played "$before_and_after/output-python.txt" "${as_it_was[@]}" "$before_and_after/before.py"
    unchanged() { sed -n '/\[unchanged\]/,/\[end\]/p' "$before_and_after/$1.py"; }
    diff <(unchanged before) <(unchanged after)
    played "$before_and_after/output-python.txt" "$root/target/tools/python/bin/python" "$before_and_after/after.py"
    export LD_LIBRARY_PATH=$library
    for program in before after; do
        played "$before_and_after/output-ruby.txt" ruby -w -I "$root/bindings/ruby/lib" "$before_and_after/$program.rb"
    done
)

same() {
    diff - "$1" || { echo "that is not $1" >&2; exit 1; }
}

# The commands of the quick start, with a home of their own. What `make install` runs is run
# with the debug build that is there.
examples_in_shell() (
    export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
    export HOME=$work/home
    rm -rf "$work/clone"
    mkdir -p "$HOME" "$work/clone/bindings"
    ln -s "$root"/{docs,include} "$work/clone"
    ln -s "$root"/bindings/{go,ruby} "$work/clone/bindings"
    cp -R "$root/bindings/python" "$work/clone/bindings" # building it leaves files behind
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    command_of() { sed "s/8080/$port/" "$examples/shell/$1.sh"; }
    quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }

    cd "$root"
    [ "$(head -1 "$examples/shell/install.sh")" = 'make install PREFIX=$HOME/.local' ]
    make --dry-run install PREFIX="$HOME/.local" >"$work/install.sh"
    sed -i "s|CMAKE_BUILD_TYPE=Release|CMAKE_BUILD_TYPE=Debug|; s|target/install|$work/install|g" "$work/install.sh"
    quietly bash -e "$work/install.sh"
    eval "$(tail -1 "$examples/shell/install.sh")"
    exec 8< <(eval "exec $(command_of sandbox)" 2>"$work/log")
    sandbox_pids+=($!)
    read -r _ <&8
    eval "$(command_of environment)"
    "$library/uservoice-sandbox" --help | same "$examples/shell/sandbox-help.txt"
    quietly eval "$(command_of fault)"
    quietly curl --fail -X DELETE "$USERVOICE_BASE_URL/_sandbox/faults"

    cd "$work/clone"
    for language in c cpp; do
        eval "$(command_of $language)" | grep -c '^{"id":' | same <(echo 3)
    done
    PATH=$root/target/tools/python/bin:$PATH USERVOICE_LIBRARY=$root/target/python/libuservoice.so \
        PIP_NO_BUILD_ISOLATION=0 PIP_QUIET=1 bash -ec "$(command_of python)" |
        same "$examples/quickstart/output.txt"
    bash -ec "$(command_of ruby)" | same "$examples/quickstart/output.txt"

    mkdir -p "$work/cmake"
    cp "$examples/quickstart/quickstart.c" "$examples/cmake/quickstart/CMakeLists.txt" "$work/cmake"
    (cd "$work/cmake" && quietly bash -ec "$(command_of cmake)" && grep -c '^{"id":' "$work/log" | same <(echo 3))

    . "$root/bindings/go/environment.sh"
    export PKG_CONFIG_PATH=$HOME/.local/lib/pkgconfig LD_LIBRARY_PATH=$HOME/.local/lib
    eval "$(command_of go)" | same "$examples/quickstart/output.txt"

    rm -rf "$work/module"
    mkdir "$work/module"
    cp "$examples/go/quickstart/main.go" "$work/module"
    cd "$work/module"
    quietly go mod init example.org/module
    eval "$(command_of go-module | sed "s|/path/to/libuservoice|$root|")"
    go run . | same "$examples/quickstart/output.txt"
)

for language in "${languages[@]}"; do
    "examples_in_$language"
done
echo "documentation: the examples in ${languages[*]} print what the pages say"
