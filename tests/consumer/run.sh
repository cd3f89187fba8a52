#!/usr/bin/env bash
# Installs the library as a user would, moves it, and links programs with it: by
# find_package, by pkg-config (shared and static), by add_subdirectory, and as the README
# tells.
set -euo pipefail
cd "$(dirname "$0")"
source=$(realpath ../..)
cargo_target=${CARGO_TARGET_DIR:-$source/target}
"$source/scripts/install-tools" cmake make gcc pkg-config
work=$source/target/consumer
rm -rf "$work/moved" "$work/install" "$work/programs" "$work/examples"
mkdir -p "$work"

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

library=(-DCMAKE_BUILD_TYPE=Debug -DUSERVOICE_CARGO_TARGET_DIR="$cargo_target")
quietly cmake -S "$source" -B "$work/build" "${library[@]}" -DCMAKE_INSTALL_PREFIX="$work/install"
quietly cmake --build "$work/build"
quietly cmake --install "$work/build"
mv "$work/install" "$work/moved"

quietly cmake -S . -B "$work/programs" -DCMAKE_PREFIX_PATH="$work/moved"
quietly cmake --build "$work/programs"
"$work/programs/shared"
"$work/programs/static"

quietly cmake -S "$source/examples/c" -B "$work/examples" -DCMAKE_PREFIX_PATH="$work/moved"
quietly cmake --build "$work/examples"
"$work/examples/sso" --token '{"guid":"1"}' >/dev/null

export PKG_CONFIG_PATH=$(dirname "$(find "$work/moved" -name uservoice.pc)")
libdir=$(pkg-config --variable=libdir uservoice)
read -ra flags <<<"$(pkg-config --cflags --libs uservoice)"
gcc -Wall -Wextra -Werror main.c "${flags[@]}" -Wl,-rpath,"$libdir" -o "$work/programs/by-pkg-config"
"$work/programs/by-pkg-config"

# The program in the README, built by the line in the README.
awk '/^```c$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$source/README.md" >"$work/programs/sso.c"
line=$(grep -o '^cc sso.c .*' "$source/README.md")
(cd "$work/programs" && eval "$line -Wall -Wextra -Wpedantic -Werror -Wl,-rpath,$libdir" && ./sso) \
    | grep -q '^https://acme.uservoice.com/?sso=..*$'

# Beside another static Rust library, all of which is linked so that what both have clashes.
strange=$(nm --defined-only --extern-only "$libdir/libuservoice.a" | awk 'NF == 3 && $3 !~ /^uservoice_/ {print $3}')
[ -z "$strange" ] || { echo "global in libuservoice.a besides uservoice_*: $strange" >&2; exit 1; }
rustc --edition 2024 --crate-type staticlib -C opt-level=1 -C lto beside/beside.rs -o "$work/libbeside.a"
read -ra flags <<<"$(pkg-config --cflags uservoice)"
read -ra system <<<"$(sed -n 's/^Libs.private: //p' "$PKG_CONFIG_PATH/uservoice.pc")"
gcc -Wall -Wextra -Werror "${flags[@]}" beside/main.c -o "$work/programs/beside" \
    -Wl,--whole-archive "$libdir/libuservoice.a" "$work/libbeside.a" -Wl,--no-whole-archive "${system[@]}"
"$work/programs/beside"

# Where only the archive is, --static is what links.
rm "$libdir"/libuservoice.so*
read -ra flags <<<"$(pkg-config --static --cflags --libs uservoice)"
gcc -Wall -Wextra -Werror main.c "${flags[@]}" -o "$work/programs/by-pkg-config-static"
"$work/programs/by-pkg-config-static"

quietly cmake -S . -B "$work/subdirectory" "${library[@]}" -DUSERVOICE_SOURCE="$source"
quietly cmake --build "$work/subdirectory"
"$work/subdirectory/shared"
"$work/subdirectory/static"
echo "consumers: find_package, pkg-config, add_subdirectory and the README's program link"
