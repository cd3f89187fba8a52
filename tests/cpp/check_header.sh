#!/usr/bin/env bash
# Checks that the C++ headers cover every function, status and option of uservoice.h, that each of
# them compiles alone, that misuse does not compile, and neither does the header of another version.
set -euo pipefail
cd "$(dirname "$0")/../.."
header=include/uservoice.h
wrapper=(include/uservoice/*.hpp include/uservoice/detail/*.hpp)
work=target/cpp-tests
mkdir -p "$work"

# all_in KIND NAMES MINIMUM: checks that each name occurs in the wrapper, and prints how many.
all_in() {
    local name found=0
    for name in $2; do
        found=$((found + 1))
        grep -qE "(^|[^A-Za-z0-9_])$name([^A-Za-z0-9_]|\$)" "${wrapper[@]}" \
            || { echo "the C++ headers lack the $1 $name" >&2; exit 1; }
    done
    [ "$found" -ge "$3" ] || { echo "only $found names found for: $1" >&2; exit 1; }
    echo "$found"
}
# uservoice_client_take_log is for languages that cannot be called back.
functions=$(all_in function "$(grep -E '^[a-z].*\buservoice_[a-z0-9_]+\(' "$header" \
    | grep -oE '\buservoice_[a-z0-9_]+\(' | tr -d '(' | grep -vx uservoice_client_take_log | sort -u)" 60)
statuses=$(all_in status "$(sed -n 's/^#define \(USERVOICE_[A-Z_]*\) [0-9]*$/\1/p' "$header" \
    | grep -v VERSION)" 19)
options=$(all_in option "$(sed -n 's/^ \* | \([a-z_]*\) *| .* | .*$/"\1"/p' "$header" \
    | grep -v '"key"')" 17)

# More warnings than the tests have, since a program may compile the headers with them.
warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wuseless-cast
    -Wcast-qual -Wdouble-promotion -Wundef -Wextra-semi -Wnon-virtual-dtor -Werror)
for part in "${wrapper[@]}"; do
    echo "#include \"$part\"" | g++ -std=c++17 "${warnings[@]}" -fsyntax-only -x c++ -
done

# rejects MESSAGE STATEMENT OPTION...: checks that GCC and Clang reject a statement with a message.
rejects() {
    local compiler errors program="#include <uservoice.hpp>
        enum Color { red };
        void call(const uservoice::Client &client, int *pointer) { (void)pointer; $2 }"
    for compiler in g++ clang++; do
        if errors=$("$compiler" -std=c++17 -Iinclude "${@:3}" -x c++ - <<<"$program" 2>&1); then
            echo "$compiler accepts: $2" >&2
            exit 1
        fi
        [[ $errors == *"$1"* ]] || { echo "$errors" >&2; exit 1; }
    done
}
rejects neither_string_nor_number 'client.get("/a", {{"color", red}});' -fsyntax-only
rejects neither_string_nor_number 'client.get("/a", {{"char", *"c"}});' -fsyntax-only
rejects neither_string_nor_number 'client.get("/a", {{"pointer", pointer}});' -fsyntax-only
rejects use_braces_for_none 'client.get("/a", nullptr);' -fsyntax-only
rejects use_nullopt_for_no_secret 'uservoice::Client("acme", "key", nullptr);' -fsyntax-only
rejects nodiscard 'client.clone();' -fsyntax-only -Werror=unused-result
rejects nodiscard 'client.try_get("/a");' -fsyntax-only -Werror=unused-result
for optimize in -O0 -O2; do
    rejects "begins with try_" 'client.get("/a");' -fno-exceptions "$optimize" -c -o /dev/null
done

mkdir -p "$work/newer"
cp -R include/. "$work/newer"
sed 's/VERSION_MINOR .*/VERSION_MINOR 2/' "$header" >"$work/newer/uservoice.h"
if g++ -std=c++17 -fsyntax-only -x c++ "$work/newer/uservoice.hpp" 2>"$work/newer/errors"; then
    echo "the header of another version is accepted" >&2
    exit 1
fi
grep -q "uservoice.hpp of libuservoice 0.1 does not match uservoice.h" "$work/newer/errors"
echo "uservoice.hpp: covers $functions functions, $statuses constants and $options options"
