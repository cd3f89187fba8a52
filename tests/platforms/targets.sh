#!/usr/bin/env bash
# Builds the library for each target with CMake and runs programs with it. run.sh runs it in a Debian system with the
# compilers.
# Usage: targets.sh SANDBOX TARGET...
set -euo pipefail
sandbox=$1
shift
cd "$(dirname "$0")/../.."
root=$PWD
# shellcheck source=tests/c/sandbox.sh
. tests/c/sandbox.sh
export WINEDEBUG=-all USERVOICE_SANDBOX_RECORDS=611 USERVOICE_STACK_KIB=192

fail() {
    echo "$target: $*" >&2
    exit 1
}
quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$*"; }
}

# Sets the C compiler of the target, the command that runs a program, and the C tests that cannot run.
describe_target() {
    run=() suffix='' system=Linux
    compiler_options=(-std=c11 -D_GNU_SOURCE -g -Wall -Wextra -Wpedantic -Werror -I"$work/installed/include")
    link_options=(-L"$library" -Wl,--as-needed -luservoice -pthread -Wl,-rpath,"$library")
    beside_options=(-pthread)
    unset USERVOICE_EMULATOR_THREADS
    case $target in
        aarch64-unknown-linux-gnu)
            compiler=aarch64-linux-gnu-gcc
            run=(qemu-aarch64 -L /usr/aarch64-linux-gnu)
            export USERVOICE_EMULATOR_THREADS=1
            not_run=(test_exit) # it starts itself, which would need a kernel that starts QEMU
            ;;
        i686-unknown-linux-gnu)
            compiler=i686-linux-gnu-gcc
            not_run=()
            ;;
        x86_64-unknown-linux-musl)
            compiler=musl-gcc
            link_options=(-static "${link_options[@]}")
            beside_options=(-static -L"$(rustc --print target-libdir --target "$target")/self-contained" -lunwind)
            not_run=(test_dlopen) # the library is static
            ;;
        x86_64-pc-windows-gnu)
            compiler=x86_64-w64-mingw32-gcc
            run=(wine)
            suffix=.exe
            system=Windows
            compiler_options+=(-DUSERVOICE_SHARED)
            # Without a DLL for threads. The library's DLL is beside the program.
            link_options=(-L"$library" -luservoice -Wl,-Bstatic -lpthread -Wl,-Bdynamic)
            # They use other functions of POSIX; test_client quotes a command for a POSIX shell.
            not_run=(test_client test_dlopen test_end_users test_exit test_interrupt test_signals test_stack
                test_thread_cancellation)
            ;;
        *) fail "unknown target" ;;
    esac
}

build_library() {
    toolchain=(-G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_SYSTEM_NAME="$system"
        -DCMAKE_SYSTEM_PROCESSOR="${target%%-*}" -DCMAKE_C_COMPILER="$compiler")
    quietly cmake -S . -B "$work/build" "${toolchain[@]}" -DCMAKE_INSTALL_PREFIX="$work/installed" \
        -DUSERVOICE_CARGO_TARGET_DIR="$root/target/platforms/cargo"
    quietly cmake --build "$work/build"
    quietly cmake --install "$work/build"
    mkdir -p "$work/programs"
    [ "$system" = Linux ] || cp "$work/installed/bin/uservoice.dll" "$work/programs"
}

# compile NAME SOURCE...
compile() {
    "$compiler" "${compiler_options[@]}" "${@:2}" -o "$work/programs/$1$suffix" "${link_options[@]}"
}

# start NAME [ARGUMENT...]
start() {
    "${run[@]}" "$work/programs/$1$suffix" "${@:2}"
}

# The programs of tests/consumer, with find_package.
consumers() {
    local program count=0
    quietly cmake -S tests/consumer -B "$work/consumers" "${toolchain[@]}" -DCMAKE_PREFIX_PATH="$work/installed" \
        -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$work/programs"
    quietly cmake --build "$work/consumers"
    for program in shared static without_libraries either; do
        [ -e "$work/programs/$program$suffix" ] || continue
        quietly start "$program"
        count=$((count + 1))
    done
    report "$count programs of find_package"
}

