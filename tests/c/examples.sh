#!/usr/bin/env bash
# Compiles the examples, runs them against the sandbox, and compares what they print.
# Usage: tests/c/examples.sh DIRECTORY-OF-THE-LIBRARY [SANDBOX]
set -euo pipefail
library=$(realpath "$1")
sandbox=$(realpath "${2:-$library/uservoice-sandbox}")
cd "$(dirname "$0")"
../../scripts/install-tools gcc valgrind curl
# shellcheck source=tests/c/sandbox.sh
. ./sandbox.sh
records=1234
build=$library/c-examples
mkdir -p "$build"
ln -sf libuservoice.so "$library/libuservoice.so.0"
compilers=(gcc)
command -v clang >/dev/null && compilers=(clang gcc)
for compiler in "${compilers[@]}"; do
    for example in tour sso export; do
        "$compiler" -std=c99 -g -Wall -Wextra -Wpedantic -Werror -I../../include \
            ../../examples/c/$example.c ../../examples/c/site.c -o "$build/$example" \
            -L"$library" -luservoice -pthread -Wl,-rpath,"$library"
    done
done

valgrind=(timeout 300 valgrind --quiet --error-exitcode=99 --leak-check=full
    --show-leak-kinds=definite,indirect,possible)
out=$build/out
err=$build/err

fail() {
    echo "examples: $1" >&2
    echo "--- output" >&2
    head -c 2000 "$out" >&2
    echo "--- errors" >&2
    head -c 2000 "$err" >&2
    exit 1
}
# status EXPECTED COMMAND...: the command ends so, its output is in $out and $err.
status() {
    local got=0
    "${@:2}" >"$out" 2>"$err" || got=$?
    [ "$got" = "$1" ] || fail "status $got instead of $1: ${*:2}"
}
shows() {
    local file=$1 text
    for text in "${@:2}"; do
        grep -qF -- "$text" "$file" || fail "nothing says \"$text\""
    done
}
lines() {
    [ "$(wc -l <"$out")" = "$1" ] || fail "$(wc -l <"$out") lines instead of $1"
}
control() {
    curl --silent --show-error --noproxy '*' --fail --output "$build/control" "$@"
}
faults() {
    control --header 'Content-Type: application/json' --data "$1" "$USERVOICE_BASE_URL/_sandbox/faults"
}

unset "${!USERVOICE_@}"
for example in "tour" "export /api/v1/users" "sso {}"; do
    # shellcheck disable=SC2086 # the program and its arguments
    got=0 && "$build/"$example >"$out" 2>"$err" || got=$?
    [ "$got" != 0 ] || fail "$example does something without a site"
    shows "$err" "USERVOICE_BASE_URL"
done

start_sandbox "$sandbox" --records "$records"
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL
forums() { "$build/export" --owner /api/v1/forums | wc -l; }
forums_before=$(forums)

# The tour, as `make demo` runs it.
status 0 ../../scripts/tour-unattended "${valgrind[@]}" "$build/tour"
shows "$out" "/?sso=" '"expires":"' "<user1@sandbox.example>" "of 250 users." \
    "As user4@sandbox.example, UserVoice calls me Łukasz Żak." "Created forum" "Posted a suggestion there: \"Tea in the afternoon\"." \
    "Deleted the forum." "NOT_FOUND says: \"HTTP 404" "UNAUTHORIZED says: \"HTTP 401" \
    "Logged in: the calls now act for user1@sandbox.example." \
    "The end: 7 steps done, 0 skipped, 0 failed."
[ "$(forums)" = "$forums_before" ] || fail "the tour's forum is still there"
control "$(grep -o 'http://.*/?sso=[^ ]*' "$out")"
grep -q 'jo@example.com' "$build/control" || fail "the link logs nobody in"

# Nobody types a verifier.
status 0 "${valgrind[@]}" "$build/tour" </dev/null
shows "$out" "The end: 6 steps done, 1 skipped, 0 failed."

