#!/usr/bin/env bash
# Checks that the shared library exports exactly the functions of the header, with the SONAME as their version, has its
# SONAME, and is marked NODELETE.
# Usage: tests/exports.sh LIBUSERVOICE.SO
set -euo pipefail
"$(dirname "$0")/../scripts/install-tools" gcc nm readelf
library=$1
version=libuservoice.so.0
# The version itself is an absolute symbol.
symbols=$(nm -D --defined-only "$library" | awk '$2 != "A" {print $3}' | sort -u)
unexpected=$(grep -v "^uservoice_[a-z0-9_]*@@$version\$" <<<"$symbols" || true)
[ -z "$unexpected" ] || { echo "exports other symbols than uservoice_*@@$version: $unexpected" >&2; exit 1; }

header="$(dirname "$0")/../include/uservoice.h"
declared=$(grep -oE '\buservoice_[a-z0-9_]+\(' "$header" | tr -d '(' | sort -u)
exported=$(sed "s/@@$version\$//" <<<"$symbols" | sort -u)
missing=$(comm -23 <(echo "$declared") <(echo "$exported"))
[ -z "$missing" ] || { echo "declared in the header but not exported: $missing" >&2; exit 1; }

dynamic=$(readelf -d "$library")
grep -q 'soname: \[libuservoice.so.0\]' <<<"$dynamic" || { echo "the SONAME is wrong" >&2; exit 1; }
grep -q 'NODELETE' <<<"$dynamic" || { echo "NODELETE is not set" >&2; exit 1; }

# A process that has loaded a later major version: a program linked with this one keeps to it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '#include <stdio.h>
#include <uservoice.h>
int main(void) { return puts(uservoice_version()) < 0; }' >"$work/main.c"
echo 'const char *uservoice_version(void) { return "later"; }' >"$work/later.c"
echo 'libuservoice.so.1 { global: uservoice_version; };' >"$work/later.map"
ln -s "$(realpath "$library")" "$work/$version"
gcc -shared -fPIC -Wl,-soname,libuservoice.so.1 -Wl,--version-script="$work/later.map" "$work/later.c" \
    -o "$work/libuservoice.so.1"
gcc -I"$(dirname "$header")" "$work/main.c" "$work/$version" -Wl,-rpath,"$work" -o "$work/main"
called=$(LD_PRELOAD=$work/libuservoice.so.1 "$work/main")
[ "$called" != later ] || { echo "a later major version in the process replaces this one" >&2; exit 1; }
echo "exports: $(wc -l <<<"$exported") functions, their version, SONAME and NODELETE are correct"
