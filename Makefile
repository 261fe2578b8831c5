# Every goal installs what it needs: only rustup (and its cargo) must be there.
CARGO ?= cargo
TARGET_DIR ?= target
# End-to-end tests mostly wait, for jobs and for limits: more of them than cores run at once.
THREADS ?= 8
VENV := $(TARGET_DIR)/consumers
RELEASE := $(TARGET_DIR)/release-check

.PHONY: demo test lint unit consumers deny release-check setup clean

## demo: a whole run against the embedded sandbox, without an account or a network
demo: setup
	$(CARGO) run --locked --package proctor-host --bin proctor -- demo --out $(TARGET_DIR)/demo

## test: format, clippy on both targets, unit, property and end-to-end tests
test: lint unit

lint: setup
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --locked --package proctor --lib --target wasm32-wasip2 -- -D warnings

unit: setup consumers
	PATH="$(abspath $(VENV))/bin:$$PATH" PROCTOR_CONSUMERS="$(abspath $(VENV))" $(CARGO) test --locked --workspace -- --test-threads $(THREADS)

## consumers: the programs that read Proctor's reports in life, where they can be installed
consumers:
	@sh tests/consumers/install.sh $(VENV)

## deny: licences, sources and duplicate versions of the dependencies
deny:
	$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-deny
	$(CARGO) deny check bans licenses sources

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
