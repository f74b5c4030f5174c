# Two commands matter: `make demo` and `make test`. Each sets up what it needs. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# How what is released and measured is built. Across modules, since a delivery goes through a dozen; without the run-time
# checks for overlapping accesses, which every test, fuzzer and campaign has; with relocations, by which `scripts/optimize`
# lays the code out anew (Swift's own lld keeps them), and with all functions of libraries looked up at the start.
OPTIMIZED = -c release --static-swift-stdlib --omit-frame-pointers -Xswiftc -cross-module-optimization \
	-Xswiftc -enforce-exclusivity=unchecked -Xswiftc -use-ld=lld -Xlinker --emit-relocs -Xlinker -z -Xlinker now

.PHONY: help demo test test-api test-metrics walk chaos attack fuzz mutants tsan lint format release setup clean
.PHONY: test-ui pictures optimizer
.PHONY: bench bench-signatures bench-refusals bench-rules bench-queue bench-simulate bench-journal run-bench
.PHONY: bench-admission bench-memory bench-start bench-service libraries bare test-release

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## Build, then run the whole service against the built-in Celonis simulator (under 30 s once built)
	@swift build --product reloader
	@.build/debug/reloader demo

test: setup ## One debug build, then every test, the end-to-end tests against the binary it built
	@swift build --build-tests
	@scripts/check-libraries .build/debug/reloader
	@swift test --skip-build --parallel

test-metrics: setup ## What Prometheus' promtool says of the metrics and of the alert rules in deploy/
	@swift build --build-tests
	@promtool=$$(scripts/fetch-promtool) && RELOADER_PROMTOOL=$$promtool swift test --skip-build --filter PrometheusTests

test-api: setup ## schemathesis (PyPI, in a venv) against the running service and its /openapi.yaml; EXAMPLES=50 each
	@scripts/install-packages python3-venv curl
	@swift build --product reloader
	@swift build --product celonis-simulator
	@scripts/test-api

test-ui: setup ## The dashboard in headless Chromium, against the running service and a simulated Celonis
	@scripts/install-packages chromium python3-venv
	@swift build --product reloader
	@swift build --product celonis-simulator
	@scripts/test-ui

pictures: setup ## The README's pictures of the dashboard, taken anew; minutes
	@scripts/install-packages chromium fonts-dejavu-core optipng pngquant python3-venv
	@swift build --product reloader
	@swift build --product celonis-simulator
	@scripts/test-ui take_pictures.py

RUNS ?= 10000000

fuzz: setup ## Fuzz every parser of what strangers send, under the address sanitizer; RUNS=200000 is the short form
	@RELOADER_FUZZ=1 swift build -c release --scratch-path .build-fuzz --product reloader-fuzz \
		-Xswiftc -sanitize=address -Xswiftc -enable-testing -Xcxx -fsanitize=address
	@scripts/fuzz $(RUNS)

walk: setup ## Every interleaving of a small queue, up to 7 arrivals, optimized; the short form is part of `make test`
	@RELOADER_CAMPAIGN=1 RELOADER_WALK=full swift test -c release --scratch-path .build-walk -Xswiftc -enable-testing \
		--filter WalkTests

MINUTES ?= 10

chaos: setup ## Storms against a Celonis that fails a fifth of all calls; MINUTES=10, SEED=… to begin with that storm again
	@RELOADER_CAMPAIGN=1 RELOADER_CHAOS=$(MINUTES) RELOADER_SEED=$(SEED) swift test -c release --scratch-path .build-walk \
		-Xswiftc -enable-testing --filter ChaosTests

attack: setup ## Strangers at the port by the thousand: valid deliveries, memory and answers beside them, optimized; minutes
	@ulimit -n 16384 && RELOADER_CAMPAIGN=1 RELOADER_ATTACK=full \
		swift test -c release --scratch-path .build-walk -Xswiftc -enable-testing \
		--filter AttackTests

tsan: setup ## Every test under the thread sanitizer, the binaries that they start too; half an hour
	@swift build --build-tests --sanitize thread --scratch-path .build-tsan
	@scripts/tsan

