#!/usr/bin/env bash
# Checks the packages that `make dist` has created and installs them into a temporary Debian system
# without Rust and without this checkout. Needs root for debootstrap and chroot.
set -euo pipefail
cd "$(dirname "$0")"
source=$(realpath ../..)
"$source/scripts/install-tools" nm readelf
work=$source/target/packages
rm -rf "$work"
mkdir -p "$work/archive" "$work/debian"
others=()
# shellcheck source=tests/consumer/link.sh
. ./link.sh

contains_no_build_path() {
    local target=${CARGO_TARGET_DIR:-$source/target}
    # Tools for Windows write a path into names of symbols so.
    ! grep -rlF -e "$source" -e "$target" -e "${target//[^[:alnum:]]/_}" -e "${CARGO_HOME:-$HOME/.cargo}" \
        -e "${RUSTUP_HOME:-$HOME/.rustup}" "$1" || fail "build paths found"
}

# objdump and nm read the files of any system.
has_debug_information() {
    objdump --section-headers "$1" | grep '\.debug_line' >/dev/null
}

# has_no_date FILE...: checks programs and DLLs of Windows.
has_no_date() {
    [ "$(TZ=UTC objdump --private-headers "$@" | grep -c '^Time/Date.* 1970$')" = $# ] || fail "dates of the build in $*"
}

# public_symbols FILE: prints what a library defines for others. In a static one for Windows, the names of other symbols
# begin with `uservoice.`, and a member with an `I` symbol imports a function of a DLL.
public_symbols() {
    case $1 in
        *.dll) objdump --private-headers "$1" | awk '/Ordinal\/Name Pointer/ {table = 1; next} !NF {table = 0} table {print $NF}' ;;
        *.so) nm --dynamic --defined-only "$1" | awk '$2 != "A" {sub("@.*", ""); print $3}' ;;
        *.a) nm --defined-only --extern-only "$1" | awk '
            function print_names() {if (!imports) printf "%s", names; names = imports = ""}
            /:$/ {print_names()}
            $2 == "I" {imports = 1}
            NF == 3 && $3 !~ /^uservoice\./ {names = names $3 "\n"}
            END {print_names()}' ;;
    esac | sort -u
}

# defines_functions_of_header FILE
defines_functions_of_header() {
    grep -oE '\buservoice_[a-z0-9_]+\(' "$source/include/uservoice.h" | tr -d '(' | sort -u >"$work/declared"
    diff "$work/declared" <(public_symbols "$1") || fail "$1 does not define exactly the functions of uservoice.h"
}

# requires_documented_glibc FILE NAME: checks that a file requires no newer glibc than docs/packaging.md says for NAME.
requires_documented_glibc() {
    local newest documented
    documented=$(tr '\n' ' ' <"$source/docs/packaging.md" | grep -oP "$2 (require )?glibc \K[0-9]+\.[0-9]+")
    newest=$(readelf --version-info "$1" | grep -oP 'GLIBC_\K[0-9.]+' | sort --version-sort | tail -1)
    [ "$(printf '%s\n' "$newest" "$documented" | sort --version-sort | tail -1)" = "$documented" ] ||
        fail "$1 requires glibc $newest, and docs/packaging.md says $documented"
}

code_blocks() {
    sed -n '/^```/,/^```/p' "$1"
}

# check_archive FILE: checks a release archive, which it unpacks below $work/archive.
check_archive() {
    local archive name file shared=lib/libuservoice.so tool=bin/uservoice files
    name=$(basename "$1")
    case $name in
        *.zip) python3 -m zipfile -e "$1" "$work/archive" ;;
        *) tar -C "$work/archive" -xf "$1" ;;
    esac
    name=${name%.zip}
    archive=$work/archive/${name%.tar.gz}
    contains_no_build_path "$archive"
    diff -r "$source/include" "$archive/include" || fail "other headers in $1"
    ! sed '/^```/,/^```/d' "$archive"/*.md | grep -E '\]\([^:)]+\)' || fail "links to files outside of $1"
    diff <(code_blocks "$source/README.md") <(code_blocks "$archive/README.md") || fail "other code in the README of $1"
    grep -A3 '"component": {' "$archive/uservoice-cli.cdx.json" | grep '"application"' >/dev/null ||
        fail "uservoice-cli.cdx.json in $1 does not describe a program"
    files=(LICENSE README.md CHANGELOG.md THIRD-PARTY-LICENCES.txt uservoice.cdx.json uservoice-cli.cdx.json
        lib/libuservoice.a lib/pkgconfig/uservoice.pc lib/cmake/UserVoice/UserVoiceConfig.cmake
        share/man/man1/uservoice.1 share/bash-completion/completions/uservoice)
    case $name in
        *-windows-*)
            shared=bin/uservoice.dll tool=bin/uservoice.exe
            files+=(lib/libuservoice.dll.a)
            ;;
        *-musl*)
            shared=''
            ! readelf --program-headers "$archive/$tool" | grep INTERP || fail "the tool in $1 is not static"
            ;;
    esac
    for file in "${files[@]}" "$tool" ${shared:+"$shared"}; do
        [ -s "$archive/$file" ] || fail "$file is not in $1"
    done
    defines_functions_of_header "$archive/lib/libuservoice.a"
    ! has_debug_information "$archive/$tool" || fail "the tool in $1 is not stripped"
    [[ $name != *-linux-gnu* ]] || requires_documented_glibc "$archive/$tool" "tool"
    [ -n "$shared" ] || return 0
    defines_functions_of_header "$archive/$shared"
    [[ $name != *-windows-* ]] || has_no_date "$archive/$tool" "$archive/$shared"
    ! has_debug_information "$archive/$shared" || fail "the shared library in $1 is not stripped"
    [[ $name != *-linux-gnu* ]] || requires_documented_glibc "$archive/$shared" "libraries in the archives"
    file=$(realpath "$archive/$shared").debug
    grep -F "${file##*/}" "$archive/$shared" >/dev/null || fail "$shared in $1 has no link to its debug information"
    has_debug_information "$file" || fail "no debug information in $file"
}

