#!/usr/bin/env bash
# Benchmarks the library against others, prints a table, and writes docs/performance.md and its chart.
# BENCH_QUICK=1 is a short run that checks that everything works, and writes below target/bench.
set -euo pipefail
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" pkg-config gcc cmake openssl libcrypto libcurl liboauth nginx nginx-echo ruby \
    ruby-ffi ruby-oauth ca-certificates python3 g++
old_python=$("$root/tests/old-python-client/install.sh")
python=$("$root/scripts/python-environment" bench requests==2.34.2 requests-oauthlib==2.0.0 httpx==0.28.1 \
    Authlib==1.6.12 cffi==2.1.1 setuptools==84.2.1)/bin/python
cargo_target=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")
work=$root/target/bench
mkdir -p "$work"

echo "Building" >&2
# The release build.
make --no-print-directory -C "$root" all >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
library=$cargo_target/release/package
version=$(sed -n '0,/^version = /s/^version = "\(.*\)"/\1/p' "$root/Cargo.toml")
inner=$(cd "$root" && cargo bench --quiet --locked --package uservoice --bench inner --no-run \
    --message-format=json | sed -n 's/.*"executable":"\([^"]*\/inner-[^"]*\)".*/\1/p')

compile() {
    gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wpedantic -Werror "$1.c" -o "$work/$1" "${@:2}"
}
ours=(-I"$root/include" -L"$library" "-Wl,-rpath,$library" -luservoice -pthread)
compile sso_uservoice "${ours[@]}"
compile get_uservoice "${ours[@]}"
compile list_uservoice "${ours[@]}"
compile first_use "${ours[@]}"
compile load -ldl
# shellcheck disable=SC2046 # several words
compile sso_libcrypto $(pkg-config --cflags --libs libcrypto)
# shellcheck disable=SC2046
compile get_libcurl $(pkg-config --cflags --libs libcurl)
# shellcheck disable=SC2046
compile sign_liboauth $(pkg-config --cflags --libs oauth)

compile_cpp() {
    g++ -std=c++17 -O2 -Wall -Wextra -Wpedantic -Werror "cpp/$1.cpp" -o "$work/cpp/$1" "${@:2}"
}
mkdir -p "$work/cpp"
compile_cpp get_uservoice "${ours[@]}"
# shellcheck disable=SC2046
compile_cpp get_liboauth $(pkg-config --cflags --libs libcurl oauth)

(
    # shellcheck source=tests/go/environment.sh
    . "$root/tests/go/environment.sh"
    cd go
    go build -tags uservoice_static -o "$work/go/" ./uservoice ./nethttp
)

rm -rf "$work/dist"
"$root/bindings/python/package.sh" "$python" "$library/libuservoice.so.$version" "$work/dist"
"$python" -m pip --disable-pip-version-check --quiet install --no-deps --force-reinstall "$work"/dist/*.whl

echo "Measuring" >&2
"$old_python" compare.py "$library/libuservoice.so.$version" "$work" "$inner" "$old_python" "$python"

page=$root/docs/performance.md
chart=$root/docs/performance.svg
if [ "${BENCH_QUICK:-0}" != 0 ]; then
    cp "$page" "$work/performance.md"
    page=$work/performance.md
    chart=$work/performance.svg
fi
python3 report.py "$work/results.json" "$page" "$chart"
echo "Written: ${page#"$root/"}, ${chart#"$root/"}"
