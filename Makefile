.PHONY: all install demo build tools test test-rust lint test-abi test-c test-consumer test-soak \
	test-fuzz test-cpp test-go test-ruby test-python test-peers test-docs test-browser test-packaging \
	test-site test-api test-airbyte test-other-languages test-platforms test-fresh-machine soak fuzz mutants sanitize \
	header api picture abi advisories dist bench instructions docs linkcheck

MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
cargo_target = $(or $(CARGO_TARGET_DIR),target)
comma = ,
built = $(cargo_target)/built
FUZZ_SECONDS ?= 600
# Parts of the tests that run at the same time.
TEST_JOBS ?= $(shell nproc)
# What a part needs first.
needs = $(if $(READY),,$(1))
test_tools = abidiff clang-sanitizers cmake cpp-httplib curl g++ gcc libmicrohttpd make mcs mono ninja nlohmann-json nm \
	openssl php pkg-config python3-venv readelf ruby ruby-ffi ruby-minitest ruby-webrick script valgrind yard
# `make test BROWSER=1` is test-browser too.
ifdef BROWSER
parts = test-browser
test_tools += chromium chromedriver
endif

# Builds the libraries and the tool, optimized. The cargo target directory is shared with the tests.
all:
	scripts/install-tools cmake
	cmake -S . -B target/install -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=$(PREFIX) -DUSERVOICE_BUILD_TOOL=ON \
		-DUSERVOICE_CARGO_TARGET_DIR=$(abspath $(cargo_target))
	cmake --build target/install

# Installs the libraries, the headers, the tool with its manual, and the files for CMake and pkg-config.
install: all
	cmake --install target/install

# Builds everything and runs a C program and the tool against the sandbox. KEEP=1: the sandbox runs until Enter is pressed.
demo:
	KEEP=$(KEEP) scripts/demo

# Runs all checks that a commit must pass. The parts run in parallel; the output of each is printed when it is done, and
# stays in target/test-logs. READY: tools and build are done, and need not be done again by each part.
test:
	@$(MAKE) --jobs=2 tools build
	@MAKEFLAGS= tests/parts/run.py target/test-logs $(TEST_JOBS) $(parts) --last test-docs -- \
		$(MAKE) --no-print-directory READY=1 $(MAKEOVERRIDES)
	@echo "make test passed: formatting, lints, licences, Rust tests, exports, ABI, header, C tests," \
		"examples, programs that link the installed library, a short soak, short fuzzing, C++, Go, Ruby" \
		"and Python, third-party programs and generated requests against the sandbox, the documentation's" \
		"examples$(if $(BROWSER),$(comma) a login in a browser)"

# First the quick checks that say what to do about a change, then the longest parts.
parts += test-abi lint test-rust test-consumer test-c test-go test-cpp test-python test-ruby \
	test-peers test-api test-fuzz test-soak

# One package after the other: a joint build would unify their features, and compile all crates again.
test-rust: $(call needs,build)
	cargo test --locked --quiet -p uservoice
	cargo test --locked --quiet -p uservoice-sandbox
	cargo test --locked --quiet -p uservoice-cli

lint: $(call needs,tools)
	tests/parts/test_run.py
	cargo fmt --all --check
	scripts/cargo-deny --locked check licenses bans sources
	cargo clippy --locked --workspace --all-targets --quiet -- -D warnings

test-abi: $(call needs,build tools)
	tests/exports.sh $(built)/libuservoice.so
	tests/two_libraries/run.sh $(built)
	scripts/abi check $(built)/libuservoice.so

test-c: $(call needs,build tools)
	tests/c/check_header.sh
	tests/c/run.sh $(built)
	tests/c/sanitize.sh $(built)
	tests/c/examples.sh $(built)

test-consumer: $(call needs,build tools)
	tests/consumer/run.sh
	# Uses the release build of the line above.
	benches/instructions/run.sh check target/consumer/build-Release/cargo/release/package

test-soak: $(call needs,build)
	SOAK_SECONDS=15 $(built)/uservoice-soak $(built)/uservoice-sandbox

test-fuzz: $(call needs,tools)
	fuzz/run.sh 5

# Each language package with its language's test runner, against the sandbox.
test-cpp: $(call needs,build tools)
	tests/cpp/run.sh $(built)

test-go: $(call needs,build tools)
	tests/go/run.sh $(built)

test-ruby: $(call needs,build tools)
	bindings/ruby/test.sh $(built)

test-python: $(call needs,build tools)
	bindings/python/test.sh $(built)

# Third-party programs: the old Python and Ruby clients, and a Singer tap.
test-peers: $(call needs,build tools)
	tests/old-python-client/run.sh $(built)
	tests/old-ruby-client/run.sh $(built)
	tests/tap-uservoice/run.sh $(built)

# Compares the OpenAPI description with the sandbox, by some 10,000 generated requests. Takes about a minute of a core.
test-api: $(call needs,build tools)
	tests/api/run.sh $(built)