(cd "$source/dist" && sha256sum --check --quiet SHA256SUMS)
for archive in "$source"/dist/libuservoice-*-*.{tar.gz,zip}; do
    [ ! -e "$archive" ] || check_archive "$archive"
done

# lists_licences FILE: checks the list of a package with the library.
lists_licences() {
    grep THIRD-PARTY-LICENCES.txt >/dev/null || fail "$1 does not contain the licences of the crates"
}

python3 -m zipfile -l "$source"/dist/uservoice-*.whl | lists_licences "the wheel"
tar -xOf "$source"/dist/uservoice-*-linux.gem data.tar.gz | tar -tzf - | lists_licences "the gem"
tar -xOzf "$source"/dist/uservoice-go-*.tar.gz --wildcards '*.zip' >"$work/module.zip"
python3 -m zipfile -l "$work/module.zip" | lists_licences "the Go module"

# The library and the tool run with glibc 2.31, which scripts/dist-archive links them with.
host=$(rustc -vV | sed -n 's/^host: //p')
archive=$work/archive/$(basename "$source"/dist/libuservoice-*-"$host".tar.gz .tar.gz)
old_glibc=$source/target/old-glibc/$host
with_old_glibc() {
    quietly "$(echo "$old_glibc"/lib64/ld-linux-*.so.2)" \
        --library-path "$archive/lib:$(echo "$old_glibc"/lib/*-linux-gnu)" "$@"
}
"$old_glibc/bin/gcc" -I"$archive/include" main.c -L"$archive/lib" -luservoice -o "$work/with-old-glibc"
with_old_glibc "$work/with-old-glibc"
with_old_glibc "$archive/bin/uservoice" --version

packages=("$source"/dist/*.deb)
if ! [ -e "${packages[0]}" ]; then
    echo "packages: no .deb files on this system; only the release archive was checked" >&2
    exit 1
fi
for package in "${packages[@]}"; do
    dpkg-deb -x "$package" "$work/debian"
done
contains_no_build_path "$work/debian"
diff -r "$source/include" "$work/debian/usr/include" || fail "other headers in the Debian packages"
"$source/scripts/install-tools" lintian
# The first suppressed tag applies only to packages in Debian's own archive, the second to an older lintian than unstable's.
lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs,newer-standards-version "${packages[@]}"

if [ "$(id -u)" != 0 ]; then
    echo "packages: checked, but not installed; run tests/consumer/packages.sh as root" >&2
    exit 1
fi
"$source/scripts/install-tools" debootstrap
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
root=$work/root
mkdir -p "$source/target/debootstrap"
quietly debootstrap --variant=minbase --cache-dir="$source/target/debootstrap" \
    "$suite" "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
# With apt, which configures packages in the right order, unlike debootstrap.
cp -L /etc/resolv.conf /etc/hosts "$root/etc"
quietly chroot "$root" apt-get update
quietly chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    ca-certificates clang cmake g++ gcc make ninja-build pkg-config python3-cffi python3-venv ruby ruby-ffi
mkdir -p "$root/source/tests" "$root/dist"
cp -r . "$root/source/tests/consumer"
cp "$source/README.md" "$root/source"
cp "$source"/dist/{*"$host".tar.gz,uservoice*,lib*.deb} "$root/dist"
chroot "$root" /source/tests/consumer/install_packages.sh

# The archives for other systems.
for archive in "$source"/dist/libuservoice-*-*.{tar.gz,zip}; do
    [ ! -e "$archive" ] || [[ $archive = *-"$host".tar.gz ]] || others+=("$archive")
done
[ ${#others[@]} = 0 ] || "$source/tests/platforms/run.sh" "$work/debian/usr/bin" "${others[@]}"
