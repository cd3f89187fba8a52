# To be sourced. Starts the sandbox on a free port, exports its URL and keys as environment
# variables, and stops it when the script ends.
sandbox_pids=()
trap 'kill "${sandbox_pids[@]}" 2>/dev/null || true' EXIT

# start_sandbox PROGRAM [OPTION...]
start_sandbox() {
    [ -x "$1" ] || { echo "sandbox not found at $1; run: cargo build -p uservoice-sandbox" >&2; exit 1; }
    exec 9< <(exec "$1" --port 0 --json --quiet "${@:2}" </dev/null)
    sandbox_pids+=($!)
    # It prints this line as soon as it accepts connections.
    read -r sandbox_line <&9 || { echo "the sandbox failed to start" >&2; exit 1; }
    export USERVOICE_SANDBOX_URL=$(sandbox_field url)
    export USERVOICE_SANDBOX_API_KEY=$(sandbox_field api_key)
    export USERVOICE_SANDBOX_API_SECRET=$(sandbox_field api_secret)
    export USERVOICE_SANDBOX_UNTRUSTED_API_KEY=$(sandbox_field untrusted_api_key)
    export USERVOICE_SANDBOX_UNTRUSTED_API_SECRET=$(sandbox_field untrusted_api_secret)
    export USERVOICE_SANDBOX_SSO_KEY=$(sandbox_field sso_key)
    export USERVOICE_SANDBOX_OWNER_EMAIL=$(sandbox_field owner_email)
}

# sandbox_field NAME: prints a string of that line, which is flat JSON without escapes.
sandbox_field() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$sandbox_line"
}
