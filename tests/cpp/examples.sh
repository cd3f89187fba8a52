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

# The export: to standard output, to a file, and on a terminal.
list="/api/v1/suggestions?sort=oldest"
file=$work/suggestions.jsonl
rm -f "$file"*
status 0 "$build/export" "$list"
cp "$out" "$work/whole"
[ "$(grep -c '^{.*}$' "$work/whole")" = 611 ] || fail "not every line is a record"
[ ! -s "$err" ] || fail "no terminal, and still a progress line"
script --quiet --return --command "'$build/export' '$list' 2>&1 >/dev/null" /dev/null \
    >"$err" </dev/null
shows "$err" "611 records"
status 1 "$build/export" /api/v1/nothing
shows "$err" "NOT_FOUND"
status 2 "$build/export" "/api/v1/users?page=2"
status 1 "$build/export" "$list" /nowhere/file
status 1 sh -c "'$build/export' '$list' >/dev/full"
shows "$err" "cannot be written"

# It ends in an error in the middle, and again by Ctrl-C: what was written is kept, what
# came after the last complete page is not, and the third run completes it.
faults '{"path":"/api/v1/suggestions","after":2,"times":9,"status":500}'
status 1 "$build/export" "$list" "$file"
shows "$err" "APPLICATION_ERROR" "goes on after the last complete page"
[ "$(wc -l <"$file")" = 200 ] || fail "$(wc -l <"$file") records before the error"
echo '{"half of' >>"$file"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"
faults '{"path":"/api/v1/suggestions","after":1,"times":99,"delay_ms":600000}'
"$build/export" "$list" "$file" >"$out" 2>"$err" &
export_pid=$!
until grep -qs '^3 300 ' "$file.state"; do
    kill -0 "$export_pid" || fail "the export ended by itself"
    sleep 0.05
done
kill -INT "$export_pid"
got=0 && wait "$export_pid" || got=$?
[ "$got" = 130 ] || fail "status $got after Ctrl-C"
shows "$err" "Going on after 200 records." "CANCELLED"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/requests"
status 1 "$build/export" /api/v1/users "$file"
shows "$err" "is about $list"
status 0 "$build/export" "$list" "$file"
cmp "$file" "$work/whole" || fail "the resumed export is another one"
[ ! -e "$file.state" ] || fail "the state is still there"
control "$USERVOICE_BASE_URL/_sandbox/requests"
[ "$(grep -o '"path":"/api/v1/suggestions"' "$work/control" | wc -l)" = 4 ] \
    || fail "it did not begin with the fourth page"

# The same of the Admin API, which is read by cursor.
list="/api/v2/admin/suggestions?sort=-id"
file=$work/admin.jsonl
rm -f "$file"*
status 0 "$build/export" --admin "$list"
cp "$out" "$work/whole"
[ "$(grep -c '^{.*}$' "$work/whole")" = 611 ] || fail "not every line is a record"
faults '{"path":"/api/v2/admin/suggestions","after":2,"times":9,"status":500}'
status 1 "$build/export" --admin "$list" "$file"
shows "$err" "APPLICATION_ERROR" "goes on after the last complete page"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/requests"
status 1 "$build/export" --admin --since 2013-06-05T00:00:00Z "$list" "$file"
shows "$err" "is about $list;"
status 0 "$build/export" --admin "$list" "$file"
shows "$err" "Going on after 200 records."
cmp "$file" "$work/whole" || fail "the resumed export is another one"
[ ! -e "$file.state" ] || fail "the state is still there"
control "$USERVOICE_BASE_URL/_sandbox/requests"
[ "$(grep -o '"path":"/api/v2/admin/suggestions"' "$work/control" | wc -l)" = 5 ] \
    || fail "it did not begin with the third page"
status 0 "$build/export" --admin --since 2013-06-05T00:00:00Z "$list"
[ "$(wc -l <"$out")" = 4 ] || fail "not what was changed since then"
faults '{"path":"/api/v2/oauth/token","status":401}'
status 1 "$build/export" --admin "$list"
shows "$err" "UNAUTHORIZED"
status 2 "$build/export" --since 2013-06-05T00:00:00Z /api/v1/suggestions
status 2 "$build/export" --admin --since
status 2 "$build/export" --what /api/v1/suggestions

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
