#!/usr/bin/env bash
# Builds the RPM packages from packaging/rpm without network, with this machine's Rust, installs them into an empty
# root, and links programs with the library there. Needs root (unshare).
# Usage: tests/packaging/rpm.sh
set -euo pipefail
cd "$(dirname "$0")/../consumer"
[ "$(id -u)" = 0 ] || { echo "tests/packaging/rpm.sh: needs root" >&2; exit 1; }
source=$(realpath ../..)
"$source/scripts/install-tools" cmake dpkg-source gcc make pkg-config readelf rpmbuild
work=$source/target/packaging/rpm
root=$work/root
spec=$source/packaging/rpm/libuservoice.spec
rm -rf "$work"
mkdir -p "$work/SOURCES" "$root"
# shellcheck source=tests/consumer/link.sh
. ./link.sh

version=$(sed -n '0,/^version = /s/^version = "\(.*\)"/\1/p' "$source/Cargo.toml")
grep -qx "Version: $version" "$spec" || fail "the spec is not for version $version"
"$source/scripts/debian-source" "$work/SOURCES"
# Debian has no RPM packages of the tools, and its rpm does not separate debug information.
quietly unshare --net rpmbuild -ba --nodeps --define "_topdir $work" --define 'debug_package %{nil}' "$spec"
quietly rpm --root "$root" --nodeps --install "$work"/RPMS/*/*.rpm

has_line() {
    grep -x "$1" >/dev/null || fail "no line $1 of rpm --query $2"
}
rpm --root "$root" --query --requires libuservoice-devel | has_line "libuservoice(.*) = $version-.*" --requires
rpm --root "$root" --query --provides libuservoice | has_line 'libuservoice\.so\.0().*' --provides
rpm --root "$root" --query --provides libuservoice-devel | has_line "pkgconfig(uservoice) = $version" --provides
diff -r "$source/include" "$root/usr/include" || fail "other headers in libuservoice-devel"
! grep -rlF -e "$work" -e "${CARGO_HOME:-$HOME/.cargo}" -e "${RUSTUP_HOME:-$HOME/.rustup}" "$root/usr" ||
    fail "build paths found"

# Where CMake looks by itself on Fedora, but not on Debian.
library=$root/usr/lib64
consume shared "Unix Makefiles" gcc -DUserVoice_DIR="$library/cmake/UserVoice"
export PKG_CONFIG_SYSROOT_DIR=$root
by_pkg_config "$library"
by_pkg_config "$library" --static
quietly "$root/usr/bin/uservoice" --version
quietly rpm --root "$root" --erase libuservoice libuservoice-devel uservoice
left=$(find "$root" -name '*uservoice*' -print -quit)
[ -z "$left" ] || fail "not removed: $left"
echo "rpm: the packages build without network, and programs link the installed library"
