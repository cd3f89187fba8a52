#!/usr/bin/env bash
# Checks what can be checked for systems whose linkers are not here: that the Rust code compiles without warnings, and
# that CMake knows the files and system libraries. Needs clang, and `rustup target add TARGET...`.
# Usage: tests/platforms/check.sh TARGET...
set -euo pipefail
# shellcheck source=tests/platforms/common.sh
. "$(dirname "$0")/common.sh"
scripts/install-tools clang cmake ninja
work=$root/target/platforms/checked
mkdir -p "$work"
version=$(sed -n '0,/^version = /s/^version = "\(.*\)"/\1/p' Cargo.toml)

describe_target() {
    case $target in
        *-apple-darwin)
            system=Darwin
            triple=${target/apple-darwin/apple-macos11}
            written=("set(file \"libuservoice.$version.dylib\")" 'IMPORTED_SONAME "@rpath/libuservoice.0.dylib"'
                'set(file "libuservoice.a")' '-framework Security')
            ;;
        *-windows-msvc)
            system=Windows
            triple=$target
            written=('set(file "uservoice.dll")' '/uservoice.dll.lib"' 'set(file "uservoice.lib")' '-defaultlib:msvcrt')
            ;;
        *) fail "unknown target" ;;
    esac
}

configure() {
    local line
    rm -rf "$work/build"
    quietly cmake -S . -B "$work/build" -G Ninja -DCMAKE_SYSTEM_NAME=$system -DCMAKE_SYSTEM_PROCESSOR="${target%%-*}" \
        -DCMAKE_C_COMPILER=clang -DCMAKE_C_COMPILER_TARGET="$triple" -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY
    grep -F "Rust target: $target" "$work/log" >/dev/null || fail "CMake builds for another target: $(<"$work/log")"
    for line in "${written[@]}"; do
        grep -F -e "$line" "$work/build/UserVoiceTargets.cmake" >/dev/null || fail "$line is not in UserVoiceTargets.cmake"
    done
}

# Without the C code of the crates, for which the system's headers would be needed, and which is not linked.
compile() {
    local variable=${target//-/_}
    cat >"$work/archiver" <<'SCRIPT'
#!/bin/sh
for argument; do
    case $argument in -out:*) : >"${argument#-out:}" ;; esac
done
SCRIPT
    chmod +x "$work/archiver"
    quietly env "CC_$variable=true" "AR_$variable=$work/archiver" CARGO_TARGET_DIR="$work/cargo" \
        cargo clippy --locked --target "$target" -p uservoice -p uservoice-cli --lib --bins -- -D warnings
}

for target in "$@"; do
    describe_target
    configure
    compile
    report "CMake is configured, and the library and the tool compile without warnings"
done