c_tests() {
    local source name count=0
    start_sandbox "$sandbox" --records "$USERVOICE_SANDBOX_RECORDS"
    for source in tests/c/test_*.c; do
        name=$(basename "$source" .c)
        [[ " ${not_run[*]} " != *" $name "* ]] || continue
        compile "$name" "$source"
        quietly timeout 300 "${run[@]}" "$work/programs/$name$suffix"
        count=$((count + 1))
    done
    report "$count C tests${not_run[*]:+ (not ${not_run[*]})}"
}

# tour [SANDBOX-OPTION]
tour() {
    compile tour examples/c/tour.c examples/c/site.c
    start_sandbox "$sandbox" "$@"
    [ $# = 0 ] || export USERVOICE_CA_FILE=$(sandbox_field ca_file)
    quietly env USERVOICE_BASE_URL="$USERVOICE_SANDBOX_URL" "${run[@]}" "$work/programs/tour$suffix"
    report "tour $*"
    unset USERVOICE_CA_FILE
}

control() {
    curl --silent --show-error --noproxy '*' --fail --header 'Content-Type: application/json' "${@:2}" \
        "$USERVOICE_SANDBOX_URL/_sandbox/$1"
}

# Kills the export while the third request waits, until it is complete. It must have written each record once.
killed_export() {
    local to=$work/exported kills=0 got=137 exporter
    compile exporter tests/platforms/exporter.c
    start_sandbox "$sandbox" --records 1234
    rm -rf "$to"
    while [ $got = 137 ]; do
        control faults --output "$work/log" --data \
            '{"path":"/api/v2/admin/suggestions","times":1,"after":3,"delay_ms":600000}'
        "${run[@]}" "$work/programs/exporter$suffix" "$to" &
        exporter=$!
        while kill -0 $exporter 2>/dev/null; do
            control faults >"$work/log"
            grep -q '"times":1' "$work/log" || kill -KILL $exporter
            sleep 0.1
        done
        got=0
        wait $exporter || got=$?
        [ $got != 137 ] || kills=$((kills + 1))
    done 2>"$work/shell" # bash reports each killed program
    [ $got = 0 ] || fail "the export failed: $(<"$work/shell")"
    [ "$(wc -l <"$to/suggestions.jsonl")" = 1234 ] || fail "$(wc -l <"$to/suggestions.jsonl") lines of 1234 records"
    [ -z "$(sort "$to/suggestions.jsonl" | uniq -d)" ] || fail "records were written twice"
    [ $kills -ge 3 ] || fail "only $kills kills"
    report "an export with $kills kills"
}

# Panics beside another static Rust library.
panics() {
    local system_libraries
    read -ra system_libraries <<<"$(sed -n 's/^Libs.private: //p' "$library/pkgconfig/uservoice.pc")"
    quietly rustc --edition 2024 --target "$target" --crate-type staticlib -C opt-level=1 -C lto \
        tests/consumer/beside/beside.rs -o "$work/libbeside.a"
    quietly "$compiler" "${compiler_options[@]}" tests/consumer/beside/main.c -o "$work/programs/beside" \
        -Wl,--whole-archive "$library/libuservoice.a" "$work/libbeside.a" -Wl,--no-whole-archive \
        "${system_libraries[@]}" "${beside_options[@]}"
    quietly start beside
    report "panics are caught"
}

report() {
    echo "$target: $*"
}

for target in "$@"; do
    work=$root/target/platforms/$target
    library=$work/installed/lib
    mkdir -p "$work"
    describe_target
    build_library
    consumers
    c_tests
    tour
    tour --tls
    killed_export
    [ "$system" = Windows ] || panics # for which the program replaces clock_gettime()
done
