#!/usr/bin/env bash
# Builds the library for each target with CMake and runs programs with it. run.sh runs it in a Debian system with the
# compilers.
# Usage: targets.sh SANDBOX TARGET...
set -euo pipefail
sandbox=$1
shift
cd "$(dirname "$0")/../.."
root=$PWD
cargo_target=$root/target/platforms/cargo
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
    shared_options=()
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
            shared_options=(-DUSERVOICE_SHARED)
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
    # `env` runs programs of systems that need no emulator.
    local emulator=("${run[@]:-env}")
    quietly cmake -S . -B "$work/build" "${toolchain[@]}" -DCMAKE_INSTALL_PREFIX="$work/installed" \
        -DUSERVOICE_CARGO_TARGET_DIR="$cargo_target" -DUSERVOICE_BUILD_TOOL=ON \
        -DCMAKE_CROSSCOMPILING_EMULATOR="$(IFS=';'; echo "${emulator[*]}")"
    quietly cmake --build "$work/build"
    quietly cmake --install "$work/build"
    mkdir -p "$work/programs"
    [ "$system" = Linux ] || cp "$work/installed/bin/uservoice.dll" "$work/programs"
}

# compile NAME SOURCE...
compile() {
    "$compiler" "${compiler_options[@]}" "${shared_options[@]}" "${@:2}" -o "$work/programs/$1$suffix" "${link_options[@]}"
}

# start NAME [ARGUMENT...]
start() {
    "${run[@]}" "$work/programs/$1$suffix" "${@:2}"
}

# The programs of tests/consumer, in each way of CMake.
consumers() {
    local way program count=0
    for way in find_package add_subdirectory FetchContent; do
        rm -rf "$work/consumers"
        quietly cmake -S tests/consumer -B "$work/consumers" "${toolchain[@]}" -DCMAKE_PREFIX_PATH="$work/installed" \
            -DCONSUMER_WAY=$way -DUSERVOICE_SOURCE="$root" -DFETCHCONTENT_SOURCE_DIR_USERVOICE="$root" \
            -DUSERVOICE_CARGO_TARGET_DIR="$cargo_target" -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$work/programs"
        quietly cmake --build "$work/consumers"
        for program in shared static without_libraries either; do
            [ -e "$work/consumers/CMakeFiles/$program.dir" ] || continue # no shared library for musl
            quietly start "$program"
            count=$((count + 1))
        done
    done
    report "$count programs of find_package, add_subdirectory and FetchContent"
}