# The suggestion fails: the forum goes all the same, and the exit status tells.
faults '{"path":"/api/v1/forums/*","method":"POST","status":500}'
status 1 "${valgrind[@]}" "$build/tour" </dev/null
shows "$out" "Created forum" "Deleted the forum." "1 failed"
shows "$err" "The suggestion cannot be posted" "APPLICATION_ERROR"
[ "$(forums)" = "$forums_before" ] || fail "the forum is still there after a failure"

# A real site is changed only after a "y".
real=(env USERVOICE_SUBDOMAIN=sandbox "USERVOICE_API_KEY=$USERVOICE_SANDBOX_API_KEY"
    "USERVOICE_API_SECRET=$USERVOICE_SANDBOX_API_SECRET")
status 0 "${real[@]}" "$build/tour" </dev/null
shows "$out" "on sandbox? [y/N]" "nothing was changed" "USERVOICE_SSO_KEY is not set" "3 skipped"
status 0 "${real[@]}" "$build/tour" <<<"y"
shows "$out" "Created forum" "Deleted the forum."

# A site that is not there: said, not crashed.
status 1 env USERVOICE_BASE_URL=http://127.0.0.1:1 "$build/tour" </dev/null
shows "$err" "TRANSPORT"

# The export: every record on a line of its own.
status 0 "$build/export" /api/v1/suggestions
lines "$records"
[ "$(grep -c '^{.*}$' "$out")" = "$records" ] || fail "not every line is a record"
[ -s "$err" ] && fail "no terminal, and still a progress line"
status 0 "${valgrind[@]}" "$build/export" --owner /api/v1/tickets 5
lines 5
status 0 "$build/export" --as user1@sandbox.example "/api/v1/users?per_page=7" 20
lines 20
status 0 "${valgrind[@]}" "$build/export" "/api/v2/admin/users?per_page=20" 50
lines 50
status 2 "$build/export" --as user1@sandbox.example /api/v2/admin/users
status 4 "${valgrind[@]}" "$build/export" /api/v1/nothing
shows "$err" "NOT_FOUND"
status 2 "$build/export" suggestions
status 2 "$build/export"
status 2 "$build/export" /api/v1/users many

# On a terminal there is a progress line, and on standard error only.
script --quiet --return --command "'$build/export' /api/v1/suggestions 2>&1 >'$out'" /dev/null \
    >"$err" </dev/null
shows "$err" "$records of $records"
lines "$records"

# The reader of the pipe goes away; the disk is full.
set +o pipefail
"${valgrind[@]}" "$build/export" /api/v1/suggestions 2>"$err" | head -1 >"$out"
got=${PIPESTATUS[0]}
set -o pipefail
[ "$got" = 1 ] || fail "status $got after head -1"
lines 1
[ -s "$err" ] && fail "head -1 is no error to tell of"
got=0 && "$build/export" /api/v1/suggestions >/dev/full 2>"$err" || got=$?
[ "$got" = 8 ] || fail "status $got on a full disk"
shows "$err" "standard output"

# Ctrl-C in the middle of a call ends it, and what was written is whole.
faults '{"path":"/api/v1/suggestions","times":100,"after":2,"delay_ms":600000}'
"${valgrind[@]:2}" "$build/export" "/api/v1/suggestions?per_page=10" >"$out" 2>"$err" &
export_pid=$!
until [ "$(curl --silent --noproxy '*' "$USERVOICE_BASE_URL/_sandbox/faults" | grep -c '"times":100')" = 0 ]; do
    kill -0 "$export_pid" || fail "the export ended by itself"
    sleep 0.1
done
kill -INT "$export_pid"
got=0 && wait "$export_pid" || got=$?
[ "$got" = 130 ] || fail "status $got after Ctrl-C"
shows "$err" "CANCELLED"
[ "$(grep -vc '^{.*}$' "$out")" = 0 ] || fail "a line was cut off"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"

