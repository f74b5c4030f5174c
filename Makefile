# Two commands matter: `make demo` and `make test`. Each sets up what it needs. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help demo test fuzz mutants bench-signatures lint format release setup clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## Build, then run the whole service against the built-in Celonis simulator (under 30 s once built)
	@swift build --product reloader
	@.build/debug/reloader demo

test: setup ## One debug build, then every test, the end-to-end tests against the binary it built
	@swift build --build-tests
	@swift test --skip-build --parallel

RUNS ?= 10000000

fuzz: setup ## Fuzz every parser of what strangers send, under the address sanitizer; RUNS=200000 is the short form
	@RELOADER_FUZZ=1 swift build -c release --scratch-path .build-fuzz --product reloader-fuzz \
		-Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing \
		-Xcxx -fsanitize=fuzzer-no-link,address
	@scripts/fuzz $(RUNS)

mutants: setup ## Break the queue on purpose, one way after the other, and list which test notices
	@scripts/mutants

bench-signatures: setup ## What verifying a delivery costs, beside OpenSSL's one-shot HMAC() in the same run
	@RELOADER_BENCH=1 swift build -c release --scratch-path .build-bench --product bench-signatures
	@.build-bench/release/bench-signatures

lint: ## Formatting and documentation rules
	@scripts/require-swift
	@swift format lint --strict --recursive --parallel Sources Tests Fuzz Benchmarks Package.swift
	@echo "lint: no findings"

format: ## Format in place
	@swift format format --in-place --recursive --parallel Sources Tests Fuzz Benchmarks Package.swift

release: setup ## An optimized build that needs no Swift on the machine it runs on
	@swift build -c release --static-swift-stdlib --scratch-path .build-release --product reloader
	@swift build -c release --static-swift-stdlib --scratch-path .build-release --product celonis-simulator
	@ls -l .build-release/release/reloader .build-release/release/celonis-simulator

setup:
	@scripts/require-swift
	@scripts/install-packages libssl-dev libsimdjson-dev zlib1g-dev pkg-config

clean: ## Remove everything that was built
	@rm -rf .build .build-*
