.PHONY: all test header

all:
	cargo build --release -p uservoice

# Everything that must hold for a commit.
test:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	cargo test --workspace
	cargo build -p uservoice -p uservoice-sandbox
	tests/exports.sh target/debug/libuservoice.so
	tests/c/check_header.sh
	tests/c/run.sh target/debug
	tests/c/examples.sh target/debug
	@echo "make test: formatting, lints, Rust tests, exports, header, C tests and examples passed"

# Writes include/uservoice.h anew from the sources.
header:
	UPDATE_HEADER=1 cargo test -p uservoice --test header
