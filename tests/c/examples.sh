#!/usr/bin/env bash
# Compiles the examples in examples/c and bindings/c, runs them against the sandbox and checks what
# they do.
# Usage: tests/c/examples.sh LIBRARY_DIRECTORY [SANDBOX]
set -euo pipefail
library=$(realpath "$1")
sandbox=$(realpath "${2:-$library/uservoice-sandbox}")
tool=$library/uservoice
cd "$(dirname "$0")"
../../scripts/install-tools gcc valgrind curl python3 pkg-config libmicrohttpd
# shellcheck source=tests/c/sandbox.sh
. ./sandbox.sh
records=611
lists=() # they are in the program
stopped=0
build=$library/c-examples
run=(timeout 300 valgrind --quiet --error-exitcode=99 --leak-check=full
    --show-leak-kinds=definite,indirect,possible)
# shellcheck source=tests/c/check_examples.sh
. ./check_examples.sh
mkdir -p "$build"
ln -sf libuservoice.so "$library/libuservoice.so.0"

# compile NAME SOURCE... [OPTION...]
compile() {
    "$compiler" -std=c99 -g -Wall -Wextra -Wpedantic -Werror -I../../include "${@:2}" -o "$build/$1" \
        -L"$library" -luservoice -pthread -Wl,-rpath,"$library"
}
examples=../../examples/c
compilers=(gcc)
command -v clang >/dev/null && compilers=(clang gcc)
for compiler in "${compilers[@]}"; do
    for name in tour sso_link list_to_csv act_as_user export worker_threads log_and_interrupt; do
        compile $name $examples/$name.c $examples/site.c
    done
    for name in three_legged_login webhook_receiver; do
        compile $name $examples/{$name,server,site}.c -lmicrohttpd
    done
    compile suggestions ../../bindings/c/sample/suggestions.c
done

unset "${!USERVOICE_@}"
check_site_is_required
start_sandbox "$sandbox" --records "$records"
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL

# The sample of bindings/c.
sample=(env USERVOICE_SUBDOMAIN=sandbox "USERVOICE_API_KEY=$USERVOICE_SANDBOX_API_KEY"
    "USERVOICE_API_SECRET=$USERVOICE_SANDBOX_API_SECRET" "${run[@]}" "$build/suggestions")
status 2 "$build/suggestions"
shows "$err" "USERVOICE_SUBDOMAIN and USERVOICE_API_KEY must be set"
status 0 "${sample[@]}" 5
[ "$(wc -l <"$out")" = 5 ] || fail "not 5 titles"
shows "$out" "($records)"
status 1 "${sample[@]}" -2
shows "$err" "INVALID_ARGUMENT"

check_tour
check_sso_link
check_list_to_csv
check_full_disk
check_act_as_user
check_export
check_worker_threads
check_log_and_interrupt
check_three_legged_login
check_webhook_receiver

# TLS with the sandbox's certificate authority. Not under valgrind, which reports the results of
# the AES-GCM assembly as uninitialised.
start_sandbox "$sandbox" --tls
export USERVOICE_BASE_URL=$USERVOICE_SANDBOX_URL
status 1 "$build/tour"
shows "$err" TRANSPORT
status 0 env USERVOICE_CA_FILE="$(sandbox_field ca_file)" "$build/tour"
shows "$out" "https://127.0.0.1" "Acting as owner@sandbox.example."
echo "examples: passed"
