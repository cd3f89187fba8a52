#!/usr/bin/env bash
# Compiles the examples in examples/c and bindings/c, runs them against the sandbox and checks
# their output.
# Usage: tests/c/examples.sh LIBRARY_DIRECTORY [SANDBOX]
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
    "$compiler" -std=c99 -g -Wall -Wextra -Wpedantic -Werror -I../../include \
        ../../bindings/c/sample/suggestions.c -o "$build/suggestions" \
        -L"$library" -luservoice -Wl,-rpath,"$library"
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
# status EXPECTED COMMAND...: runs the command, checks its exit status, writes $out and $err.
status() {
    local got=0
    "${@:2}" >"$out" 2>"$err" || got=$?
    [ "$got" = "$1" ] || fail "status $got instead of $1: ${*:2}"
}
# shows FILE TEXT...: checks that the file contains each text.
shows() {
    local file=$1 text
    for text in "${@:2}"; do
        grep -qF -- "$text" "$file" || fail "not found: \"$text\""
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
    # shellcheck disable=SC2086 # a program and its arguments
    got=0 && "$build/"$example >"$out" 2>"$err" || got=$?
    [ "$got" != 0 ] || fail "$example succeeds without a site"
    shows "$err" "USERVOICE_BASE_URL"
done

start_sandbox "$sandbox" --records "$records"
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL
forums() { "$build/export" --owner /api/v1/forums | wc -l; }
forums_before=$(forums)

# The sample of bindings/c.
sample=(env USERVOICE_SUBDOMAIN=sandbox "USERVOICE_API_KEY=$USERVOICE_SANDBOX_API_KEY"
    "USERVOICE_API_SECRET=$USERVOICE_SANDBOX_API_SECRET" "${valgrind[@]}" "$build/suggestions")
status 2 "$build/suggestions"
shows "$err" "USERVOICE_SUBDOMAIN and USERVOICE_API_KEY must be set"
status 0 "${sample[@]}" 5
lines 5
shows "$out" "($records)"
status 1 "${sample[@]}" -2
shows "$err" "INVALID_ARGUMENT"

# The tour with a login, as `make demo` runs it.
status 0 ../../scripts/tour-unattended "${valgrind[@]}" "$build/tour"
shows "$out" "/?sso=" '"expires":"' "<user1@sandbox.example>" "of 250 users." \
    "Acting as user4@sandbox.example, whose name is Łukasz Żak." "Created forum" \
    "Posted the suggestion \"Tea in the afternoon\" there." "Deleted the forum." \
    "NOT_FOUND: \"GET /api/v1/forums/999999999: HTTP 404" \
    "UNAUTHORIZED: \"GET /api/v1/users/current: HTTP 401" \
    "Logged in: requests now act as user1@sandbox.example." "7 steps done, 0 skipped, 0 failed."
[ "$(forums)" = "$forums_before" ] || fail "the forum of the tour was not deleted"
control "$(grep -o 'http://.*/?sso=[^ ]*' "$out")"
grep -q 'jo@example.com' "$build/control" || fail "the single sign-on link does not log in"

# The tour without a verifier.
status 0 "${valgrind[@]}" "$build/tour" </dev/null
shows "$out" "6 steps done, 1 skipped, 0 failed."

# The suggestion cannot be posted: the forum is deleted anyway, and the exit status is 1.
faults '{"path":"/api/v1/forums/*","method":"POST","status":500}'
status 1 "${valgrind[@]}" "$build/tour" </dev/null
shows "$out" "Created forum" "Deleted the forum." "1 failed"
shows "$err" "Cannot post the suggestion" "APPLICATION_ERROR"
[ "$(forums)" = "$forums_before" ] || fail "the forum was not deleted after a failure"

# A real site is changed only after confirmation.
real=(env USERVOICE_SUBDOMAIN=sandbox "USERVOICE_API_KEY=$USERVOICE_SANDBOX_API_KEY"
    "USERVOICE_API_SECRET=$USERVOICE_SANDBOX_API_SECRET")
status 0 "${real[@]}" "$build/tour" </dev/null
shows "$out" "on sandbox? [y/N]" "nothing was changed" "USERVOICE_SSO_KEY is not set" "3 skipped"
status 0 "${real[@]}" "$build/tour" <<<"y"
shows "$out" "Created forum" "Deleted the forum."

# An unreachable site.
status 1 env USERVOICE_BASE_URL=http://127.0.0.1:1 "$build/tour" </dev/null
shows "$err" "TRANSPORT"

# The export to standard output: one record per line.
status 0 "$build/export" /api/v1/suggestions
lines "$records"
[ "$(grep -c '^{.*}$' "$out")" = "$records" ] || fail "not every line is a record"
[ -s "$err" ] && fail "progress is printed without a terminal"
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

# On a terminal, progress is printed to standard error.
script --quiet --return --command "'$build/export' /api/v1/suggestions 2>&1 >'$out'" /dev/null \
    >"$err" </dev/null
shows "$err" "$records of $records"
lines "$records"

# A closed pipe and a full disk.
set +o pipefail
"${valgrind[@]}" "$build/export" /api/v1/suggestions 2>"$err" | head -1 >"$out"
got=${PIPESTATUS[0]}
set -o pipefail
[ "$got" = 1 ] || fail "status $got after head -1"
lines 1
[ -s "$err" ] && fail "a closed pipe is reported as an error"
got=0 && "$build/export" /api/v1/suggestions >/dev/full 2>"$err" || got=$?
[ "$got" = 8 ] || fail "status $got on a full disk"
shows "$err" "standard output"

# Ctrl-C cancels the running request; the lines that were written are complete.
faults '{"path":"/api/v1/suggestions","times":100,"after":2,"delay_ms":600000}'
"${valgrind[@]:2}" "$build/export" "/api/v1/suggestions?per_page=10" >"$out" 2>"$err" &
export_pid=$!
until [ "$(curl --silent --noproxy '*' "$USERVOICE_BASE_URL/_sandbox/faults" | grep -c '"times":100')" = 0 ]; do
    kill -0 "$export_pid" || fail "the export ended unexpectedly"
    sleep 0.1
done
kill -INT "$export_pid"
got=0 && wait "$export_pid" || got=$?
[ "$got" = 130 ] || fail "status $got after Ctrl-C"
shows "$err" "CANCELLED"
[ "$(grep -vc '^{.*}$' "$out")" = 0 ] || fail "a line is truncated"
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"

# The export into files: it is interrupted and resumed, and another run appends changes.
to=$build/exported
rm -rf "$to"
faults '{"path":"/api/v2/admin/suggestions","times":100,"after":2,"delay_ms":600000}'
"$build/export" --to "$to" suggestions users >"$out" 2>"$err" &
export_pid=$!
until [ "$(cat "$to/suggestions.jsonl" 2>/dev/null | wc -l)" = 200 ]; do
    kill -0 "$export_pid" || fail "the export into files ended unexpectedly"
    sleep 0.1
done
kill -INT "$export_pid"
got=0 && wait "$export_pid" || got=$?
[ "$got" = 130 ] || fail "status $got after Ctrl-C"
shows "$err" "CANCELLED" "Run the same command again to resume."
control --request DELETE "$USERVOICE_BASE_URL/_sandbox/faults"
status 0 "${valgrind[@]}" "$build/export" --to "$to" suggestions users
[ -s "$err" ] && fail "progress is printed without a terminal"
status 0 "$build/export" "/api/v2/admin/suggestions?sort=id"
cmp "$out" "$to/suggestions.jsonl" || fail "the resumed export differs from the list"
status 0 "$build/export" "/api/v2/admin/users?sort=id"
cmp "$out" "$to/users.jsonl" || fail "users.jsonl differs from the list"
status 0 "$build/export" --to "$to" suggestions users
[ "$(wc -l <"$to/suggestions.jsonl")" = "$records" ] || fail "records were appended without a change"
status 2 "$build/export" --to "$to" --since 2013-06-05 suggestions
shows "$err" "since"
rm -rf "$to"
script --quiet --return --command "'$build/export' --to '$to' --since 2013-06-05 --format csv suggestions" \
    /dev/null >"$err" </dev/null
shows "$err" "[##############################] 100 %" "per second" "0 s remaining"
for column in id title votes_count; do
    [ "$(head -1 "$to/suggestions.csv" | tr , '\n' | grep -cx "$column")" = 1 ] || fail "no column $column"
done
status 8 "$build/export" --to /proc/nowhere suggestions
shows "$err" "/proc/nowhere" "FILE_ERROR"
rm -rf "$to"
status 4 "$build/export" --to "$to" nothing
shows "$err" "GET /api/v2/admin/nothing: HTTP 404" "while exporting \"nothing\""
status 2 "$build/export" --to "$to" ../users
status 2 "$build/export" --to "$to"
rm -rf "$to"

# TLS with the sandbox's certificate authority. Not under valgrind, which reports the results of
# the AES-GCM assembly as uninitialised.
start_sandbox "$sandbox" --tls
status 0 env USERVOICE_BASE_URL="$USERVOICE_SANDBOX_URL" USERVOICE_CA_FILE="$(sandbox_field ca_file)" \
    ../../scripts/tour-unattended "$build/tour"
shows "$out" "https://127.0.0.1" "7 steps done, 0 skipped, 0 failed."
status 7 env USERVOICE_BASE_URL="$USERVOICE_SANDBOX_URL" "$build/export" /api/v1/users
shows "$err" "TRANSPORT"

# Single sign-on.
user='{"guid":"1","display_name":"Zoë","expires":"2030-01-01 00:00:00"}'
status 0 "${valgrind[@]}" "$build/sso" --token "$user"
token=$(<"$out")
status 0 "${valgrind[@]}" "$build/sso" --decrypt "$token"
[ "$(<"$out")" = "$user" ] || fail "the decrypted user differs"
status 0 "$build/sso" --decrypt <<<"$token"
[ "$(<"$out")" = "$user" ] || fail "the token was not read from standard input"
status 0 "$build/sso" <<<"$user"
[ "$(<"$out")" = "$USERVOICE_BASE_URL/?sso=$token" ] || fail "the link is wrong"
status 0 env USERVOICE_SUBDOMAIN=acme USERVOICE_SSO_KEY=key USERVOICE_BASE_URL= "$build/sso" "$user"
shows "$out" "https://acme.uservoice.com/?sso="
status 1 env USERVOICE_SSO_KEY=another "$build/sso" --decrypt "$token"
status 1 "${valgrind[@]}" "$build/sso" "not json"
shows "$err" "INVALID_ARGUMENT"
status 2 "$build/sso" --unknown
echo "examples: passed"
