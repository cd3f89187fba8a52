#!/usr/bin/env bash
# Measures the library beside others, prints a table and writes docs/performance.md and its picture.
# With BENCH_QUICK=1 a short run, to see whether all works, which writes them below target/bench.
set -euo pipefail
cd "$(dirname "$0")"
root=$(realpath ../..)
"$root/scripts/install-tools" pkg-config gcc cmake openssl libcrypto libcurl liboauth nginx nginx-echo ruby \
    ca-certificates python3
python=$("$root/tests/old-python-client/install.sh")
cargo_target=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")
work=$root/target/bench
mkdir -p "$work"

echo "Building" >&2
# As it is released.
make --no-print-directory -C "$root" all >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
library=$cargo_target/release/package
version=$(sed -n '0,/^version = /s/^version = "\(.*\)"/\1/p' "$root/Cargo.toml")
inner=$(cd "$root" && cargo bench --quiet --locked --package uservoice --bench inner --no-run \
    --message-format=json | sed -n 's/.*"executable":"\([^"]*\/inner-[^"]*\)".*/\1/p')

compile() {
    gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wpedantic -Werror "$1.c" -o "$work/$1" "${@:2}"
}
ours=(-I"$root/include" -L"$library" -Wl,-rpath,"$library" -luservoice -pthread)
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

echo "Measuring" >&2
"$python" compare.py "$library/libuservoice.so.$version" "$work" "$inner" "$python"

page=$root/docs/performance.md
picture=$root/docs/performance.svg
if [ "${BENCH_QUICK:-0}" != 0 ]; then
    cp "$page" "$work/performance.md"
    page=$work/performance.md
    picture=$work/performance.svg
fi
python3 report.py "$work/found.json" "$page" "$picture"
echo "Written: ${page#"$root/"}, ${picture#"$root/"}"
