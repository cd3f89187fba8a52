#!/usr/bin/env bash
# Builds the shared and the static Conan package from packaging/conan, and links a program with each.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/install-tools cmake make gcc readelf
work=$PWD/target/packaging/conan
tools=$(scripts/python-environment conan 'conan>=2.2,<3')
rm -rf "$work"
mkdir -p "$work"

conan() {
    CONAN_HOME=$work/home "$tools/bin/conan" "$@" >"$work/log" 2>&1
}
quietly() {
    "$@" || { cat "$work/log" >&2; exit 1; }
}

quietly conan profile detect
# Share cargo's target directory with the other tests.
cargo_target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
variables='{"USERVOICE_CARGO_TARGET_DIR": {"value": "'$cargo_target'", "cache": True, "type": "PATH", "docstring": ""}}'
for shared in True False; do
    quietly conan create packaging/conan -s build_type=Debug -o "*:shared=$shared" \
        -c "tools.cmake.cmaketoolchain:extra_variables=$variables" \
        -c "tools.cmake.cmake_layout:test_folder=$work/program-$shared" \
        -c tools.cmake.cmaketoolchain:user_presets=
    grep -q '^linked with libuservoice' "$work/log" || { cat "$work/log" >&2; exit 1; }
    program=$(find "$work/program-$shared" -name program -type f)
    if readelf -d "$program" | grep 'NEEDED.*libuservoice.so.0' >/dev/null; then linked=True; else linked=False; fi
    for include in "$work"/home/p/b/*/p/include; do
        diff -r include "$include" || { echo "other headers in the Conan package" >&2; exit 1; }
    done
    [ "$linked" = "$shared" ] || { echo "shared=$shared, but linked to the shared library: $linked" >&2; exit 1; }
done
for system in "-s os=FreeBSD" "-s os=Windows -s compiler=msvc -s compiler.version=194 -s compiler.runtime=dynamic"; do
    read -ra settings <<<"$system"
    ! conan create packaging/conan "${settings[@]}" || { echo "the recipe accepts $system" >&2; exit 1; }
    grep -q 'libuservoice supports Linux, and Windows with MinGW' "$work/log" || { cat "$work/log" >&2; exit 1; }
done
echo "packaging: built the shared and static Conan packages and linked programs with them"
