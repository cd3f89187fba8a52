#!/usr/bin/env bash
# Installs the library, moves the installation, and links programs with it in each documented way:
# CMake, pkg-config, and the commands of the README.
set -euo pipefail
cd "$(dirname "$0")"
source=$(realpath ../..)
cargo_target=${CARGO_TARGET_DIR:-$source/target}
"$source/scripts/install-tools" cmake make ninja gcc g++ clang pkg-config readelf libmicrohttpd
work=$source/target/consumer
mkdir -p "$work"
find "$work" -mindepth 1 -maxdepth 1 -not -name 'build-*' -not -name offline -exec rm -rf {} +

# shellcheck source=tests/consumer/link.sh
. ./link.sh

# install_library BUILD_TYPE GENERATOR LIBDIR [OPTION...]: installs and moves the installation to
# $work/BUILD_TYPE, to check that it is relocatable.
install_library() {
    local build=$work/build-$1
    rm -rf "$build"/CMake* # keeps only what cargo has built
    quietly cmake -S "$source" -B "$build" -G "$2" -DCMAKE_BUILD_TYPE="$1" \
        -DCMAKE_INSTALL_PREFIX="$work/elsewhere" -DCMAKE_INSTALL_LIBDIR="$3" "${@:4}"
    quietly cmake --build "$build" --config "$1"
    quietly cmake --install "$build" --config "$1"
    mv "$work/elsewhere" "$work/$1"
    diff -r "$source/include" "$work/$1/include" || fail "not all headers are installed"
}

# offline COMMAND...: runs a command with vendored crates and without network.
offline() {
    ./vendor.sh "$work/offline"
    (export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} CARGO_HOME=$work/offline CARGO_NET_OFFLINE=true
        "$@")
}

# rejected MESSAGE SOURCE [OPTION...]: checks that CMake fails with the message.
rejected() {
    local build
    build=$(mktemp -d "$work/rejected-XXXX")
    ! cmake -S "$2" -B "$build" "${@:3}" >"$work/log" 2>&1 || fail "not rejected: $*"
    tr -s '\n ' ' ' <"$work/log" | grep "$1" >/dev/null || { cat "$work/log" >&2; fail "message not found: $1"; }
}

install_library Debug "Unix Makefiles" lib -DUSERVOICE_CARGO_TARGET_DIR="$cargo_target" \
    -DUSERVOICE_BUILD_TOOL=ON
offline install_library Release "Ninja Multi-Config" lib/x86_64-linux-gnu
debug=-DCMAKE_PREFIX_PATH=$work/Debug
release=-DCMAKE_PREFIX_PATH=$work/Release

# No paths of the build directory or of cargo.
! grep -rlF -e "$source" -e "$cargo_target" -e "${CARGO_HOME:-$HOME/.cargo}" -e "$work" \
    "$work/Release" "$work/Debug"/lib/{cmake,pkgconfig} || fail "build paths found"

