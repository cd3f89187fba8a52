#!/usr/bin/env bash
# Builds the library for other systems with CMake, and runs C programs with it against the sandbox: under QEMU, under
# Wine, or directly. The compilers are in a temporary Debian system, which needs root; Rust is the installed one, and
# needs `rustup target add TARGET...`. The targets of macOS and Visual C++ are only checked, by check.sh. Or does so with
# the library in release archives, without Rust.
# Usage: tests/platforms/run.sh DIRECTORY-OF-THE-SANDBOX [TARGET|ARCHIVE...]
set -euo pipefail
sandbox=$(realpath "$1/uservoice-sandbox")
shift
cd "$(dirname "$0")/../.."
[ $# != 0 ] || set -- x86_64-pc-windows-msvc aarch64-apple-darwin x86_64-apple-darwin \
    aarch64-unknown-linux-gnu i686-unknown-linux-gnu x86_64-unknown-linux-musl x86_64-pc-windows-gnu
checked=() targets=() archives=()
for target; do
    case $target in
        *.tar.gz | *.zip) archives+=("$(realpath "$target")") ;;
        *-apple-darwin | *-windows-msvc) checked+=("$target") ;;
        *) targets+=("$target") ;;
    esac
done
[ ${#checked[@]} = 0 ] || tests/platforms/check.sh "${checked[@]}"
[ ${#targets[@]} != 0 ] || [ ${#archives[@]} != 0 ] || exit 0

[ "$(id -u)" = 0 ] || { echo "tests/platforms/run.sh: needs root" >&2; exit 1; }
scripts/install-tools debootstrap
work=$PWD/target/platforms
root=$work/root
packages=(ca-certificates cmake curl gcc libc6-dev ninja-build openssl pkg-config python3 qemu-user wine wine64
    gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-i686-linux-gnu libc6-dev-i386-cross libc6:i386 libgcc-s1:i386
    musl-tools gcc-mingw-w64-x86-64)

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

mkdir -p "$work"
# Debian 13, the first one whose Wine has the functions of Windows 10 that Rust's standard library calls.
if [ "$(cat "$root/installed" 2>/dev/null)" != "${packages[*]}" ]; then
    rm -rf "$root"
    mkdir -p target/debootstrap
    quietly debootstrap --variant=minbase --cache-dir="$PWD/target/debootstrap" \
        trixie "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
    cp -L /etc/resolv.conf /etc/hosts "$root/etc"
    chroot "$root" dpkg --add-architecture i386
    quietly chroot "$root" apt-get update
    quietly chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
    echo "${packages[*]}" >"$root/installed"
fi

# inside SCRIPT DIRECTORY... -- ARGUMENT...: runs a script with some directories, at the same paths, since cargo's files
# contain them. The mounts end with it.
inside() {
    unshare --mount bash -euc '
        script=$1
        shift
        while [ "$1" != -- ]; do
            mkdir -p "$root$1"
            mount --rbind "$1" "$root$1"
            shift
        done
        shift
        mount -t proc proc "$root/proc"
        exec chroot "$root" env --ignore-environment HOME=/root LANG=C.UTF-8 \
            CARGO_HOME="$CARGO_HOME" RUSTUP_HOME="$RUSTUP_HOME" PATH="$CARGO_HOME/bin:/usr/bin:/bin:/usr/sbin" \
            "$script" "$@"' - "$PWD/tests/platforms/$1" /dev "${sandbox%/*}" "${@:2}"
}

export root CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
[ ${#targets[@]} = 0 ] ||
    inside targets.sh "$PWD" "$CARGO_HOME" "$RUSTUP_HOME" -- "$sandbox" "${targets[@]}"
[ ${#archives[@]} = 0 ] ||
    inside archives.sh "$PWD/tests" "$(dirname "${archives[0]}")" -- "$sandbox" "${archives[@]}"
