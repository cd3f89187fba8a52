#!/usr/bin/env bash
# Runs the examples of the documentation in every language against the sandbox, and compares their output with the
# files output.txt in the same directories.
# Usage: tests/docs/run.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX [LANGUAGE...]
# LANGUAGE: c, cpp, go, ruby, python, command_line, coming_from, php, csharp, shell; node and java only if named, because
# their packages take 190 and 270 MB.
set -euo pipefail
library=$(realpath "$1")
languages=("${@:2}")
[ ${#languages[@]} = 0 ] && languages=(c cpp go ruby python command_line coming_from php csharp shell)
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

# check EXPECTED COMMAND...: runs a command in an empty directory and compares its output.
check() (
    rm -rf "$work/run"
    mkdir "$work/run"
    cd "$work/run"
    timeout 300 python3 "$root/tests/docs/play.py" "$@"
)
flags=(-g -Wall -Wextra -Wpedantic -Werror "-I$root/include")
link=(-L"$library" -luservoice -pthread "-Wl,-rpath,$library")

examples_in_c() {
    gcc -std=c99 "${flags[@]}" "$examples"/c/*.c -o "$work/examples-c" "${link[@]}"
    # Forked children end with _exit() and do not free what they inherited.
    check "$examples/c/output.txt" valgrind --quiet --error-exitcode=99 --leak-check=full \
        --show-leak-kinds=definite,indirect,possible --child-silent-after-fork=yes "$work/examples-c"
    gcc -std=c99 "${flags[@]}" "$examples/quickstart/quickstart.c" -o "$work/quickstart-c" "${link[@]}"
    check "$examples/quickstart/output-c.txt" "$work/quickstart-c"
}

examples_in_cpp() {
    g++ -std=c++17 "${flags[@]}" "$examples"/cpp/*.cpp -o "$work/examples-cpp" "${link[@]}"
    check "$examples/cpp/output.txt" "$work/examples-cpp"
    g++ -std=c++17 "${flags[@]}" "$examples/quickstart/quickstart.cpp" -o "$work/quickstart-cpp" "${link[@]}"
    check "$examples/quickstart/output-c.txt" "$work/quickstart-cpp"
}

# In a subshell, because environment.sh changes search paths.
examples_in_go() (
    # shellcheck source=tests/go/environment.sh
    . "$root/tests/go/environment.sh"
    goroot=$(go env GOROOT)
    unformatted=$("$goroot/bin/gofmt" -l "$examples/go")
    [ -z "$unformatted" ] || { echo "gofmt -w $unformatted" >&2; exit 1; }
    cd "$examples/go"
    go vet ./...
    go build -o "$work/examples-go" ./guides
    go build -o "$work/quickstart-go" ./quickstart
    cd "$root/tests/docs"
    check "$examples/go/output.txt" "$work/examples-go"
    check "$examples/quickstart/output.txt" "$work/quickstart-go"
)

examples_in_ruby() (
    export LD_LIBRARY_PATH=$library
    for file in "$examples"/ruby/*.rb "$examples"/quickstart/*.rb; do
        warnings=$(ruby -wc "$file" 2>&1 | grep -v '^Syntax OK$' || true)
        [ -z "$warnings" ] || { echo "$warnings" >&2; exit 1; }
    done
    ruby=(ruby -w -I "$root/bindings/ruby/lib")
    check "$examples/ruby/output.txt" "${ruby[@]}" "$examples/ruby/main.rb"
    check "$examples/quickstart/output.txt" "${ruby[@]}" "$examples/quickstart/quickstart.rb"
)

# Uses the wheel that the tests of the Python package have built.
examples_in_python() {
    local python=$root/target/tools/python/bin/python
    "$python" -c 'import uservoice' 2>/dev/null || "$root/bindings/python/test.sh" "$library"
    check "$examples/python/output.txt" "$python" "$examples/python/main.py"
    check "$examples/quickstart/output.txt" "$python" "$examples/quickstart/quickstart.py"
}

# The sessions of the guide and of the README's picture, with the tool beside the sandbox and no configuration file.
examples_in_command_line() (
    export NO_COLOR=1 PATH=$library:$PATH XDG_CONFIG_HOME=$work/config
    check "$examples/command_line/session.txt" python3 "$root/tests/docs/session.py" "$examples/command_line/session.txt"
    python3 "$root/tests/docs/picture.py" "$root/docs/images/tool.svg" >"$work/picture.txt"
    check "$work/picture.txt" python3 "$root/tests/docs/session.py" "$work/picture.txt"
)

# Programs that use the old clients, and the same programs with this library.
examples_in_coming_from() (
    old=$("$root/tests/old-python-client/install.sh")
    old_client=(env "PYTHONPATH=$root/tests/old-python-client" "$old" -c
        'import old_dependencies, runpy, sys; runpy.run_path(sys.argv[1])')
    before_and_after=$examples/coming_from
    check "$before_and_after/output-python.txt" "${old_client[@]}" "$before_and_after/before.py"
    unchanged() { sed -n '/\[unchanged\]/,/\[end\]/p' "$before_and_after/$1.py"; }
    diff <(unchanged before) <(unchanged after)
    check "$before_and_after/output-python.txt" "$root/target/tools/python/bin/python" "$before_and_after/after.py"
    export LD_LIBRARY_PATH=$library
    for program in before after; do
        check "$before_and_after/output-ruby.txt" ruby -w -I "$root/bindings/ruby/lib" "$before_and_after/$program.rb"
    done
)

# The program in another language, which finds the library by its SONAME.
check_other_language() {
    LD_LIBRARY_PATH=$library LC_ALL=C.UTF-8 check "$examples/other_languages/output.txt" "$@"
}

examples_in_php() {
    "$root/scripts/install-tools" php valgrind
    USE_ZEND_ALLOC=0 check_other_language valgrind --quiet --error-exitcode=99 --leak-check=full \
        --show-leak-kinds=definite php "$examples/other_languages/suggestions.php"
}

examples_in_csharp() {
    "$root/scripts/install-tools" mcs mono
    mcs -warnaserror "-out:$work/Suggestions.exe" "$examples/other_languages/Suggestions.cs"
    check_other_language mono "$work/Suggestions.exe"
}

examples_in_node() {
    "$root/scripts/install-tools" node npm
    local koffi=3.3.4 directory=$work/node
    mkdir -p "$directory"
    grep -qs "\"version\": \"$koffi\"" "$directory/node_modules/koffi/package.json" ||
        npm install --silent --no-save --ignore-scripts --prefix "$directory" "koffi@$koffi"
    cp "$examples/other_languages/suggestions.mjs" "$directory"
    check_other_language node "$directory/suggestions.mjs"
}

examples_in_java() {
    "$root/scripts/install-tools" javac java-jna
    local jna=/usr/share/java/jna.jar
    javac -Xlint:all -Werror -encoding UTF-8 -cp "$jna" -d "$work/java" "$examples/other_languages/Suggestions.java"
    check_other_language java -cp "$jna:$work/java" Suggestions
}

# same FILE: compares standard input with a file.
same() {
    diff - "$1" || { echo "the output differs from $1" >&2; exit 1; }
}

# Runs the commands of the quick start, with a separate home directory. `make install` is run with the existing debug
# build.
examples_in_shell() (
    export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
    export HOME=$work/home
    rm -rf "$work/clone"
    mkdir -p "$HOME" "$work/clone/bindings"
    ln -s "$root"/{docs,include} "$work/clone"
    ln -s "$root"/bindings/{go,ruby} "$work/clone/bindings"
    cp -R "$root/bindings/python" "$work/clone/bindings" # copied, because building it creates files
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
    # A subshell does not run the trap of its script.
    sandbox_pids=($!)
    trap 'kill "${sandbox_pids[@]}"' EXIT
    read -r _ <&8
    eval "$(command_of environment)"
    "$library/uservoice-sandbox" --help | same "$examples/shell/sandbox-help.txt"
    bash -ec "$(command_of curl)" 2>"$work/log" | grep -c '"forums":.*"owner@sandbox.example"' | same <(echo 1)
    quietly eval "$(command_of fault)"
    quietly curl --fail -X DELETE "$USERVOICE_BASE_URL/_sandbox/faults"
    # Accepted although nobody receives it.
    quietly curl --fail -d url=http://127.0.0.1:1/ "$USERVOICE_BASE_URL/_sandbox/webhooks/receiver"
    quietly eval "$(command_of webhook) --fail"
    quietly curl --fail -d url= "$USERVOICE_BASE_URL/_sandbox/webhooks/receiver"

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

    . "$root/tests/go/environment.sh"
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
echo "documentation: the examples in ${languages[*]} print the expected output"
