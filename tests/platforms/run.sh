#!/usr/bin/env bash
# Builds the library for other systems with CMake, and runs C programs with it against the sandbox: under QEMU, under
# Wine, or directly. The compilers are in a temporary Debian system, which needs root; Rust is the installed one, and
# needs `rustup target add TARGET...`. The targets of macOS and Visual C++ are only checked, by check.sh.
# Usage: tests/platforms/run.sh DIRECTORY-OF-THE-SANDBOX [TARGET...]
set -euo pipefail
sandbox=$(realpath "$1/uservoice-sandbox")
shift
cd "$(dirname "$0")/../.."
[ $# != 0 ] || set -- x86_64-pc-windows-msvc aarch64-apple-darwin x86_64-apple-darwin \
    aarch64-unknown-linux-gnu i686-unknown-linux-gnu x86_64-unknown-linux-musl x86_64-pc-windows-gnu
checked=() targets=()
for target; do
    case $target in
        *-apple-darwin | *-windows-msvc) checked+=("$target") ;;
        *) targets+=("$target") ;;
    esac
done
[ ${#checked[@]} = 0 ] || tests/platforms/check.sh "${checked[@]}"
[ ${#targets[@]} != 0 ] || exit 0

[ "$(id -u)" = 0 ] || { echo "tests/platforms/run.sh: needs root" >&2; exit 1; }
scripts/install-tools debootstrap
work=$PWD/target/platforms
root=$work/root
packages=(ca-certificates cmake curl ninja-build pkg-config gcc-aarch64-linux-gnu libc6-dev-arm64-cross
    gcc-i686-linux-gnu libc6-dev-i386-cross libc6:i386 libgcc-s1:i386 musl-tools gcc-mingw-w64-x86-64 openssl python3 qemu-user wine wine64)

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

mkdir -p "$work"
# Debian 13, the first one whose Wine has the functions of Windows 10 that Rust's standard library calls.
if ! [ -e "$root/installed" ]; then
    rm -rf "$root"
    mkdir -p target/debootstrap
    quietly debootstrap --variant=minbase --cache-dir="$PWD/target/debootstrap" \
        trixie "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
    cp -L /etc/resolv.conf /etc/hosts "$root/etc"
    chroot "$root" dpkg --add-architecture i386
    quietly chroot "$root" apt-get update
    quietly chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
    touch "$root/installed"
fi

# With mounts that end with the command. The source keeps its path, since cargo's files contain it.
export root source=$PWD sandbox
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
unshare --mount bash -euc '
    for directory in "$source" "$CARGO_HOME" "$RUSTUP_HOME" "${sandbox%/*}" /dev; do
        mkdir -p "$root$directory"
        mount --rbind "$directory" "$root$directory"
    done
    mount -t proc proc "$root/proc"
    exec chroot "$root" env --ignore-environment HOME=/root LANG=C.UTF-8 \
        CARGO_HOME="$CARGO_HOME" RUSTUP_HOME="$RUSTUP_HOME" PATH="$CARGO_HOME/bin:/usr/bin:/bin:/usr/sbin" \
        "$source/tests/platforms/targets.sh" "$sandbox" "$@"' - "${targets[@]}"
