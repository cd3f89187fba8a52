#!/usr/bin/env bash
# Installs each package in /dist, as root of a temporary Debian system, and links programs with it.
# packages.sh runs it.
#
# docs/packaging.md includes the lines between [archive], [debian], [python], [ruby] and [end].
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
# shellcheck source=tests/consumer/link.sh
. ./link.sh
! command -v cargo >/dev/null || fail "Rust must not be installed"

# links LIBDIR [CMAKE-OPTION...]: links programs in each way of docs/packaging.md.
links() {
    consume shared Ninja gcc -DCONSUMER_CXX=ON "${@:2}"
    consume static "Unix Makefiles" clang -DBUILD_SHARED_LIBS=OFF -DCMAKE_BUILD_TYPE=Release "${@:2}"
    by_pkg_config "$1"
    by_pkg_config "$1" --static
    without_libraries "$1"
    readme "$1"
}

# Links a program with the options of pkg-config only.
plain() {
    gcc main.c $(pkg-config --cflags --libs uservoice) -o "$work/plain"
    quietly "$work/plain"
}

# The archive.
pushd /dist >/dev/null
# [archive]
mkdir /opt/uservoice
tar -C /opt/uservoice --strip-components=1 -xf libuservoice-*-"$(uname -m)"-unknown-linux-gnu.tar.gz
export PKG_CONFIG_PATH=/opt/uservoice/lib/pkgconfig # for CMake -DCMAKE_PREFIX_PATH=/opt/uservoice
export LD_LIBRARY_PATH=/opt/uservoice/lib           # where the program runs
# [end]
popd >/dev/null
plain
quietly /opt/uservoice/bin/uservoice --version
unset PKG_CONFIG_PATH LD_LIBRARY_PATH
links /opt/uservoice/lib -DCMAKE_PREFIX_PATH=/opt/uservoice
rm -r /opt/uservoice

# The wheel contains the library. cffi, which it needs, is installed as a Debian package.
python3 -m venv --system-site-packages "$work/venv"
pushd /dist >/dev/null
export PIP_NO_INDEX=1 PATH=$work/venv/bin:$PATH
# [python]
pip install uservoice-*.whl
# [end]
popd >/dev/null
quietly python - <<'PYTHON'
import uservoice
token = uservoice.generate_sso_token("acme", "key", {"guid": "1"})
assert uservoice.decrypt_sso_token("acme", "key", token)["guid"] == "1"
PYTHON

# The Debian packages.
pushd /dist >/dev/null
# [debian]
apt-get install -y ./libuservoice0_*.deb ./libuservoice-dev_*.deb ./uservoice_*.deb ./uservoice-sandbox_*.deb
# [end]
popd >/dev/null
links "$(dirname /usr/lib/*/libuservoice.a)"
plain
quietly uservoice-sandbox --version
quietly uservoice --version
[ -s /usr/share/doc/libuservoice0/copyright ] || fail "the copyright file is missing"

works_in_ruby() {
    quietly ruby -w - <<'RUBY'
require "uservoice"
token = UserVoice.sso_token("acme", "key", { guid: "1" })
abort unless UserVoice.decrypt_sso_token("acme", "key", token)["guid"] == "1"
RUBY
}

# The plain gem uses the installed library.
plain_gem=$(echo /dist/uservoice-*.gem | tr ' ' '\n' | grep -v -- -linux)
quietly gem install --local --no-document "$plain_gem"
works_in_ruby
quietly gem uninstall --all --executables uservoice

quietly dpkg --purge libuservoice-dev libuservoice0 uservoice uservoice-sandbox
# The gem for this platform contains the library.
pushd /dist >/dev/null
# [ruby]
gem install --local --no-document uservoice-*-linux.gem
# [end]
popd >/dev/null
works_in_ruby

left=$(find /usr -name '*uservoice*' -not -path '/usr/local/*' -not -path '/var/lib/gems/*' -print -quit)
[ -z "$left" ] || fail "not removed: $left"
echo "packages: the archive, the .debs, the wheel and the gem work"
