#!/usr/bin/env bash
# Builds the Debian source package as a Debian builder does: in Debian unstable, the first one whose Rust is new enough,
# with only the packages of Build-Depends, as an ordinary user and without network. Checks the packages, and runs their
# tests, debian/tests, there. Needs root (debootstrap, chroot). Keeps the system for the next time, without what a run adds.
# Usage: tests/packaging/debian.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "tests/packaging/debian.sh: needs root" >&2; exit 1; }
# A private mount namespace, so that mounts end with this script.
if [ -z "${PACKAGING_UNSHARED:-}" ]; then
    PACKAGING_UNSHARED=1 exec unshare --mount "$PWD/tests/packaging/${0##*/}" "$@"
fi
work=$PWD/target/packaging/debian
base=$work/base
root=$base
cache=$PWD/target/debootstrap

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}
inside() {
    chroot "$root" env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}
fail() {
    echo "debian: $*" >&2
    exit 1
}

# Creates a Debian unstable with the packages of Build-Depends.
create_base() {
    rm -rf "$base"
    quietly debootstrap --variant=buildd --cache-dir="$cache" sid "$base" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
    # A mirror may be older than its Release files allow.
    echo 'Acquire::Check-Valid-Until "false";' >"$base/etc/apt/apt.conf.d/90valid-until"
    cp -L /etc/resolv.conf /etc/hosts "$base/etc"
    quietly inside apt-get update
    # build-dep reads a .dsc, or the file debian/control.
    mkdir -p "$base/source/debian"
    cp packaging/debian/{control,changelog} "$base/source/debian"
    quietly inside sh -c 'cd /source && apt-get build-dep --yes --no-install-recommends ./'
    quietly inside apt-get clean
    quietly inside useradd --create-home builder
    cp packaging/debian/control "$base/complete"
}

scripts/install-tools debootstrap dpkg-source ip
mkdir -p "$work" "$cache/archives"
cmp -s packaging/debian/control "$base/complete" || create_base
root=$work/root
rm -rf "$root" "$work/changes"
mkdir -p "$root" "$work/changes"/{upper,work}
mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/changes/upper,workdir=$work/changes/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$cache/archives" "$root/var/cache/apt/archives"

scripts/debian-source "$root/home/builder"
inside chown -R builder: /home/builder
# Settings of cargo's profile may make the build quicker.
settings=$(compgen -e | grep '^CARGO_PROFILE_' | while read -r name; do printf '%s=%s ' "$name" "${!name}"; done)
quietly unshare --net chroot "$root" runuser --login builder -c "set -e
    dpkg-source --extract *.dsc source
    cd source
    env $settings dpkg-buildpackage --no-sign"
for package in libuservoice0{,-dbgsym} libuservoice-dev uservoice{,-dbgsym} uservoice-sandbox{,-dbgsym}; do
    compgen -G "$root/home/builder/${package}_*.deb" >/dev/null || fail "no package $package"
done

quietly inside apt-get install --yes --no-install-recommends lintian devscripts autopkgtest
quietly inside runuser --login builder -c "lintian --fail-on error,warning \
    --suppress-tags initial-upload-closes-no-bugs *.changes"
# rustc has no counterpart to fortified functions, and stable none to control-flow protection.
quietly inside sh -c 'hardening-check --nofortify --nocfprotection --nobranchprotection \
    /home/builder/source/debian/libuservoice0/usr/lib/*/libuservoice.so.0.* /home/builder/source/debian/*/usr/bin/*'
quietly inside sh -c 'cd /home/builder && autopkgtest --no-built-binaries *.deb *.dsc -- null'
echo "debian: the source package builds in Debian unstable without network; lintian, hardening-check and autopkgtest pass"
