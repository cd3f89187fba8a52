#!/usr/bin/env bash
# Runs `make demo` and `make test` on a fresh machine: a minimal Debian with only Rust, gcc, make, curl and Python 3, and a
# fresh clone of the current commit. Runs each twice as root and once as another user, and prints the times. Needs root
# (debootstrap, chroot) and takes an hour.
# Usage: tests/fresh_machine.sh [COMMAND...]
set -euo pipefail
cd "$(dirname "$0")/.."
source=$PWD
work=$source/target/fresh-machine
root=$work/root
commands=("$@")
[ $# != 0 ] || commands=("make demo" "make test")

if [ "$(id -u)" != 0 ]; then
    echo "fresh machine: must run as root, for debootstrap and chroot" >&2
    exit 1
fi
# A private mount and pid namespace, so that mounts and processes end with this script.
if [ -z "${FRESH_MACHINE_UNSHARED:-}" ]; then
    FRESH_MACHINE_UNSHARED=1 exec unshare --mount --pid --fork --kill-child "tests/${0##*/}" "$@"
fi

# inside USER DIRECTORY COMMAND: runs a command in the chroot, with this machine's settings for proxies and registries.
inside() {
    local name home=/root settings=()
    [ "$1" = root ] || home=/home/$1
    for name in $(compgen -e); do
        case $name in
            PIP_CERT | PIP_INDEX_URL | SSL_CERT_* | CARGO_HTTP_* | *_proxy | *_PROXY | GOPROXY)
                settings+=("$name=${!name}")
                ;;
        esac
    done
    chroot --userspec="$1" "$root" env -i "${settings[@]}" HOME="$home" USER="$1" LANG=C.UTF-8 \
        PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        sh -c "cd $2 && $3"
}

# timed USER DIRECTORY ORDINAL: runs the commands and records their times.
timed() {
    local command start
    for command in "${commands[@]}"; do
        printf '\n== %s as %s, for the %s time\n' "$command" "$1" "$3"
        start=$SECONDS
        inside "$1" "$2" "$command"
        printf '%-40s as %-8s %-7s time: %5d s\n' "$command" "$1" "$3" "$((SECONDS - start))" >>"$work/times"
    done
}

scripts/install-tools debootstrap git
rm -rf "$work"
mkdir -p "$root" "$source/target/debootstrap"
echo "== Installing a minimal Debian in $root"
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
debootstrap --variant=minbase --cache-dir="$source/target/debootstrap" \
    "$suite" "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$work/log" ||
    { cat "$work/log" >&2; exit 1; }
cp -L /etc/resolv.conf /etc/hosts "$root/etc"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir "$root/opt/rust"
mount --bind --read-only "$(rustc --print sysroot)" "$root/opt/rust"
inside root / "apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq gcc make curl python3" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
# The certificate authorities that this machine trusts.
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs"
inside root / "useradd --create-home somebody"

git clone --quiet --depth 1 "file://$source" "$root/root/libuservoice"
timed root /root/libuservoice first
timed root /root/libuservoice second
git clone --quiet --depth 1 "file://$source" "$root/home/somebody/libuservoice"
inside root / "chown -R somebody: /home/somebody"
timed somebody /home/somebody/libuservoice first

printf '\n'
cat "$work/times"
echo "fresh machine: all passed"
