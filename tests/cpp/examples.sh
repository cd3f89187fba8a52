#!/usr/bin/env bash
# Builds the C++ examples with CMake against an installation, runs them against the sandbox and
# checks their output.
# Usage: tests/cpp/examples.sh LIBRARY_DIRECTORY
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

# Creates an installation like that of `cmake --install`, with links to the library.
install() {
    local version soname=libuservoice.so.0
    version=$(sed -n 's/^#define USERVOICE_VERSION "\(.*\)"/\1/p' "$root/include/uservoice.h")
    mkdir -p "$prefix/lib/cmake/UserVoice"
    cp -Ru "$root/include" "$prefix"
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
# status EXPECTED COMMAND...: runs the command, checks its exit status, writes $out and $err.
status() {
    local got=0
    timeout 120 "${@:2}" >"$out" 2>"$err" || got=$?
    [ "$got" = "$1" ] || fail "status $got instead of $1: ${*:2}"
}
# shows FILE TEXT...: checks that the file contains each text.
shows() {
    local text
    for text in "${@:2}"; do
        grep -qF -- "$text" "$1" || fail "not found: \"$text\""
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

# The README's first program, which is complete.
sed -n '/^```cpp$/,/^```$/p;/^```$/q' "$root/bindings/cpp/README.md" | sed '/^```/d' >"$work/readme.cpp"
grep -q main "$work/readme.cpp" || fail "the README does not begin with a program"
g++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only "-I$prefix/include" "$work/readme.cpp"

unset "${!USERVOICE_@}"
status 2 "$build/tour"
shows "$err" "USERVOICE_BASE_URL"
start_sandbox "$sandbox" --records 611
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL

# The tour with a login, without one, and with a failing step.
status 0 "$root/scripts/tour-unattended" "$build/tour"
shows "$out" "/?sso=" '"expires":"' "<user1@sandbox.example>" "of 250 users." \
    "Acting as user4@sandbox.example, whose name is Łukasz Żak." "Created forum" \
    "Posted the suggestion \"Tea in the afternoon\" there." "Deleted the forum." \
    "NOT_FOUND: \"GET /api/v1/forums/999999999: HTTP 404" \
    "UNAUTHORIZED: \"GET /api/v1/users/current: HTTP 401" \
    "Logged in: requests now act as user1@sandbox.example." "7 steps done, 0 skipped, 0 failed."
control "$(grep -o 'http://.*/?sso=[^ ]*' "$out")"
grep -q 'jo@example.com' "$work/control" || fail "the single sign-on link does not log in"
status 0 "$build/tour" </dev/null
shows "$out" "6 steps done, 1 skipped, 0 failed."
faults '{"path":"/api/v1/forums/*","method":"POST","status":500}'
status 1 "$build/tour" </dev/null
shows "$out" "Created forum" "Deleted the forum." "1 failed"
shows "$err" "APPLICATION_ERROR"
real=(env USERVOICE_SUBDOMAIN=sandbox "USERVOICE_API_KEY=$USERVOICE_SANDBOX_API_KEY"
    "USERVOICE_API_SECRET=$USERVOICE_SANDBOX_API_SECRET")
status 0 "${real[@]}" "$build/tour" </dev/null
shows "$out" "on sandbox? [y/N]" "nothing was changed" "3 skipped"

# Single sign-on.
user='{"guid":"1","display_name":"Zoë","expires":"2030-01-01 00:00:00"}'
status 0 "$build/sso" --token "$user"
token=$(<"$out")
status 0 "$build/sso" --decrypt <<<"$token"
[ "$(<"$out")" = "$user" ] || fail "the decrypted user differs"
status 0 "$build/sso" <<<"$user"
[ "$(<"$out")" = "$USERVOICE_BASE_URL/?sso=$token" ] || fail "the link is wrong"
status 1 "$build/sso" "not json"
shows "$err" "INVALID_ARGUMENT"
status 2 "$build/sso" --unknown

# The export to standard output.
list="/api/v1/suggestions?sort=oldest"
status 0 "$build/export" "$list"
[ "$(grep -c '^{.*}$' "$out")" = 611 ] || fail "not every line is a record"
[ ! -s "$err" ] || fail "progress is printed without a terminal"
status 4 "$build/export" /api/v1/nothing
shows "$err" "NOT_FOUND"
status 8 sh -c "'$build/export' '$list' >/dev/full"
shows "$err" "cannot be written"
for wrong in "" suggestions "--unknown /api/v1/users" "--to" "--to there" \
    "--since 2013-06-05 /api/v1/users" "--to there suggestions /api/v1/users"; do
    # shellcheck disable=SC2086 # several arguments
    status 2 "$build/export" $wrong
done

# The export into files: stopped by an error, then by Ctrl-C, and completed by the third run.
to=$work/exported
rm -rf "$to"
faults '{"path":"/api/v2/admin/suggestions","after":2,"times":9,"status":500}'
status 6 "$build/export" --to "$to" suggestions users
shows "$err" "GET /api/v2/admin/suggestions: HTTP 500" "APPLICATION_ERROR" "again to resume"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"
[ "$(wc -l <"$to/suggestions.jsonl")" -le 200 ] || fail "records were written after the error"
written=$(wc -l <"$to/suggestions.jsonl")
faults '{"path":"/api/v2/admin/suggestions","after":1,"times":99,"delay_ms":600000}'
"$build/export" --to "$to" suggestions users >"$out" 2>"$err" &
export_pid=$!
until [ "$(wc -l <"$to/suggestions.jsonl")" = "$((written + 100))" ]; do
    kill -0 "$export_pid" || fail "the export ended unexpectedly"
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
    cmp "$out" "$to/$name.jsonl" || fail "the resumed export of $name differs from the list"
done
status 2 "$build/export" --to "$to" --since 2013-06-05 suggestions
shows "$err" 'the export of "suggestions" in this directory has a different "since"'
rm -rf "$to"
script --quiet --return --command "'$build/export' --to '$to' --since 2013-06-05 --format csv suggestions" \
    /dev/null >"$err" </dev/null
shows "$err" "[##############################] 100 % 4 records" "0 s remaining"
[ "$(wc -l <"$to/suggestions.csv")" = 9 ] || fail "the CSV file does not have the changed records"
rm -rf "$to"
status 0 "$build/export" --to "$to" "$list"
[ "$(wc -l <"$to/suggestions.jsonl")" = 611 ] || fail "the list of API v1 is incomplete"
status 8 "$build/export" --to /proc/nowhere suggestions
shows "$err" "/proc/nowhere" "FILE_ERROR"
faults '{"path":"/api/v2/oauth/token","status":401}'
status 3 "$build/export" --to "$to" suggestions
shows "$err" "UNAUTHORIZED"

# The three-legged login, in two runs.
login=$work/login
rm -f "$login"
status 1 "$build/three_legged" finish "$login" verifier
shows "$err" "three_legged begin"
status 0 "$build/three_legged" begin "$login"
[ "$(stat -c %a "$login")" = 600 ] || fail "the request token is readable by others"
request_token=$(sed -n 's/.*oauth_token=\([A-Za-z0-9_-]*\).*/\1/p' "$out")
status 1 "$build/three_legged" finish "$login" wrong
shows "$err" "Access was denied, or the verifier is wrong" "UNAUTHORIZED"
control --data "oauth_token=$request_token" --data decision=allow --data email=user1@sandbox.example \
    "$USERVOICE_BASE_URL/oauth/authorize"
verifier=$(sed -n 's|.*<code id="verifier">\([^<]*\)</code>.*|\1|p' "$work/control")
status 0 "$build/three_legged" finish "$login" "$verifier"
shows "$out" "Logged in as Zoë Åström <user1@sandbox.example>."
[ ! -e "$login" ] || fail "the request token was not deleted"
status 2 "$build/three_legged" begin

# The example with nlohmann-json.
status 0 "$build/most_wanted" 3
[ "$(wc -l <"$out")" = 3 ] && sort --numeric-sort --reverse --stable "$out" | cmp --quiet - "$out" || fail "not the three suggestions with the most votes"
faults '{"path":"/api/v1/suggestions","status":401}'
status 1 "$build/most_wanted"
shows "$err" '"type": "unauthorized"'
echo "C++ examples: passed"
