# To be sourced. Runs the examples of a language against the sandbox and checks what they do.
# Needs `build`, the directory of the programs; `run`, the command that runs them; `tool`, the command-line tool;
# `records`, the number of suggestions; `lists`, the arguments of `export` after the directory; and `stopped`, the exit status of a web server after SIGTERM.
out=$build/out
err=$build/err

fail() {
    echo "examples: $1" >&2
    echo "--- output" >&2
    head -c 2000 "$out" >&2
    echo "--- errors" >&2
    head -c 2000 "$err" >&2
    [ -z "${server_pid-}" ] || kill "$server_pid"
    exit 1
}
# status EXPECTED COMMAND...: runs the command, checks its exit status, writes $out and $err.
status() {
    local got=0
    "${@:2}" >"$out" 2>"$err" || got=$?
    [ "$got" = "$1" ] || fail "status $got instead of $1: ${*:2}"
}
# example STATUS NAME ARGUMENT...
example() {
    status "$1" "${run[@]}" "$build/$2" "${@:3}"
}
# shows FILE TEXT...: checks that the file contains each text.
shows() {
    local file=$1 text
    for text in "${@:2}"; do
        grep -qF -- "$text" "$file" || fail "not found: \"$text\""
    done
}
# request URL CURL-OPTION...: writes the body of the response to $out, prints its status and where it redirects to.
request() {
    curl --silent --show-error --noproxy '*' --output "$out" --write-out '%{http_code} %{redirect_url}' "${@:2}" "$1"
}
page() {
    request "$@" >"$build/control"
}
faults() {
    curl --silent --show-error --noproxy '*' --fail --output "$build/control" "$@" "$USERVOICE_BASE_URL/_sandbox/faults"
}
# Makes all requests of a path wait, after the first ones.
delay_after() {
    faults --header 'Content-Type: application/json' \
        --data "{\"path\":\"$1\",\"times\":100,\"after\":$2,\"delay_ms\":600000}"
}
# wait_until PID COMMAND...: runs the command until it succeeds, while the program runs.
wait_until() {
    until "${@:2}"; do
        kill -0 "$1" || fail "the program ended before: ${*:2}"
        sleep 0.1
    done
}

# start_server NAME: starts a web server, sets `server` to its URL and `server_pid`.
start_server() {
    local port
    for _ in {1..20}; do # another program may use the port
        port=$((20000 + RANDOM % 10000))
        server=http://127.0.0.1:$port
        "${run[@]}" "$build/$1" "$port" >"$build/server" 2>"$build/server-errors" &
        server_pid=$!
        until grep -q "$server/" "$build/server"; do
            kill -0 "$server_pid" 2>/dev/null || continue 2
            sleep 0.1
        done
        return
    done
    cp "$build/server-errors" "$err"
    server_pid=
    fail "$1 does not start"
}
stop_server() {
    local got=0
    kill -TERM "$server_pid"
    wait "$server_pid" || got=$?
    server_pid=
    [ "$got" = "$stopped" ] || { cp "$build/server-errors" "$err"; fail "status $got of a server that was stopped"; }
}

check_site_is_required() {
    local name
    for name in sso_link list_to_csv "act_as_user user1@sandbox.example 1" "export $build/exported ${lists[*]}" \
        worker_threads log_and_interrupt three_legged_login; do
        # shellcheck disable=SC2086 # a program and its arguments
        example 1 $name
        shows "$err" USERVOICE_BASE_URL USERVOICE_SUBDOMAIN
    done
}

check_tour() {
    status 1 env -u USERVOICE_BASE_URL "$build/tour"
    shows "$err" USERVOICE_BASE_URL
    example 0 tour
    shows "$out" "/?sso=" "Zoë Åström <user1@sandbox.example>" "Acting as owner@sandbox.example." \
        "NOT_FOUND: GET /api/v1/forums/999999999: HTTP 404" "NOT_VERIFIED: "
    [ ! -s "$err" ] || fail "the tour reports an error"
    status 1 env USERVOICE_BASE_URL=http://127.0.0.1:1 "$build/tour"
    shows "$err" TRANSPORT
}

check_sso_link() {
    example 0 sso_link
    page "$(<"$out")"
    shows "$out" jo@example.com
}