# Compares collections with Airbyte's engine. Not part of `make test`, because the engine's packages take 340 MB.
test-airbyte: $(call needs,build)
	tests/airbyte/run.sh $(built)

# Runs the examples of the documentation and the lines of the API's reference, and checks that its pages show only
# tested code. Uses the wheel and the environment of the old Python client from the parts above.
test-docs: $(call needs,build)
	tests/docs/run.sh $(built)
	tests/calls/run.sh $(built)

# Runs the programs in PHP, C#, Node.js and Java, which load the library through a foreign function interface. `make test`
# runs PHP and C# only: the packages of Node.js and Java take 190 and 270 MB.
test-other-languages: $(call needs,build)
	tests/docs/run.sh $(built) php csharp node java

# Runs the Go example of a three-legged login in Chromium.
test-browser: $(call needs,build tools)
	tests/browser/run.sh $(built)

# Checks the documentation site: fits a phone's screen, internal links work.
test-site: docs
	tests/browser/site.sh docs/site

# Builds the Conan packages and links a program with each, the same for RPM, builds the release files twice and compares
# them, and builds the Debian source package in Debian unstable. Needs root. Not part of `make test`, because it takes an
# hour.
test-packaging:
	tests/packaging/conan.sh
	tests/packaging/rpm.sh
	tests/packaging/reproducible.sh
	tests/packaging/debian.sh

# Builds the library and the tool for other systems, and runs them under QEMU, Wine or directly: docs/packaging.md. For
# macOS and Visual C++, compiles only. Needs root, and `rustup target add` of TARGETS (by default all).
test-platforms: $(call needs,build)
	tests/platforms/run.sh $(built) $(TARGETS)

# Runs `make demo` and `make test` in a Debian with only Rust, gcc, make, curl and Python 3. Needs root, takes an hour.
test-fresh-machine:
	tests/fresh_machine.sh

# Builds what the tests use, and links it into a directory that later builds with other features do not touch.
# Package by package, as `make demo` and CMake build them.
build:
	cargo build --locked -p uservoice-sandbox
	cargo build --locked -p uservoice
	cargo build --locked -p uservoice-soak
	cargo build --locked -p uservoice-cli
	mkdir -p $(built)
	cd $(cargo_target)/debug && ln -f libuservoice.so libuservoice.a uservoice uservoice-sandbox \
		uservoice-soak $(abspath $(built))

# Installs all tools that the tests need at once; each test also checks for its own.
tools:
	scripts/install-tools $(test_tools)

# Runs 32 threads for SOAK_SECONDS (600) against a sandbox that injects faults into 2 % of the requests.
soak:
	cargo build --profile soak --locked -p uservoice-soak -p uservoice-sandbox
	target/soak/uservoice-soak target/soak/uservoice-sandbox

# Injects failures for a few minutes: allocations, files, connections, signals, forks, kills.
torture:
	tests/torture/run.sh

# Runs all fuzz targets in parallel, each for FUZZ_SECONDS.
fuzz:
	fuzz/run.sh $(FUZZ_SECONDS)

# Changes the code in many ways and fails if no test notices. Takes two or three hours.
mutants:
	tests/mutants/run.sh

# Runs the C tests under AddressSanitizer, and the multithreaded tests under ThreadSanitizer, which needs a nightly
# Rust with the component rust-src: rustup installs it if it is missing.
sanitize: build
	tests/c/sanitize.sh $(built)
	tests/thread_sanitizer.sh

# Compares the library with others: prints a table, writes docs/performance.md. BENCH_QUICK=1 is a short run.
bench:
	benches/compare/run.sh

# Records the instruction counts of frequent operations.
instructions:
	benches/instructions/run.sh record

# Regenerates include/uservoice.h and the table in docs/reference/options.md from the sources.
header:
	UPDATE_HEADER=1 cargo test --locked -p uservoice --test header

# Regenerates docs/reference/api from the table of the API, sandbox/api.
api:
	scripts/api-reference

# Records docs/images/tool.svg, the session in the README.
picture: $(call needs,build)
	scripts/picture $(built)

# Records additions to the ABI, see docs/abi.md.
abi: build
	scripts/abi record $(built)/libuservoice.so $(ABI_FLAGS)

# Checks the crates for known vulnerabilities; downloads RustSec's database from GitHub.
advisories:
	scripts/cargo-deny --locked check advisories

# Builds the documentation site, docs/site.
docs:
	scripts/docs

# Checks the external links of the site over the network.
linkcheck:
	scripts/docs linkcheck

# Builds the release archives, wheel, gem and Debian packages in dist/, and installs them in a minimal Debian, which
# needs root. TARGETS: for which other systems; by default those whose compiler and Rust library are installed.
dist:
	scripts/dist
	tests/consumer/packages.sh
