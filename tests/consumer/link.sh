# To be sourced. Functions that link programs with an installed library and run them. $work is a
# writable directory.

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

fail() {
    echo "$*" >&2
    exit 1
}

# consume EITHER GENERATOR COMPILER [OPTION...]: builds the programs in this directory with CMake and
# runs them. EITHER is the expected kind of UserVoice::uservoice, shared or static. Sets $programs to their directory.
consume() {
    local either=$1 program
    programs=$(mktemp -d "$work/programs-XXXX")
    quietly cmake -S . -B "$programs" -G "$2" -DCMAKE_C_COMPILER="$3" \
        -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$programs/\$<0:>" "${@:4}"
    quietly cmake --build "$programs" --config Debug
    for program in shared static without_libraries either; do
        quietly "$programs/$program"
    done
    [ ! -e "$programs/cxx" ] || quietly "$programs/cxx"
    [ "$(kind "$programs/shared")" = shared ] || fail "uservoice_shared is not shared: $*"
    [ "$(kind "$programs/static")" = static ] || fail "uservoice_static is not static: $*"
    links_no_library "$programs/without_libraries"
    [ "$(kind "$programs/either")" = "$either" ] || fail "uservoice is not $either: $*"
}

# kind PROGRAM: prints whether the program uses the shared or the static library.
kind() {
    if readelf -d "$1" | grep 'NEEDED.*libuservoice.so.0' >/dev/null; then echo shared; else echo static; fi
}

# links_no_library PROGRAM: checks that the program needs no shared library, not even the C library.
links_no_library() {
    ! readelf -d "$1" | grep NEEDED || fail "$1 is not static"
}

# without_libraries LIBDIR: builds and runs programs that need no shared library, with the options of pkg-config.
without_libraries() {
    local flags compiler option program=$work/without-libraries
    read -ra flags <<<"$(PKG_CONFIG_PATH=$1/pkgconfig pkg-config --static --cflags --libs uservoice)"
    for compiler in gcc clang; do
        for option in -static -static-pie; do
            # The linker's warning: the C library loads its name services at run time.
            quietly "$compiler" -Wall -Wextra -Werror "$option" main.c "${flags[@]}" -o "$program"
            quietly "$program"
            links_no_library "$program"
        done
    done
}

# by_pkg_config LIBDIR [--static]: builds and runs a program with the options of pkg-config.
by_pkg_config() {
    local flags program=$work/by-pkg-config${2:-}
    read -ra flags <<<"$(PKG_CONFIG_PATH=$1/pkgconfig pkg-config "${@:2}" --cflags --libs uservoice)"
    gcc -Wall -Wextra -Werror main.c "${flags[@]}" -Wl,-rpath,"$1" -o "$program"
    quietly "$program"
}

# readme LIBDIR: builds the program in the README with the command in the README and runs it.
readme() {
    local readme line
    readme=$(realpath ../../README.md)
    awk '/^```c$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$readme" >"$work/sso.c"
    line=$(grep -o '^cc sso.c .*' "$readme")
    (cd "$work" && export PKG_CONFIG_PATH=$1/pkgconfig &&
        eval "$line -Wall -Wextra -Wpedantic -Werror -Wl,-rpath,$1" && ./sso) |
        grep '^https://acme.uservoice.com/?sso=..*$' >/dev/null
}