# The size limit is in docs/performance.md; packages.sh checks the separate debug information.
shipped=$(realpath "$work"/Release/lib/*/libuservoice.so)
! readelf -SW "$shipped" | grep '\.symtab' >/dev/null || fail "the shared library is not stripped"
[ "$(stat -c %s "$shipped")" -le $((7 * 1024 * 1024 / 2)) ] || fail "the shared library is larger than 3.5 MiB"

# The tool runs, and its manual and completions are complete.
tool=$work/Debug/bin/uservoice
USERVOICE_SSO_KEY=key "$tool" sso token guid=1 email=jo@example.com >"$work/token"
USERVOICE_SSO_KEY=key "$tool" sso decode <"$work/token" | grep '"guid":"1"' >/dev/null || fail "the tool does not work"
grep -q '^.TH uservoice 1' "$work/Debug/share/man/man1/uservoice.1" || fail "the manual is not installed"
for file in man/man1/uservoice-list.1 bash-completion/completions/uservoice zsh/site-functions/_uservoice \
    fish/vendor_completions.d/uservoice.fish; do
    [ -s "$work/Debug/share/$file" ] || fail "$file is not installed"
done

consume shared "Unix Makefiles" gcc "$debug"
consume static Ninja clang "$debug" -DBUILD_SHARED_LIBS=OFF -DCMAKE_BUILD_TYPE=Release
consume shared Ninja gcc "$release" -DBUILD_SHARED_LIBS=ON -DCMAKE_BUILD_TYPE=Debug -DCONSUMER_CXX=ON
consume static "Unix Makefiles" clang "$release" -DBUILD_SHARED_LIBS=OFF "-DUSERVOICE_WANTED=0.1.0;COMPONENTS;shared;static"
rejected "requested version \"99.0\"" . "$debug" -DUSERVOICE_WANTED=99.0
rejected "requested version \"0.99\"" . "$debug" -DUSERVOICE_WANTED=0.99
rejected "component sound is not installed" . "$debug" "-DUSERVOICE_WANTED=0.1;COMPONENTS;sound"
rejected "supports Linux, Windows and macOS, not FreeBSD" "$source" -DCMAKE_SYSTEM_NAME=FreeBSD

# Cross builds. For aarch64, clang needs no further files to compile, as opposed to linking.
aarch64=(-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY)
clang=(-DCMAKE_C_COMPILER=clang -DCMAKE_C_COMPILER_TARGET=aarch64-linux-gnu)
mkdir "$work/empty"
printf '#!/bin/sh\nexec rustc --sysroot %q "$@"\n' "$work/empty" >"$work/bare-rustc"
chmod +x "$work/bare-rustc"
rejected "CMAKE_SYSTEM_PROCESSOR is aarch64, but .*gcc compiles for x86_64-unknown-linux-gnu" "$source" \
    "${aarch64[@]}" -DCMAKE_C_COMPILER=gcc
rejected "library for aarch64-unknown-linux-gnu is not installed in .*rustup target add aarch64-unknown-linux-gnu" \
    "$source" "${aarch64[@]}" "${clang[@]}" -DRUSTC="$work/bare-rustc"
rejected "library for riscv64gc-unknown-linux-musl is not installed" "$source" \
    "${aarch64[@]}" "${clang[@]}" -DRUSTC="$work/bare-rustc" -DUSERVOICE_RUST_TARGET=riscv64gc-unknown-linux-musl
rejected "no Rust target is known: set USERVOICE_RUST_TARGET" "$source" \
    "${aarch64[@]}" -DCMAKE_C_COMPILER=clang -DCMAKE_C_COMPILER_TARGET=mips64-linux-gnu
rejected "rustc --print target-libdir .*not-a-target" "$source" -DUSERVOICE_RUST_TARGET=not-a-target

library=(-DCMAKE_BUILD_TYPE=Debug -DUSERVOICE_CARGO_TARGET_DIR="$cargo_target")
consume shared Ninja gcc "${library[@]}" -DCONSUMER_WAY=add_subdirectory -DUSERVOICE_SOURCE="$source"

# With a multi-config generator, the build chooses the configuration.
consume shared "Ninja Multi-Config" gcc -DUSERVOICE_CARGO_TARGET_DIR="$cargo_target" -DCONSUMER_WAY=add_subdirectory \
    -DUSERVOICE_SOURCE="$source"
readelf -d "$programs/shared" | grep "RUNPATH.*/debug/package" >/dev/null || fail "Debug of a multi-config generator is not debug"
# An installed program finds the library, which is installed with it.
quietly cmake --install "$programs" --config Debug --prefix "$work/program"
quietly "$work/program/bin/shared"
ldd "$work/program/bin/shared" | grep "$work/program/" >/dev/null || fail "the installed program uses another library"
consume static "Unix Makefiles" clang "${library[@]}" -DCONSUMER_WAY=FetchContent \
    -DFETCHCONTENT_SOURCE_DIR_USERVOICE="$source" -DBUILD_SHARED_LIBS=OFF

quietly cmake -S "$source/examples/c" -B "$work/examples" "$debug" -DMICROHTTPD_INCLUDE=
grep -q "Skipping three_legged_login and webhook_receiver" "$work/log" || fail "no word about examples that are not built"
quietly cmake -S "$source/examples/c" -B "$work/examples" "$debug" -UMICROHTTPD_INCLUDE
quietly cmake --build "$work/examples"
[ -x "$work/examples/webhook_receiver" ] || fail "the web servers of examples/c are not built"
quietly env USERVOICE_BASE_URL=http://127.0.0.1:1 "$work/examples/sso_link"

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
without_libraries "$work/Debug/lib"
without_libraries "$work/Release/lib/x86_64-linux-gnu"
readme "$work/Debug/lib"

# As distributions install: directories outside of the prefix, as on NixOS, and into a system directory, as Debian.
install_into() {
    local build
    build=$(mktemp -d "$work/build-XXXX")
    quietly cmake -S "$source" -B "$build" "${library[@]}" "$@"
    quietly cmake --build "$build"
    DESTDIR=${destination-} quietly cmake --install "$build"
    rm -r "$build"
}
install_into -DCMAKE_INSTALL_PREFIX="$work/absolute" -DCMAKE_INSTALL_LIBDIR="$work/absolute/lib" \
    -DCMAKE_INSTALL_INCLUDEDIR="$work/absolute-dev/include"
by_pkg_config "$work/absolute/lib"
consume shared Ninja gcc -DCMAKE_PREFIX_PATH="$work/absolute"
destination=$work/system install_into -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_LIBDIR=lib/x86_64-linux-gnu
packaged() { PKG_CONFIG_PATH=$work/system/usr/lib/x86_64-linux-gnu/pkgconfig pkg-config "$@" uservoice; }
[ "$(packaged --variable=includedir)" = /usr/include ] || fail "includedir is $(packaged --variable=includedir)"
[[ $(packaged --cflags) != *-I* ]] || fail "a system directory among the flags: $(packaged --cflags)"

"$source/tests/go/module.sh" "$work/Release" "$work/go-module"
./stack.sh "$work/Release/lib/x86_64-linux-gnu" "$cargo_target/built/uservoice-sandbox" "$work"
./beside.sh "$work/Debug/lib" "$work"
./beside.sh "$work/Release/lib/x86_64-linux-gnu" "$work"

# With only the static library installed, --static is needed.
rm "$work"/Release/lib/*/libuservoice.so*
rejected "component shared is not installed" . "$release" "-DUSERVOICE_WANTED=0.1;COMPONENTS;shared"
by_pkg_config "$work/Release/lib/x86_64-linux-gnu" --static

echo "consumers: find_package, add_subdirectory, FetchContent, pkg-config and the README's commands" \
    "work, also beside another static Rust library and without network"
