#!/usr/bin/env bash
# Compiles uservoice.hpp and its tests with GCC and Clang as C++17 to C++23 and runs the tests
# against the sandbox, with and without sanitizers, and the examples.
# Usage: tests/cpp/run.sh LIBRARY_DIRECTORY
set -euo pipefail
library=$(realpath "$1")
sandbox=$library/uservoice-sandbox
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" gcc g++ clang clang-sanitizers cmake make curl python3 pkg-config \
    nlohmann-json cpp-httplib
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
build=$root/target/cpp-tests
mkdir -p "$build"
# Links the SONAME to the shared library, as an installation does.
ln -sf libuservoice.so "$library/libuservoice.so.0"
unset "${!USERVOICE_@}"

./check_header.sh

warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror "-I$root/include")
link=("-L$library" -luservoice -pthread "-Wl,-rpath,$library")
programs=(test_json test_client test_body test_collection test_export test_login test_admin test_results test_memory
    test_version conformance)

# compile NAME COMPILER OPTION...: compiles a test unless it is up to date.
compile() {
    local output=$build/$1 sources=("${1##*/}.cpp") flags=("${@:3}")
    [[ $1 == */test_client ]] && sources+=(second_unit.cpp)
    mkdir -p "${output%/*}"
    if [ -e "$output" ] && [ -z "$(find "${sources[@]}" check.hpp run.sh "$root/include" \
        -newer "$output" -print -quit)" ]; then
        return
    fi
    if [[ " ${flags[*]} " == *" -fsyntax-only "* ]]; then
        "$2" "${flags[@]}" "${warnings[@]}" "${sources[@]}" && touch "$output"
    else
        "$2" "${flags[@]}" "${warnings[@]}" "${sources[@]}" -o "$output" "${link[@]}"
    fi
}

# GCC as C++17 and Clang as C++20 compile all tests, which are run later.
sanitizers=(-gline-tables-only -fsanitize=address,undefined -fno-sanitize-recover=all)
no_exceptions=(-fno-exceptions -fno-rtti)
for program in "${programs[@]}"; do
    options=()
    [ "$program" = test_results ] && options=("${no_exceptions[@]}")
    # The address sanitizer delays the reuse of freed memory, so memory would grow.
    [ "$program" = test_memory ] && sanitize=(-fsyntax-only) || sanitize=("${sanitizers[@]}")
    compile "gcc17/$program" g++ -std=c++17 "${options[@]}" &
    compile "clang20/$program" clang++ -std=c++20 "${sanitize[@]}" "${options[@]}" &
    wait -n
    wait -n
done
# The other standards: these tests use nearly all of the header.
for program in test_client test_admin; do
    compile "gcc20/$program" g++ -std=c++20 -fsyntax-only &
    compile "clang17/$program" clang++ -std=c++17 -fsyntax-only &
    wait -n
    wait -n
done
compile gcc23/test_collection g++ -std=c++2b -fsyntax-only &
compile clang23/test_client clang++ -std=c++2b -fsyntax-only &
wait -n
wait -n
gcc "${warnings[@]}" -shared -fPIC other_version.c -o "$build/other_version.so"

start_sandbox "$sandbox"
export USERVOICE_SANDBOX_PASSWORD=$(sandbox_field password)
passed=0
run() {
    timeout 300 "$@" || { echo "failed: $*" >&2; exit 1; }
    passed=$((passed + 1))
}
tests=(test_json test_client test_body test_collection test_export test_login test_results test_version)
for program in "${tests[@]}"; do
    run "$build/gcc17/$program"
    run "$build/clang20/$program"
done
run "$build/gcc17/conformance" "$root/tests/conformance/cases.json"
run "$build/clang20/conformance" "$root/tests/conformance/cases.json"
run "$build/gcc17/test_admin" "$sandbox"
run "$build/clang20/test_admin" "$sandbox"
run "$build/gcc17/test_memory"
for version in 0.0.9 1.0.0; do
    run env USERVOICE_TEST_VERSION=$version LD_PRELOAD="$build/other_version.so" \
        "$build/gcc17/test_version"
done
./examples.sh "$library"
echo "C++: the header, $passed test runs and the examples passed"
