#!/usr/bin/env bash
# Builds the C++ examples with CMake against an installation, runs them against the
# sandbox, and looks at what they print.
# Usage: tests/cpp/examples.sh DIRECTORY-OF-THE-LIBRARY-AND-THE-SANDBOX
set -euo pipefail
library=$(realpath "$1")
sandbox=$library/uservoice-sandbox
cd "$(dirname "$0")"
root=$(realpath ../..)
# shellcheck source=tests/c/sandbox.sh
. ../c/sandbox.sh
work=$root/target/cpp-tests
prefix=$work/prefix
build=$work/examples
out=$work/out
err=$work/err
mkdir -p "$build"

# An installation with the library as it is here: what `cmake --install` makes of it.
install() {
    local version soname=libuservoice.so.0
    version=$(sed -n 's/^#define USERVOICE_VERSION "\(.*\)"/\1/p' "$root/include/uservoice.h")
    mkdir -p "$prefix/lib/cmake/UserVoice" "$prefix/include"
    cp -u "$root"/include/uservoice.h "$root"/include/uservoice.hpp "$prefix/include"
    ln -sf "$library/libuservoice.so" "$prefix/lib/libuservoice.so.$version"
    ln -sf "libuservoice.so.$version" "$prefix/lib/$soname"
    cat >"$prefix/lib/cmake/UserVoice/UserVoiceConfig.cmake" <<CMAKE
add_library(UserVoice::uservoice SHARED IMPORTED)
set_target_properties(UserVoice::uservoice PROPERTIES
    IMPORTED_LOCATION "$prefix/lib/libuservoice.so.$version"
    IMPORTED_SONAME "$soname"
    INTERFACE_COMPILE_DEFINITIONS USERVOICE_SHARED
    INTERFACE_INCLUDE_DIRECTORIES "$prefix/include")
CMAKE
    echo "set(PACKAGE_VERSION $version)
set(PACKAGE_VERSION_COMPATIBLE TRUE)" >"$prefix/lib/cmake/UserVoice/UserVoiceConfigVersion.cmake"
}

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}
fail() {
    echo "C++ examples: $1" >&2
    echo "--- output" >&2
    head -c 2000 "$out" >&2
    echo "--- errors" >&2
    head -c 2000 "$err" >&2
    exit 1
}
# status EXPECTED COMMAND...: the command ends so, its output is in $out and $err.
status() {
    local got=0
    timeout 120 "${@:2}" >"$out" 2>"$err" || got=$?
    [ "$got" = "$1" ] || fail "status $got instead of $1: ${*:2}"
}
shows() {
    local text
    for text in "${@:2}"; do
        grep -qF -- "$text" "$1" || fail "nothing says \"$text\""
    done
}
control() {
    curl --silent --show-error --noproxy '*' --fail --output "$work/control" "$@"
}
faults() {
    control --header 'Content-Type: application/json' --data "$1" "$USERVOICE_BASE_URL/_sandbox/faults"
}

install
quietly cmake -S "$root/examples/cpp" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_FLAGS="-Werror"
quietly cmake --build "$build" --parallel 2

# The README's first program, which is on its own.
sed -n '/^```cpp$/,/^```$/p;/^```$/q' "$root/bindings/cpp/README.md" | sed '/^```/d' >"$work/readme.cpp"
grep -q main "$work/readme.cpp" || fail "the README begins with no program"
g++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only "-I$prefix/include" "$work/readme.cpp"

unset "${!USERVOICE_@}"
status 2 "$build/tour"
shows "$err" "USERVOICE_BASE_URL"
start_sandbox "$sandbox" --records 611
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL

# The tour, with somebody who clicks "Allow", with nobody, and with a failure in it.
status 0 "$root/scripts/tour-unattended" "$build/tour"
shows "$out" "/?sso=" '"expires":"' "<user1@sandbox.example>" "of 250 users." \
    "As user4@sandbox.example, UserVoice calls me Łukasz Żak." "Created forum" \
    "Posted a suggestion there: \"Tea in the afternoon\"." "Deleted the forum." \
    "NOT_FOUND says: \"HTTP 404" "UNAUTHORIZED says: \"HTTP 401" \
    "Logged in: the calls now act for user1@sandbox.example." \
    "The end: 7 steps done, 0 skipped, 0 failed."
control "$(grep -o 'http://.*/?sso=[^ ]*' "$out")"
grep -q 'jo@example.com' "$work/control" || fail "the link logs nobody in"
status 0 "$build/tour" </dev/null
shows "$out" "The end: 6 steps done, 1 skipped, 0 failed."
faults '{"path":"/api/v1/forums/*","method":"POST","status":500}'
status 1 "$build/tour" </dev/null
shows "$out" "Created forum" "Deleted the forum." "1 failed"
shows "$err" "APPLICATION_ERROR"
real=(env USERVOICE_SUBDOMAIN=sandbox "USERVOICE_API_KEY=$USERVOICE_SANDBOX_API_KEY"
    "USERVOICE_API_SECRET=$USERVOICE_SANDBOX_API_SECRET")
status 0 "${real[@]}" "$build/tour" </dev/null
shows "$out" "on sandbox? [y/N]" "nothing was changed" "3 skipped"

