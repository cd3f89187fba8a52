#!/usr/bin/env bash
# Compares exports in each language with an independent client, the Singer tap of PyPI's
# tap-uservoice: both must read the same records from the sandbox's Admin API.
# Usage: tests/tap-uservoice/run.sh DIRECTORY-OF-THE-LIBRARY
set -euo pipefail
library=$(realpath "$1")
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" gcc g++ pkg-config ruby ruby-ffi curl
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
work=$root/target/tap-uservoice
mkdir -p "$work"
python=$("$root/scripts/python-environment" tap-uservoice \
    tap-uservoice==1.0.4 pytz setuptools==80.9.0 cffi)/bin/python
ln -sf libuservoice.so "$library/libuservoice.so.0"
link=(-L"$library" -luservoice -pthread "-Wl,-rpath,$library")
examples=$root/examples
g++ -std=c++17 "-I$root/include" "$examples/cpp/export.cpp" -o "$work/export-cpp" "${link[@]}" &
gcc -std=c99 "-I$root/include" "$examples"/c/{export,site}.c -o "$work/export-c" "${link[@]}"
(
    # shellcheck source=tests/go/environment.sh
    . "$root/tests/go/environment.sh"
    cd "$examples/go"
    go build -o "$work/export-go" ./export
)
# Build a separate package, because the Python binding's tests may be building theirs.
mkdir -p "$work/python"
(cd "$root/bindings/python" && USERVOICE_LIBRARY=$library/libuservoice.so \
    "$python" setup.py egg_info --egg-base "$work/python" build_py --build-lib "$work/python") \
    >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
wait $!

start_sandbox "$library/uservoice-sandbox" --tls --tls-name sandbox.uservoice.com
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL
USERVOICE_CA_FILE=$(sandbox_field ca_file)
export USERVOICE_CA_FILE LD_LIBRARY_PATH=$library PYTHONPATH=$work/python
lists=(suggestions users forums)
exports=$work/exports
rm -rf "$exports"
mkdir "$exports"
"$work/export-c" "$exports/c" # of the same lists
"$work/export-cpp" "$exports/cpp" "${lists[@]}"
"$work/export-go" "$exports/go" "${lists[@]}"
ruby -I "$root/bindings/ruby/lib" "$examples/ruby/export.rb" "$exports/ruby" "${lists[@]}"
"$python" "$examples/python/export.py" "$exports/python" "${lists[@]}"
"$python" check.py "$work" "${lists[@]}"