# The names of users have quotes and commas.
check_list_to_csv() {
    example 0 list_to_csv
    "$tool" list /api/v1/users --format csv --columns id,name,email >"$build/expected"
    python3 - "$out" "$build/expected" <<'PYTHON' || fail "the CSV differs from the list"
import csv, sys
got, expected = (list(csv.reader(open(name, newline="", encoding="utf-8"))) for name in sys.argv[1:])
sys.exit(got != expected or len(got) <= 250)
PYTHON
}

check_full_disk() {
    local program
    for program in sso_link list_to_csv "act_as_user user1@sandbox.example 1" worker_threads log_and_interrupt; do
        status 1 sh -c "'$build'/$program >/dev/full"
        shows "$err" "standard output"
    done
}

check_act_as_user() {
    local id
    example 0 act_as_user user1@sandbox.example 1
    shows "$out" "user1@sandbox.example sees: Dark mode (1)"
    example 1 act_as_user user1@sandbox.example 999999999
    shows "$out" "user1@sandbox.example sees no suggestion 999999999."
    status 1 env USERVOICE_SUBDOMAIN=sandbox USERVOICE_API_KEY="$USERVOICE_SANDBOX_UNTRUSTED_API_KEY" \
        USERVOICE_API_SECRET="$USERVOICE_SANDBOX_UNTRUSTED_API_SECRET" "$build/act_as_user" user1@sandbox.example 1
    shows "$err" "HTTP 401"
    example 2 act_as_user
    for id in 1x -1 99999999999999999999; do
        status 1 "$build/act_as_user" user1@sandbox.example "$id"
        shows "$err" "$id: must be a number from 1 to "
    done
}

has_200_lines() {
    [ "$(cat "$build/exported/suggestions.jsonl" 2>/dev/null | wc -l)" = 200 ]
}

# The export is killed, resumed and repeated.
check_export() {
    local exporter list
    rm -rf "$build/exported"
    delay_after /api/v2/admin/suggestions 2
    "$build/export" "$build/exported" "${lists[@]}" >"$out" 2>"$err" &
    exporter=$!
    wait_until $exporter has_200_lines
    kill -KILL $exporter
    wait $exporter 2>"$build/control" || true
    faults --request DELETE
    for _ in resumed repeated; do
        example 0 export "$build/exported" "${lists[@]}"
        for list in suggestions users; do
            "$tool" list "/api/v2/admin/$list?sort=id" >"$build/expected"
            cmp "$build/expected" "$build/exported/$list.jsonl" >"$err" || fail "the export of $list differs"
        done
    done
    rm "$build/exported/state.json"
    example 1 export /proc/nowhere "${lists[@]}"
    shows "$err" /proc/nowhere "The same command resumes the export."
    example 2 export
}

check_worker_threads() {
    example 0 worker_threads
    [ "$(sort -u "$out" | grep -c '^/forums/[0-9]*/suggestions/[0-9]*: .')" = 20 ] || fail "not 20 suggestions"
    shows "$out" ": +1, please!" ": (no comment)"
    faults --header 'Content-Type: application/json' --data '{"path":"/api/v1/forums/*","times":9,"status":404}'
    example 1 worker_threads
    shows "$err" "HTTP 404"
    faults --request DELETE
}

# logs COUNT: whether so many requests were logged.
logs() {
    [ "$(grep -c 'method=GET path=/api/v1/suggestions?.* status=200' "$err")" -ge "$1" ]
}

check_log_and_interrupt() {
    local counter got=0
    example 0 log_and_interrupt
    shows "$out" "$records suggestions"
    logs $(((records + 99) / 100)) || fail "not every request is logged"
    delay_after /api/v1/suggestions 0
    "${run[@]}" "$build/log_and_interrupt" >"$out" 2>"$err" &
    counter=$!
    wait_until $counter waits_for_the_sandbox
    kill -INT $counter
    wait $counter || got=$?
    [ $got = 130 ] || fail "status $got after Ctrl-C"
    shows "$err" "Interrupted after 0 suggestions"
    faults --request DELETE
}
waits_for_the_sandbox() {
    faults && ! grep -q '"times":100' "$build/control"
}