# Single sign-on, there and back.
user='{"guid":"1","display_name":"Zoë","expires":"2030-01-01 00:00:00"}'
status 0 "$build/sso" --token "$user"
token=$(<"$out")
status 0 "$build/sso" --decrypt <<<"$token"
[ "$(<"$out")" = "$user" ] || fail "the user came back changed"
status 0 "$build/sso" <<<"$user"
[ "$(<"$out")" = "$USERVOICE_BASE_URL/?sso=$token" ] || fail "not the link"
status 1 "$build/sso" "not json"
shows "$err" "INVALID_ARGUMENT"
status 2 "$build/sso" --what

# The export: to standard output.
list="/api/v1/suggestions?sort=oldest"
status 0 "$build/export" "$list"
[ "$(grep -c '^{.*}$' "$out")" = 611 ] || fail "not every line is a record"
[ ! -s "$err" ] || fail "no terminal, and still a progress line"
status 4 "$build/export" /api/v1/nothing
shows "$err" "NOT_FOUND"
status 8 sh -c "'$build/export' '$list' >/dev/full"
shows "$err" "cannot be written"
for wrong in "" suggestions "--what /api/v1/users" "--to" "--to there" \
    "--since 2013-06-05 /api/v1/users" "--to there suggestions /api/v1/users"; do
    # shellcheck disable=SC2086 # several arguments
    status 2 "$build/export" $wrong
done

# Into files: it ends in an error, then by Ctrl-C, and the third run completes it.
to=$work/exported
rm -rf "$to"
faults '{"path":"/api/v2/admin/suggestions","after":2,"times":9,"status":500}'
status 6 "$build/export" --to "$to" suggestions users
shows "$err" "suggestions: HTTP 500" "APPLICATION_ERROR" "the same command goes on there"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"
[ "$(wc -l <"$to/suggestions.jsonl")" -le 200 ] || fail "more than came before the error"
written=$(wc -l <"$to/suggestions.jsonl")
faults '{"path":"/api/v2/admin/suggestions","after":1,"times":99,"delay_ms":600000}'
"$build/export" --to "$to" suggestions users >"$out" 2>"$err" &
export_pid=$!
until [ "$(wc -l <"$to/suggestions.jsonl")" = "$((written + 100))" ]; do
    kill -0 "$export_pid" || fail "the export ended by itself"
    sleep 0.05
done
kill -INT "$export_pid"
got=0 && wait "$export_pid" || got=$?
[ "$got" = 130 ] || fail "status $got after Ctrl-C"
shows "$err" "CANCELLED"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"
status 0 "$build/export" --to "$to" suggestions users
for name in suggestions users; do
    status 0 "$build/export" "/api/v2/admin/$name?sort=id"
    cmp "$out" "$to/$name.jsonl" || fail "the resumed export of $name is another one"
done
status 2 "$build/export" --to "$to" --since 2013-06-05 suggestions
shows "$err" 'the export of "suggestions" in this directory has a different "since"'
rm -rf "$to"
script --quiet --return --command "'$build/export' --to '$to' --since 2013-06-05 --format csv suggestions" \
    /dev/null >"$err" </dev/null
shows "$err" "[##############################] 100 % 4 records" "0 s left"
[ "$(wc -l <"$to/suggestions.csv")" = 9 ] || fail "not the CSV of what was changed since then"
rm -rf "$to"
status 0 "$build/export" --to "$to" "$list"
[ "$(wc -l <"$to/suggestions.jsonl")" = 611 ] || fail "not the list of API v1"
status 8 "$build/export" --to /proc/nowhere suggestions
shows "$err" "/proc/nowhere" "FILE_ERROR"
faults '{"path":"/api/v2/oauth/token","status":401}'
status 3 "$build/export" --to "$to" suggestions
shows "$err" "UNAUTHORIZED"

# The three-legged login: each step is a run of its own.
login=$work/login
rm -f "$login"
status 1 "$build/three_legged" finish "$login" verifier
shows "$err" "begin first"
status 0 "$build/three_legged" begin "$login"
[ "$(stat -c %a "$login")" = 600 ] || fail "others can read the request token"
asked=$(sed -n 's/.*oauth_token=\([A-Za-z0-9_-]*\).*/\1/p' "$out")
status 1 "$build/three_legged" finish "$login" wrong
shows "$err" "not allowed, or the verifier is wrong" "UNAUTHORIZED"
control --data "oauth_token=$asked" --data decision=allow --data email=user1@sandbox.example \
    "$USERVOICE_BASE_URL/oauth/authorize"
verifier=$(sed -n 's|.*<code id="verifier">\([^<]*\)</code>.*|\1|p' "$work/control")
status 0 "$build/three_legged" finish "$login" "$verifier"
shows "$out" "Hello Zoë Åström <user1@sandbox.example>!"
[ ! -e "$login" ] || fail "the request token is still there"
status 2 "$build/three_legged" begin

# With nlohmann-json.
status 0 "$build/most_wanted" 3
[ "$(wc -l <"$out")" = 3 ] && sort --numeric-sort --reverse --stable "$out" | cmp --quiet - "$out" || fail "not the three most wanted"
faults '{"path":"/api/v1/suggestions","status":401}'
status 1 "$build/most_wanted"
shows "$err" '"type": "unauthorized"'
echo "C++ examples: the tour, the export, the logins and nlohmann-json do what they say"
