.PHONY: all install demo test header abi dist

MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
cargo_target = $(or $(CARGO_TARGET_DIR),target)
built = $(cargo_target)/debug

# The libraries, optimised. What cargo builds is shared with the tests.
all:
	scripts/install-tools cmake
	cmake -S . -B target/install -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=$(PREFIX) \
		-DUSERVOICE_CARGO_TARGET_DIR=$(abspath $(cargo_target))
	cmake --build target/install

# Besides them the header, and what CMake and pkg-config need to find them.
install: all
	cmake --install target/install

# Builds everything and shows it: a program in C against the sandbox.
demo:
	scripts/demo

# Everything that must hold for a commit.
test:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	cargo test --workspace
	cargo build -p uservoice -p uservoice-sandbox
	tests/exports.sh $(built)/libuservoice.so
	scripts/abi check $(built)/libuservoice.so
	tests/c/check_header.sh
	tests/c/run.sh $(built)
	tests/c/examples.sh $(built)
	tests/consumer/run.sh
	@echo "make test passed: formatting, lints, Rust tests, exports, ABI, header, C tests, examples," \
		"and programs that link the installed library"

# Writes include/uservoice.h anew from the sources.
header:
	UPDATE_HEADER=1 cargo test -p uservoice --test header

# Records what the ABI has gained; docs/abi.md.
abi:
	cargo build -p uservoice
	scripts/abi record $(built)/libuservoice.so $(ABI_FLAGS)

# The release archive and Debian's packages, in dist/.
dist:
	scripts/dist
	tests/consumer/packages.sh