# login_at JAR: begins a login in a browser with that cookie jar. Prints the request token.
login_at() {
    request "$server/connect" --cookie-jar "$build/$1" | sed -n 's|^303 .*/oauth/authorize?oauth_token=||p'
}
# decide TOKEN allow|deny: prints where the user returns to.
decide() {
    request "$USERVOICE_BASE_URL/oauth/authorize" --data "oauth_token=$1" --data "decision=$2" \
        --data email=user1@sandbox.example | sed -n 's/^30[0-9] //p'
}
# returns STATUS URL [CURL-OPTION...]: checks the response to a user who returns.
returns() {
    [ "$(request "${@:2}")" = "$1 " ] || fail "not status $1: ${*:2}"
}

check_three_legged_login() {
    local callback other forged
    rejects_ports three_legged_login
    start_server three_legged_login
    callback=$(decide "$(login_at jar)" allow)
    [[ $callback == "$server/callback?"*oauth_verifier=* ]] || fail "the callback is \"$callback\""
    grep -q 'HttpOnly.*/callback' "$build/jar" || fail "scripts can read the cookie"
    other=$(decide "$(login_at other)" allow)

    # A callback that an attacker has sent to the user, without and with a login of the user's own.
    for forged in "$callback" "${callback/oauth_token=/oauth_token=&x=}"; do
        returns 403 "$forged"
        shows "$out" "began in another browser"
        returns 403 "$forged" --cookie "$build/other"
        shows "$out" "began in another browser"
    done
    returns 403 "$(sed 's/oauth_verifier=[^&]*/oauth_verifier=wrong/' <<<"$other")" --cookie "$build/other"
    shows "$out" "did not accept"
    returns 200 "$callback" --cookie "$build/jar"
    shows "$out" "Zoë Åström"
    returns 403 "$callback" --cookie "$build/jar" # a request token is valid for one login

    returns 403 "$(decide "$(login_at jar)" deny)" --cookie "$build/jar"
    shows "$out" "did not allow"
    faults --header 'Content-Type: application/json' --data '{"path":"/oauth/request_token","status":404}'
    returns 502 "$server/connect"
    ! grep -qF "${callback##*oauth_verifier=}" "$build/server" "$build/server-errors" || fail "a verifier is printed"
    stop_server
}

# signed KEY TEXT: prints the body of a webhook that is signed with that key.
signed() {
    USERVOICE_SSO_KEY=$1 "$tool" webhook sign --event new_suggestion \
        <<<"{\"suggestion\":{\"title\":\"Größer & besser$2\"}}"
}

# rejects_ports NAME: checks what a web server says about ports that are none.
rejects_ports() {
    local port
    for port in x 0 99999; do
        status 1 "$build/$1" "$port"
        shows "$err" "$port: must be a number from 1 to 65535"
    done
}

check_webhook_receiver() {
    status 1 env USERVOICE_SUBDOMAIN=acme "$build/webhook_receiver"
    shows "$err" USERVOICE_SSO_KEY
    rejects_ports webhook_receiver
    start_server webhook_receiver
    page "$USERVOICE_BASE_URL/_sandbox/webhooks/receiver" --data "url=$server/"
    page "$USERVOICE_BASE_URL/_sandbox/webhooks" --header 'Content-Type: application/json' \
        --data '{"event":"new_suggestion"}'
    wait_until "$server_pid" grep -q '^Suggestion: .' "$build/server"
    page "$USERVOICE_BASE_URL/_sandbox/webhooks/receiver" --data url=

    returns 200 "$server/" --data "$(signed sandbox-sso-key "")"
    shows "$build/server" "Suggestion: Größer & besser"
    returns 200 "$server/" --data "$(signed sandbox-sso-key "$(head -c 20000 /dev/zero | tr '\0' x)")"
    cp "$build/server" "$build/verified"
    returns 401 "$server/" --data "$(signed another-key "")"
    returns 401 "$server/" --data ''
    head -c 2000000 /dev/zero >"$build/large"
    returns 413 "$server/" --data-binary "@$build/large"
    cmp "$build/verified" "$build/server" >"$err" || fail "a webhook that does not verify is printed"
    stop_server
}
