.PHONY: all install demo build test test-core test-bindings test-peers test-browser soak fuzz \
	sanitize header abi dist bench instructions

MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
cargo_target = $(or $(CARGO_TARGET_DIR),target)
built = $(cargo_target)/debug
FUZZ_SECONDS ?= 600

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

# Everything that must hold for a commit, one after the other.
test: test-core test-bindings test-peers
	@echo "make test passed: formatting, lints, Rust tests, exports, ABI, header, C tests," \
		"examples, programs that link the installed library, a short soak, short fuzzing, C++, Go, Ruby" \
		"and Python, and programs of others against the sandbox"

test-core: build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	cargo test --workspace
	tests/exports.sh $(built)/libuservoice.so
	scripts/abi check $(built)/libuservoice.so
	tests/c/check_header.sh
	tests/c/run.sh $(built)
	tests/c/sanitize.sh $(built)
	tests/c/examples.sh $(built)
	tests/consumer/run.sh
	benches/instructions/run.sh check
	SOAK_SECONDS=15 $(built)/uservoice-soak $(built)/uservoice-sandbox
	fuzz/run.sh 5

# Each binding by its own language's runner, against the sandbox.
test-bindings: build
	tests/cpp/run.sh $(built)
	bindings/go/test.sh $(built)
	bindings/ruby/test.sh $(built)
	bindings/python/test.sh $(built)

# The old Python client, and a Singer tap.
test-peers: build
	tests/old-python-client/run.sh $(built)
	tests/tap-uservoice/run.sh $(built)

# The Go example of a three-legged login, clicked through in Chromium.
test-browser: build
	tests/browser/run.sh $(built)

build:
	cargo build -p uservoice -p uservoice-sandbox -p uservoice-soak

# 32 threads for SOAK_SECONDS (600) against a sandbox that fails 2 % of the calls.
soak:
	cargo build --profile soak --locked -p uservoice-soak -p uservoice-sandbox
	target/soak/uservoice-soak target/soak/uservoice-sandbox

# All fuzz targets at once, each for FUZZ_SECONDS.
fuzz:
	fuzz/run.sh $(FUZZ_SECONDS)

# The C tests under AddressSanitizer, and under ThreadSanitizer what uses many threads. The
# latter needs a nightly Rust with its component rust-src.
sanitize: build
	tests/c/sanitize.sh $(built)
	tests/thread_sanitizer.sh

# The library beside others: a table, and docs/performance.md. BENCH_QUICK=1 for a short run.
bench:
	benches/compare/run.sh

# Records how many instructions the library takes for what it does most.
instructions:
	benches/instructions/run.sh record

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