mutants: setup ## Break the queue on purpose, one way after the other, and list which test notices
	@scripts/mutants

bench: bench-service ## The service beside a bare epoll loop and Debian's webhook: speed, latency, CPU, memory, allocations
	@scripts/install-packages valgrind webhook wrk
	@cc -O3 Benchmarks/Service/floor.c -o .build-bench/release/floor -lcrypto
	@.build-bench/release/bench-service

bench-memory: bench-service ## What a million deliveries add to the memory; some minutes
	@.build-bench/release/bench-service memory

bench-admission: bench-service ## What the why-trail costs a delivery: processor time with it and without it
	@scripts/install-packages valgrind wrk
	@strip --strip-debug -o .build-bench/release/bench-service-stripped .build-bench/release/bench-service
	@.build-bench/release/bench-service admission

bench-start: bench-service ## From start to ready, and the memory when idle
	@.build-bench/release/bench-service start

bench-service: setup optimizer
	@$(BUILD_BENCH) reloader
	@scripts/optimize .build-bench/release/reloader .build-bench/release/reloader-optimized
	@$(BUILD_BENCH) bench-service

bench-signatures: BENCH = bench-signatures
bench-signatures: run-bench ## What verifying costs beside OpenSSL's one-shot HMAC()
bench-refusals: BENCH = bench-refusals
bench-refusals: run-bench ## Whether a refusal's time tells which check failed
bench-rules: BENCH = bench-rules
bench-rules: run-bench ## What an event costs from bytes to matched rules, beside JSONSerialization
bench-queue: BENCH = bench-queue
bench-queue: run-bench ## Punctuality, cost and memory of the queue against their bounds
bench-simulate: BENCH = bench-simulate
bench-simulate: run-bench ## What simulating 100,000 recorded events costs

bench-journal: setup ## New changes on disk a second, writes while nothing is new, a start with 100,000 pending tables
	@$(BUILD_BENCH) reloader
	@$(BUILD_BENCH) bench-journal
	@.build-bench/release/bench-journal

BUILD_BENCH = RELOADER_BENCH=1 swift build $(OPTIMIZED) --scratch-path .build-bench --product

run-bench: setup
	@$(BUILD_BENCH) $(BENCH)
	@.build-bench/release/$(BENCH)

lint: ## Formatting and documentation rules
	@scripts/require-swift
	@swift format lint --strict --recursive --parallel Sources Tests Fuzz Benchmarks Package.swift
	@echo "lint: no findings"

format: ## Format in place
	@swift format format --in-place --recursive --parallel Sources Tests Fuzz Benchmarks Package.swift

# What was optimized cannot be once more, so it is linked anew each time.
release: setup optimizer ## An optimized build that needs no Swift on the machine it runs on
	@rm -f .build-release/release/reloader
	@swift build $(OPTIMIZED) --scratch-path .build-release --product reloader
	@swift build $(OPTIMIZED) --scratch-path .build-release --product celonis-simulator
	@scripts/optimize .build-release/release/reloader .build-release/release/reloader
	@ls -l .build-release/release/reloader .build-release/release/celonis-simulator

# Without those that let it die at a point that only a debug build has (`FaultPoint`).
test-release: release ## The end-to-end tests against the release binary instead of the debug one
	@swift build --build-tests
	@RELOADER_PROGRAMS=$(CURDIR)/.build-release/release swift test --skip-build --parallel \
		--filter EndToEndTests --skip CrashTests --skip JournalTests

libraries: release ## Whether the release binary needs no library but those that it may
	@scripts/check-libraries .build-release/release/reloader

bare: release ## Whether the release binary serves on a bare Debian 12 with just its libraries (debootstrap, root)
	@scripts/install-packages debootstrap
	@scripts/bare .build-release/release/reloader

setup:
	@scripts/require-swift
	@scripts/install-packages libssl-dev libsimdjson-dev libsqlite3-dev openssl zlib1g-dev pkg-config

optimizer:
	@scripts/install-packages binutils python3 $(if $(filter x86_64,$(shell uname -m)),bolt-19)

clean: ## Remove everything that was built
	@rm -rf .build .build-*
