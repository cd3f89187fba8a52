#!/usr/bin/env bash
# Builds the archive of this machine's target and the packages for Python, Ruby and Go twice from the current commit, in
# two directories, with another umask, language, time zone, user's home and number of jobs, and compares them.
# Usage: tests/packaging/reproducible.sh [PART...], parts of scripts/dist (archives languages). The variable TARGETS adds
# archives for other targets.
set -euo pipefail
cd "$(dirname "$0")/../.."
source=$PWD
parts=("$@")
[ $# != 0 ] || parts=(archives languages)
work=$source/target/packaging/reproducible
rm -rf "$work"
mkdir -p "$work/home"
export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} TARGETS=${TARGETS-}
unset SOURCE_DATE_EPOCH CARGO_TARGET_DIR
cargo_home=${CARGO_HOME:-$HOME/.cargo}
ln -s "$cargo_home" "$work/home/cargo"

# build DIRECTORY COMMAND...: runs a command in a clone of the current commit, which uses the tools of this checkout.
build() {
    git clone --quiet --shared "$source" "$1"
    mkdir -p "$1/target" "$source/target/tools"
    ln -s "$source/target/tools" "$1/target/tools"
    (cd "$1" && "${@:2}") >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

umask 022
build "$work/first" env TZ=UTC LANG=C.UTF-8 CARGO_HOME="$cargo_home" scripts/dist "${parts[@]}"
umask 077
build "$work/a-longer/name" env TZ=Asia/Kathmandu LANG=de_DE.UTF-8 CARGO_BUILD_JOBS=3 HOME="$work/home" \
    CARGO_HOME="$work/home/cargo" scripts/dist "${parts[@]}"

if ! cmp "$work/first/dist/SHA256SUMS" "$work/a-longer/name/dist/SHA256SUMS"; then
    diff "$work/first/dist/SHA256SUMS" "$work/a-longer/name/dist/SHA256SUMS" >&2 || true
    echo "reproducible: the builds in $work differ" >&2
    exit 1
fi
sed 's/^[0-9a-f]*  /reproducible: /' "$work/first/dist/SHA256SUMS"