# A program with the shared library, and one without any.
by_pkg_config() {
    local options shared=(-Wl,-rpath,"$library")
    export PKG_CONFIG_LIBDIR=$library/pkgconfig
    read -ra options <<<"$(pkg-config --static --cflags --libs uservoice)"
    quietly "$compiler" -Wall -Wextra -Werror -static tests/consumer/main.c "${options[@]}" -o "$work/programs/alone$suffix"
    quietly start alone
    read -ra options <<<"$(pkg-config --cflags --libs uservoice)"
    [ "$target" != x86_64-unknown-linux-musl ] || return 0 # it is static
    [ "$system" = Linux ] || shared=()
    quietly "$compiler" -Wall -Wextra -Werror tests/consumer/main.c "${options[@]}" "${shared[@]}" -o "$work/programs/linked$suffix"
    quietly start linked
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

# The tool: single sign-on, a list, an export to a directory whose name is not ASCII, and saved sites.
tool() {
    local tool=("${run[@]}" "$work/installed/bin/uservoice$suffix") exported=$work/exportación version profile
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
    start_sandbox "$sandbox" --records 1234
    rm -rf "$exported"
    export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL USERVOICE_SSO_KEY=key
    prints "uservoice $version" "${tool[@]}" --version
    quietly "${tool[@]}" sso token guid=1 email=zoe@example.com display_name='Zoë 木'
    prints '"display_name":"Zoë 木"' "${tool[@]}" sso decode "$(<"$work/log")"
    quietly "${tool[@]}" list suggestions
    [ "$(grep -c '^{"' "$work/log")" = 1234 ] || fail "the tool listed $(grep -c '^{"' "$work/log") of 1234 records"
    prints '"written":1234' "${tool[@]}" export "$exported" suggestions
    [ "$(wc -l <"$exported/suggestions.jsonl")" = 1234 ] || fail "the tool exported another number of records"
    # Twice: the second login replaces the file of the first.
    for profile in first second; do
        prints "Logged in to sandbox" env USERVOICE_SUBDOMAIN=sandbox USERVOICE_API_KEY="$USERVOICE_SANDBOX_API_KEY" \
            USERVOICE_API_SECRET="$USERVOICE_SANDBOX_API_SECRET" "${tool[@]}" login --profile $profile
    done
    prints "profile first" "${tool[@]}" whoami --profile first
    unset USERVOICE_BASE_URL USERVOICE_SSO_KEY
    report "the tool"
}

# prints STRING COMMAND...: checks that the output of a command contains the string.
prints() {
    quietly "${@:2}"
    grep -F "$1" "$work/log" >/dev/null || { cat "$work/log" >&2; fail "$1 is not what ${*:2} prints"; }
}

control() {
    curl --silent --show-error --noproxy '*' --fail --header 'Content-Type: application/json' "${@:2}" \
        "$USERVOICE_SANDBOX_URL/_sandbox/$1"
}

# Kills the export while the third request waits, until it is complete. It must have written each record once.
killed_export() {
    local to=$work/exported/café kills=0 got=137 exporter
    compile exporter tests/platforms/exporter.c
    start_sandbox "$sandbox" --records 1234
    rm -rf "$work/exported"
    while [ $got = 137 ]; do
        control faults --output "$work/log" --data \
            '{"path":"/api/v2/admin/suggestions","times":1,"after":3,"delay_ms":600000}'
        "${run[@]}" "$work/programs/exporter$suffix" "$work/exported" &
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

# Ctrl-C on a terminal, which ends a request that waits, and UTF-8 there.
terminal() {
    local command=("${run[@]}" "$work/installed/bin/uservoice$suffix") got=0 shell
    start_sandbox "$sandbox"
    export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL USERVOICE_SSO_KEY=key
    quietly "${command[@]}" sso token guid=1 email=zoe@example.com display_name=Zoë
    quietly script --quiet --return --command "${command[*]} sso decode $(<"$work/log")" "$work/terminal"
    grep Zoë "$work/terminal" >/dev/null || { cat "$work/terminal"; fail "the terminal does not show UTF-8"; }

    control faults --output "$work/log" --data '{"path":"/api/v2/admin/suggestions","times":1,"delay_ms":600000}'
    rm -f "$work/keyboard"
    mkfifo "$work/keyboard"
    script --quiet --return --command "${command[*]} list suggestions" "$work/terminal" \
        <"$work/keyboard" >"$work/shown" 2>&1 &
    shell=$!
    exec 8>"$work/keyboard"
    while control faults >"$work/log" && grep -q '"times":1' "$work/log"; do sleep 0.1; done
    printf '\003' >&8
    wait $shell || got=$?
    exec 8>&-
    [ $got = 130 ] || { cat "$work/terminal"; fail "status $got after Ctrl-C"; }
    unset USERVOICE_BASE_URL USERVOICE_SSO_KEY
    report "the tool on a terminal"
}

certificate_store() {
    quietly "$compiler" "${compiler_options[@]}" tests/platforms/trust.c -o "$work/programs/trust$suffix" -lcrypt32
    tests/platforms/certificate_store.sh "$work/installed/bin/uservoice$suffix" "$work/programs/trust$suffix" \
        "$work/certificates"
    report "the certificate store"
}

# Panics beside another static Rust library.
panics() {
    local system_libraries whole=(-Wl,--whole-archive) end=(-Wl,--no-whole-archive)
    # The members that import functions of Windows occur several times in each library.
    [ "$system" = Linux ] || whole=() end=()
    read -ra system_libraries <<<"$(sed -n 's/^Libs.private: //p' "$library/pkgconfig/uservoice.pc")"
    quietly rustc --edition 2024 --target "$target" --crate-type staticlib -C opt-level=1 -C lto \
        tests/consumer/beside/beside.rs -o "$work/libbeside.a"
    quietly "$compiler" "${compiler_options[@]}" tests/consumer/beside/main.c -o "$work/programs/beside$suffix" \
        "${whole[@]}" "$library/libuservoice.a" "$work/libbeside.a" "${end[@]}" \
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
    by_pkg_config
    c_tests
    tour
    tour --tls
    killed_export
    tool
    terminal
    panics
    [ "$system" = Linux ] || certificate_store
done
