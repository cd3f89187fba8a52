# To be sourced by the scripts here, which set $target, $work and, for programs, $sandbox. Functions that link programs
# with the library in $work/installed for the target, and run them.
cd "$(dirname "$0")/../.."
root=$PWD
# shellcheck source=tests/c/sandbox.sh
. tests/c/sandbox.sh
export WINEDEBUG=-all

fail() {
    echo "$target: $*" >&2
    exit 1
}
quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$*"; }
}
report() {
    echo "$target: $*"
}

# Sets the C compiler of the target, the command that runs a program, and the C tests that cannot run.
describe_target() {
    library=$work/installed/lib
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
            beside_options=(-static -lunwind)
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
    toolchain=(-G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_SYSTEM_NAME="$system"
        -DCMAKE_SYSTEM_PROCESSOR="${target%%-*}" -DCMAKE_C_COMPILER="$compiler")
}

# Creates the directory of programs, with the DLL, which Windows finds beside them.
prepare_programs() {
    mkdir -p "$work/programs"
    [ "$system" = Linux ] || cp "$work/installed/bin/uservoice.dll" "$work/programs"
}

# start NAME [ARGUMENT...]
start() {
    "${run[@]}" "$work/programs/$1$suffix" "${@:2}"
}

# consumers WAY...: the programs of tests/consumer, in ways of CMake.
consumers() {
    local way program count=0
    for way; do
        rm -rf "$work/consumers"
        quietly cmake -S tests/consumer -B "$work/consumers" "${toolchain[@]}" -DCMAKE_PREFIX_PATH="$work/installed" \
            -DCONSUMER_WAY=$way -DUSERVOICE_SOURCE="$root" -DFETCHCONTENT_SOURCE_DIR_USERVOICE="$root" \
            -DUSERVOICE_CARGO_TARGET_DIR="${cargo_target-}" -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$work/programs"
        quietly cmake --build "$work/consumers"
        for program in shared static without_libraries either; do
            [ -e "$work/consumers/CMakeFiles/$program.dir" ] || continue # no shared library for musl
            quietly start "$program"
            count=$((count + 1))
        done
    done
    report "$count programs of $*"
}

# A program with the shared library, and one without any.
by_pkg_config() {
    local options shared=(-Wl,-rpath,"$library")
    export PKG_CONFIG_LIBDIR=$library/pkgconfig
    read -ra options <<<"$(pkg-config --static --cflags --libs uservoice)"
    quietly "$compiler" -Wall -Wextra -Werror -static tests/consumer/main.c "${options[@]}" -o "$work/programs/alone$suffix"
    quietly start alone
    report "a program without shared libraries, of pkg-config"
    read -ra options <<<"$(pkg-config --cflags --libs uservoice)"
    [ "$target" != x86_64-unknown-linux-musl ] || return 0 # it is static
    [ "$system" = Linux ] || shared=()
    quietly "$compiler" -Wall -Wextra -Werror tests/consumer/main.c "${options[@]}" "${shared[@]}" -o "$work/programs/linked$suffix"
    quietly start linked
    report "a program with the shared library, of pkg-config"
}

# prints STRING COMMAND...: checks that the output of a command contains the string.
prints() {
    quietly "${@:2}"
    grep -F "$1" "$work/log" >/dev/null || { cat "$work/log" >&2; fail "$1 is not what ${*:2} prints"; }
}

# The tool: single sign-on, a list, an export to a directory whose name is not ASCII, and saved sites.
tool() {
    local tool=("${run[@]}" "$work/installed/bin/uservoice$suffix") exported=$work/exportación version profile
    version=$(sed -n 's/^#define USERVOICE_VERSION "\(.*\)"/\1/p' "$work/installed/include/uservoice.h")
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
