#!/usr/bin/env bash
# Builds the C++ examples with CMake against an installation, runs them against the sandbox and
# checks what they do.
# Usage: tests/cpp/examples.sh LIBRARY_DIRECTORY
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
work=$root/target/cpp-tests
prefix=$work/prefix
build=$work/examples
tool=$library/uservoice
records=611
run=(timeout 300)
lists=(suggestions users)
stopped=143 # as the programs do not handle SIGTERM
# shellcheck source=tests/c/check_examples.sh
. ../c/check_examples.sh
mkdir -p "$build"

# Creates an installation like that of `cmake --install`, with links to the library.
install() {
    local version soname=libuservoice.so.0
    version=$(sed -n 's/^#define USERVOICE_VERSION "\(.*\)"/\1/p' "$root/include/uservoice.h")
    mkdir -p "$prefix/lib/cmake/UserVoice"
    cp -Ru "$root/include" "$prefix"
    ln -sf "$library/libuservoice.so" "$prefix/lib/libuservoice.so.$version"
    ln -sf "libuservoice.so.$version" "$prefix/lib/$soname"
    cat >"$prefix/lib/cmake/UserVoice/UserVoiceConfig.cmake" <<CMAKE
add_library(UserVoice::uservoice SHARED IMPORTED)
set_target_properties(UserVoice::uservoice PROPERTIES
    IMPORTED_LOCATION "$prefix/lib/libuservoice.so.$version"
    IMPORTED_SONAME "$soname"
    INTERFACE_COMPILE_DEFINITIONS USERVOICE_SHARED
    INTERFACE_INCLUDE_DIRECTORIES "$prefix/include")
CMAKE
    echo "set(PACKAGE_VERSION $version)
set(PACKAGE_VERSION_COMPATIBLE TRUE)" >"$prefix/lib/cmake/UserVoice/UserVoiceConfigVersion.cmake"
}

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

install
quietly cmake -S "$root/examples/cpp" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_FLAGS="-Werror"
quietly cmake --build "$build" --parallel 2

# The README's first program, which is complete.
sed -n '/^```cpp$/,/^```$/p;/^```$/q' "$root/bindings/cpp/README.md" | sed '/^```/d' >"$work/readme.cpp"
grep -q main "$work/readme.cpp" || fail "the README does not begin with a program"
g++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only "-I$prefix/include" "$work/readme.cpp"

unset "${!USERVOICE_@}"
check_site_is_required
start_sandbox "$library/uservoice-sandbox" --records "$records"
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL
check_sso_link
check_list_to_csv
check_full_disk
check_act_as_user
check_export
check_worker_threads
check_log_and_interrupt
check_three_legged_login
check_webhook_receiver
echo "C++ examples: passed"
