#!/usr/bin/env bash
# Builds the library for each target with CMake and runs programs with it. run.sh runs it in a Debian system with the
# compilers.
# Usage: targets.sh SANDBOX TARGET...
set -euo pipefail
sandbox=$1
shift
# shellcheck source=tests/platforms/common.sh
. "$(dirname "$0")/common.sh"
cargo_target=$root/target/platforms/cargo
export USERVOICE_SANDBOX_RECORDS=611 USERVOICE_STACK_KIB=192

build_library() {
    # `env` runs programs of systems that need no emulator.
    local emulator=("${run[@]:-env}")
    quietly cmake -S . -B "$work/build" "${toolchain[@]}" -DCMAKE_INSTALL_PREFIX="$work/installed" \
        -DUSERVOICE_CARGO_TARGET_DIR="$cargo_target" -DUSERVOICE_BUILD_TOOL=ON \
        -DCMAKE_CROSSCOMPILING_EMULATOR="$(IFS=';'; echo "${emulator[*]}")"
    quietly cmake --build "$work/build"
    quietly cmake --install "$work/build"
}

# compile NAME SOURCE...
compile() {
    "$compiler" "${compiler_options[@]}" "${shared_options[@]}" "${@:2}" -o "$work/programs/$1$suffix" "${link_options[@]}"
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
    # The unwinder of Rust is a part of the library, but not of the other one.
    [[ $target != *-musl ]] ||
        beside_options+=(-L"$(rustc --print target-libdir --target "$target")/self-contained")
    read -ra system_libraries <<<"$(sed -n 's/^Libs.private: //p' "$library/pkgconfig/uservoice.pc")"
    quietly rustc --edition 2024 --target "$target" --crate-type staticlib -C opt-level=1 -C lto \
        tests/consumer/beside/beside.rs -o "$work/libbeside.a"
    quietly "$compiler" "${compiler_options[@]}" tests/consumer/beside/main.c -o "$work/programs/beside$suffix" \
        "${whole[@]}" "$library/libuservoice.a" "$work/libbeside.a" "${end[@]}" \
        "${system_libraries[@]}" "${beside_options[@]}"
    quietly start beside
    report "panics are caught"
}

for target in "$@"; do
    work=$root/target/platforms/$target
    mkdir -p "$work"
    describe_target
    build_library
    prepare_programs
    consumers find_package add_subdirectory FetchContent
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