# Into files: interrupted in the middle, it goes on, and another run adds what changed.
to=$build/exported
rm -rf "$to"
faults '{"path":"/api/v2/admin/suggestions","times":100,"after":2,"delay_ms":600000}'
"$build/export" --to "$to" suggestions users >"$out" 2>"$err" &
export_pid=$!
until [ "$(cat "$to/suggestions.jsonl" 2>/dev/null | wc -l)" = 200 ]; do
    kill -0 "$export_pid" || fail "the export into files ended by itself"
    sleep 0.1
done
kill -INT "$export_pid"
got=0 && wait "$export_pid" || got=$?
[ "$got" = 130 ] || fail "status $got after Ctrl-C"
shows "$err" "CANCELLED" "The same command goes on there."
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"
status 0 "${valgrind[@]}" "$build/export" --to "$to" suggestions users
[ -s "$err" ] && fail "no terminal, and still a progress line"
status 0 "$build/export" "/api/v2/admin/suggestions?sort=id"
cmp "$out" "$to/suggestions.jsonl" || fail "the resumed export is another one"
status 0 "$build/export" "/api/v2/admin/users?sort=id"
cmp "$out" "$to/users.jsonl" || fail "not every user"
status 0 "$build/export" --to "$to" suggestions users
[ "$(wc -l <"$to/suggestions.jsonl")" = "$records" ] || fail "nothing changed, and more is written"
status 2 "$build/export" --to "$to" --since 2013-06-05 suggestions
shows "$err" "since"
rm -rf "$to"
script --quiet --return --command "'$build/export' --to '$to' --since 2013-06-05 --format csv suggestions" \
    /dev/null >"$err" </dev/null
shows "$err" "[##############################] 100 %" "a second" "0 s left"
[ "$(head -1 "$to/suggestions.csv" | cut -d, -f1-2)" = id,title ] || fail "no CSV"
status 8 "$build/export" --to /proc/nowhere suggestions
shows "$err" "/proc/nowhere" "FILE_ERROR"
rm -rf "$to"
status 4 "$build/export" --to "$to" nothing
shows "$err" "nothing: HTTP 404"
status 2 "$build/export" --to "$to" ../users
status 2 "$build/export" --to "$to"
rm -rf "$to"

# Over TLS, with the authority that the sandbox made. Without valgrind, which takes what
# the assembly of AES-GCM leaves for uninitialised.
start_sandbox "$sandbox" --tls
status 0 env USERVOICE_BASE_URL="$USERVOICE_SANDBOX_URL" USERVOICE_CA_FILE="$(sandbox_field ca_file)" \
    ../../scripts/tour-unattended "$build/tour"
shows "$out" "https://127.0.0.1" "The end: 7 steps done, 0 skipped, 0 failed."
status 7 env USERVOICE_BASE_URL="$USERVOICE_SANDBOX_URL" "$build/export" /api/v1/users
shows "$err" "TRANSPORT"

# Single sign-on, there and back.
user='{"guid":"1","display_name":"Zoë","expires":"2030-01-01 00:00:00"}'
status 0 "${valgrind[@]}" "$build/sso" --token "$user"
token=$(<"$out")
status 0 "${valgrind[@]}" "$build/sso" --decrypt "$token"
[ "$(<"$out")" = "$user" ] || fail "the user came back changed"
status 0 "$build/sso" --decrypt <<<"$token"
[ "$(<"$out")" = "$user" ] || fail "the token was not read from standard input"
status 0 "$build/sso" <<<"$user"
[ "$(<"$out")" = "$USERVOICE_BASE_URL/?sso=$token" ] || fail "not the link"
status 0 env USERVOICE_SUBDOMAIN=acme USERVOICE_SSO_KEY=key USERVOICE_BASE_URL= "$build/sso" "$user"
shows "$out" "https://acme.uservoice.com/?sso="
status 1 env USERVOICE_SSO_KEY=another "$build/sso" --decrypt "$token"
status 1 "${valgrind[@]}" "$build/sso" "not json"
shows "$err" "INVALID_ARGUMENT"
status 2 "$build/sso" --what
echo "examples: the tour, the export and single sign-on do what they say"
