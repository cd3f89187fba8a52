.PHONY: all install demo build tools test test-rust lint test-abi test-c test-consumer test-soak \
	test-fuzz test-cpp test-go test-ruby test-python test-peers test-docs test-browser test-packaging \
	test-site test-fresh-machine soak fuzz sanitize \
	header abi advisories dist bench instructions docs linkcheck

MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
cargo_target = $(or $(CARGO_TARGET_DIR),target)
comma = ,
built = $(cargo_target)/built
FUZZ_SECONDS ?= 600
# Parts of the tests that run at the same time.
TEST_JOBS ?= $(shell nproc)
test_tools = abidiff clang-sanitizers cmake curl g++ gcc make ninja nlohmann-json nm pkg-config \
	python3-venv readelf ruby ruby-ffi ruby-minitest ruby-webrick script valgrind yard
# `make test BROWSER=1` is test-browser too.
ifdef BROWSER
parts = test-browser
test_tools += chromium chromedriver
endif

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

# Everything that must hold for a commit. The parts run at the same time, and what each
# says comes together when it is done.
test:
	@$(MAKE) --jobs=2 tools build
	@$(MAKE) --jobs=$(TEST_JOBS) --output-sync=target $(parts)
	@$(MAKE) test-docs
	@echo "make test passed: formatting, lints, licences, Rust tests, exports, ABI, header, C tests," \
		"examples, programs that link the installed library, a short soak, short fuzzing, C++, Go, Ruby" \
		"and Python, programs of others against the sandbox, the documentation's examples$(if $(BROWSER),$(comma) a login in a browser)"

# First what tells at once what to do about a change, then the longest.
parts += test-abi lint test-rust test-consumer test-c test-go test-cpp test-python test-ruby \
	test-peers test-fuzz test-soak

# Rust's own, one package after the other: together they would have other features than
# what is built for use, and everything would be compiled once more.
test-rust: build
	cargo test --quiet -p uservoice
	cargo test --quiet -p uservoice-sandbox

lint: tools
	cargo fmt --all --check
	scripts/cargo-deny --locked check licenses bans sources
	cargo clippy --workspace --all-targets --quiet -- -D warnings

test-abi: build tools
	tests/exports.sh $(built)/libuservoice.so
	scripts/abi check $(built)/libuservoice.so

test-c: build tools
	tests/c/check_header.sh
	tests/c/run.sh $(built)
	tests/c/sanitize.sh $(built)
	tests/c/examples.sh $(built)

test-consumer: build tools
	tests/consumer/run.sh
	# The release that it built is measured too.
	benches/instructions/run.sh check target/consumer/build-Release/cargo/release/package

test-soak: build
	SOAK_SECONDS=15 $(built)/uservoice-soak $(built)/uservoice-sandbox

test-fuzz: tools
	fuzz/run.sh 5

# Each binding by its own language's runner, against the sandbox.
test-cpp: build tools
	tests/cpp/run.sh $(built)

test-go: build tools
	bindings/go/test.sh $(built)

test-ruby: build tools
	bindings/ruby/test.sh $(built)

test-python: build tools
	bindings/python/test.sh $(built)

# The old Python client, and a Singer tap.
test-peers: build tools
	tests/old-python-client/run.sh $(built)
	tests/tap-uservoice/run.sh $(built)

# The examples of the documentation, and that its pages show no others. After the parts
# above, which make the wheel and the environment of the old Python client.
test-docs: build
	tests/docs/run.sh $(built)

# The Go example of a three-legged login, clicked through in Chromium.
test-browser: build tools
	tests/browser/run.sh $(built)

# The site of the documentation, on a phone's width, and its inner links.
test-site: docs
	tests/browser/site.sh docs/site

# Conan's packages, made and linked. Apart from `make test`, for they take minutes.
test-packaging:
	tests/packaging/run.sh

# `make demo` and `make test` in a Debian with nothing but Rust, gcc, make, curl and Python 3.
# Takes root and an hour.
test-fresh-machine:
	tests/fresh_machine.sh

# What the tests run, linked to a place where later builds with other features leave it
# alone. Package by package, as `make demo` and CMake build them.
build:
	cargo build --locked -p uservoice-sandbox
	cargo build --locked -p uservoice
	cargo build --locked -p uservoice-soak
	mkdir -p $(built)
	cd $(cargo_target)/debug && ln -f libuservoice.so libuservoice.a uservoice-sandbox \
		uservoice-soak $(abspath $(built))

# What the tests need, at once: each asks again for its own.
tools:
	scripts/install-tools $(test_tools)

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
abi: build
	scripts/abi record $(built)/libuservoice.so $(ABI_FLAGS)

# Whether a crate has a known weakness: RustSec's list is fetched from GitHub.
advisories:
	scripts/cargo-deny --locked check advisories

# The site of the documentation, docs/site.
docs:
	scripts/docs

# The links of the site that lead to other hosts, asked for over the network.
linkcheck:
	scripts/docs linkcheck

# The release archive, the wheel, the gem and Debian's packages, in dist/. They are installed
# into a Debian of their own, which takes root.
dist:
	scripts/dist
	tests/consumer/packages.sh
