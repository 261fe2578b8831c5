# Every goal installs what it needs: only rustup (and its cargo) must be there.
CARGO ?= cargo
TARGET_DIR ?= target
# End-to-end tests mostly wait, for jobs and for limits: more of them than cores run at once.
THREADS ?= 8
VENV := $(TARGET_DIR)/consumers
RELEASE := $(TARGET_DIR)/release-check
DENY_VERSION := 0.20.2
DENY := $(TARGET_DIR)/tools/bin/cargo-deny
# `make deny ADVISORIES=fetch` asks for what was reported since.
ADVISORIES ?=
# `make bench BENCH=quick` only sees that it works; PROCTOR=… measures a program that is there already.
BENCH ?= full
PROCTOR ?= $(TARGET_DIR)/release/proctor
# How long each target is fuzzed, in seconds, and which; all of them when none is named.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?=

.PHONY: wasi-cli demo test lint unit fuzz fuzz-smoke consumers bench bench-component bench-program deny release-check setup clean

## demo: a whole run against the embedded sandbox, without an account or a network
demo: setup
	$(CARGO) run --locked --package proctor-host --bin proctor -- demo --out $(TARGET_DIR)/demo

## test: format, clippy on both targets, unit, property and end-to-end tests, and some seconds of random input
test: lint unit fuzz-smoke

# `proctor-native` is made of the sources of `proctor` for fuzzing, without what its tests need.
lint: setup
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --exclude proctor-native --all-targets -- -D warnings
	$(CARGO) clippy --locked --package proctor --lib --target wasm32-wasip2 -- -D warnings
	$(CARGO) clippy --locked --package proctor-cli --target wasm32-wasip2 -- -D warnings

## wasi-cli: the program as a component for hosts of WASI; leaves proctor-cli.wasm in the target directory
wasi-cli: setup
	$(CARGO) build --locked --package proctor-cli --bin proctor-cli --profile component --target wasm32-wasip2 \
		--target-dir $(TARGET_DIR)/component
	cp $(TARGET_DIR)/component/wasm32-wasip2/component/proctor-cli.wasm $(TARGET_DIR)/proctor-cli.wasm

unit: setup consumers
	PATH="$(abspath $(VENV))/bin:$$PATH" PROCTOR_CONSUMERS="$(abspath $(VENV))" $(CARGO) test --locked --workspace --no-fail-fast -- --test-threads $(THREADS)

## fuzz: random input for all that reads what others have written, FUZZ_SECONDS for each target
fuzz: setup
	RUSTC_WORKSPACE_WRAPPER="$(abspath fuzz/instrument.sh)" $(CARGO) build --locked --workspace --example every --features proctor-fuzz/libfuzzer
	fuzz/run.sh "$(abspath $(TARGET_DIR))/debug/examples/every" $(FUZZ_SECONDS) $(FUZZ_TARGETS)

## fuzz-smoke: the same for a few seconds, where there is a C++ compiler
fuzz-smoke:
	@if command -v c++ >/dev/null 2>&1; then \
		SEED=1 $(MAKE) --no-print-directory fuzz FUZZ_SECONDS=5; \
	elif [ -n "$$CI" ]; then \
		echo 'fuzz-smoke: there is no C++ compiler (c++), which libFuzzer is built with' >&2; exit 1; \
	else \
		echo 'skipped: fuzz-smoke, as there is no C++ compiler (c++), which libFuzzer is built with' >&2; \
	fi

## consumers: the programs that read Proctor's reports in life, where they can be installed
consumers:
	@sh tests/consumers/install.sh $(VENV)

## bench: the component's benchmarks, then whole programs side by side; writes docs/performance.md
bench: bench-component bench-program

bench-component: setup
ifeq ($(BENCH),quick)
	$(CARGO) bench --locked --package proctor-bench --bench component -- --test
else
	$(CARGO) bench --locked --package proctor-bench --bench component
endif

bench-program: setup consumers $(if $(filter $(TARGET_DIR)/release/proctor,$(PROCTOR)),bench-build)
ifeq ($(BENCH),quick)
	$(CARGO) run --locked --package proctor-bench --bin compare -- --quick --proctor $(PROCTOR) --consumers $(VENV) --out $(TARGET_DIR)/bench/performance.md
else
	$(CARGO) run --locked --release --package proctor-bench --bin compare -- --proctor $(PROCTOR) --consumers $(VENV) --out docs/performance.md
endif

.PHONY: bench-build
bench-build:
	$(CARGO) build --locked --release --package proctor-host --bin proctor

## deny: licences, sources and versions of the dependencies, and what is reported of them: by the database of RustSec that
## is there already, or that ADVISORIES=fetch gets from GitHub
deny: $(DENY)
	$(DENY) --workspace --locked check bans licenses sources
	@if [ "$(ADVISORIES)" = fetch ]; then $(DENY) --workspace --locked check advisories; \
	elif [ -d "$${CARGO_HOME:-$$HOME/.cargo}/advisory-dbs" ]; then $(DENY) --workspace --locked check --disable-fetch advisories; \
	else echo 'skipped: advisories, as the database of RustSec is not there (`make deny ADVISORIES=fetch` gets it)' >&2; fi

$(DENY):
	$(CARGO) install --locked --version $(DENY_VERSION) --root $(TARGET_DIR)/tools cargo-deny

## release-check: the program as it is released: built twice and compared, run where there is nothing else, and packed
release-check: consumers
	release/reproducible.sh $(RELEASE)
	release/empty-root.sh $(RELEASE)/proctor-x86_64-unknown-linux-musl
	release/packages.sh $(RELEASE)
	release/sbom.sh $(RELEASE)/proctor.cdx.json
	$(VENV)/bin/python release/sbom-valid.py $(RELEASE)/proctor.cdx.json

setup:
	@rustup target list --installed 2>/dev/null | grep -qx wasm32-wasip2 || rustup target add wasm32-wasip2

clean:
	$(CARGO) clean
