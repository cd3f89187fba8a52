#!/usr/bin/env bash
# Installs the library as a user would, moves it, and links programs with it from outside,
# in each documented way: the matrix of CMake, pkg-config, the README's lines.
set -euo pipefail
cd "$(dirname "$0")"
source=$(realpath ../..)
cargo_target=${CARGO_TARGET_DIR:-$source/target}
"$source/scripts/install-tools" cmake make ninja gcc g++ clang pkg-config readelf
work=$source/target/consumer
mkdir -p "$work"
find "$work" -mindepth 1 -maxdepth 1 -not -name 'build-*' -not -name offline -exec rm -rf {} +

# shellcheck source=tests/consumer/link.sh
. ./link.sh

# install_library BUILD-TYPE GENERATOR LIBDIR [OPTION...]: into $work/BUILD-TYPE, which is not
# where it was told to be installed.
install_library() {
    local build=$work/build-$1
    quietly cmake -S "$source" -B "$build" -G "$2" -DCMAKE_BUILD_TYPE="$1" \
        -DCMAKE_INSTALL_PREFIX="$work/elsewhere" -DCMAKE_INSTALL_LIBDIR="$3" "${@:4}"
    quietly cmake --build "$build"
    quietly cmake --install "$build"
    mv "$work/elsewhere" "$work/$1"
    for header in "$source"/include/*; do
        cmp "$header" "$work/$1/include/${header##*/}" || fail "$header is not installed"
    done
}

# Runs a command with a cargo that has the vendored crates and no network.
offline() {
    ./vendor.sh "$work/offline"
    (export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} CARGO_HOME=$work/offline CARGO_NET_OFFLINE=true
        "$@")
}

# refused MESSAGE SOURCE [OPTION...]: CMake stops with the message.
refused() {
    local build
    build=$(mktemp -d "$work/refused-XXXX")
    ! cmake -S "$2" -B "$build" "${@:3}" >"$work/log" 2>&1 || fail "not refused: $*"
    tr -s '\n ' ' ' <"$work/log" | grep -q "$1" || { cat "$work/log" >&2; fail "no message: $1"; }
}

install_library Debug "Unix Makefiles" lib -DUSERVOICE_CARGO_TARGET_DIR="$cargo_target"
offline install_library Release Ninja lib/x86_64-linux-gnu
debug=-DCMAKE_PREFIX_PATH=$work/Debug
release=-DCMAKE_PREFIX_PATH=$work/Release

# Neither where it was built nor where cargo has the crates.
! grep -rlF -e "$source" -e "$cargo_target" -e "${CARGO_HOME:-$HOME/.cargo}" -e "$work" \
    "$work/Release" "$work/Debug"/lib/{cmake,pkgconfig} || fail "tell where they were built"

# docs/performance.md; tests/consumer/packages.sh looks for the debug information beside it.
shipped=$(realpath "$work"/Release/lib/*/libuservoice.so)
! readelf -SW "$shipped" | grep -q '\.symtab' || fail "the shared library is not stripped"
[ "$(stat -c %s "$shipped")" -le $((3 * 1024 * 1024)) ] || fail "the shared library has over 3 MiB"

consume shared "Unix Makefiles" gcc "$debug"
consume static Ninja clang "$debug" -DBUILD_SHARED_LIBS=OFF -DCMAKE_BUILD_TYPE=Release
consume shared Ninja gcc "$release" -DBUILD_SHARED_LIBS=ON -DCMAKE_BUILD_TYPE=Debug -DCONSUMER_CXX=ON
consume static "Unix Makefiles" clang "$release" -DBUILD_SHARED_LIBS=OFF "-DUSERVOICE_WANTED=0.1.0;COMPONENTS;shared;static"
refused "requested version \"99.0\"" . "$debug" -DUSERVOICE_WANTED=99.0
refused "requested version \"0.99\"" . "$debug" -DUSERVOICE_WANTED=0.99
refused "component sound is not installed" . "$debug" "-DUSERVOICE_WANTED=0.1;COMPONENTS;sound"
refused "is for Linux, and this is FreeBSD" "$source" -DCMAKE_SYSTEM_NAME=FreeBSD

library=(-DCMAKE_BUILD_TYPE=Debug -DUSERVOICE_CARGO_TARGET_DIR="$cargo_target")
consume shared Ninja gcc "${library[@]}" -DCONSUMER_WAY=add_subdirectory -DUSERVOICE_SOURCE="$source"
consume static "Unix Makefiles" clang "${library[@]}" -DCONSUMER_WAY=FetchContent \
    -DFETCHCONTENT_SOURCE_DIR_USERVOICE="$source" -DBUILD_SHARED_LIBS=OFF

quietly cmake -S "$source/examples/c" -B "$work/examples" "$debug"
quietly cmake --build "$work/examples"
quietly "$work/examples/sso" --token '{"guid":"1"}'

# The sample of bindings/c, which prints its usage without a site: with CMake and with make.
sample() {
    local got=0
    "$@" 2>"$work/log" || got=$?
    [ "$got" = 2 ] && grep -q '^libuservoice .*must be set$' "$work/log" || fail "the sample failed: $*"
}
quietly cmake -S "$source/bindings/c/sample" -B "$work/sample" "$debug"
quietly cmake --build "$work/sample"
sample "$work/sample/suggestions"
cp "$source"/bindings/c/sample/{Makefile,suggestions.c} "$work/sample"
export PKG_CONFIG_PATH=$work/Debug/lib/pkgconfig
quietly make -C "$work/sample" clean suggestions
sample env LD_LIBRARY_PATH="$work/Debug/lib" "$work/sample/suggestions"
quietly make -C "$work/sample" clean suggestions STATIC=1
sample "$work/sample/suggestions"
[ "$(kind "$work/sample/suggestions")" = static ] || fail "STATIC=1 links the shared library"
unset PKG_CONFIG_PATH

by_pkg_config "$work/Debug/lib"
readme "$work/Debug/lib"

./beside.sh "$work/Debug/lib" "$work"
./beside.sh "$work/Release/lib/x86_64-linux-gnu" "$work"

# Where only the archive is, --static is what links.
rm "$work"/Release/lib/*/libuservoice.so*
refused "component shared is not installed" . "$release" "-DUSERVOICE_WANTED=0.1;COMPONENTS;shared"
by_pkg_config "$work/Release/lib/x86_64-linux-gnu" --static

echo "consumers: find_package, add_subdirectory, FetchContent, pkg-config and the README's" \
    "program link; beside another static Rust library; and built without network"
