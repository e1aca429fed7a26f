# SPDX-License-Identifier: Apache-2.0
.PHONY: help build demo test fuzz check lint bench clean

help: ## Say what each target does.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

build: ## Install what is missing and build every worker and tool.
	@ops/install build
	swift build

demo: ## Publish a real image end to end on this machine; KEEP=1 leaves everything running.
	@ops/install build demo
	@KEEP='$(KEEP)' ops/demo

test: ## Install what is missing, build, and run every test. FILTER=Name runs only those.
	@ops/install build test
	@ops/test $(FILTER)

fuzz: ## Change signed documents at random, under the address sanitizer; MINUTES=10.
	@ops/install build test
	@MINUTES='$(MINUTES)' SEED='$(SEED)' ops/fuzz

check: lint test ## What must hold before a commit.

lint: ## Formatting and the rules a compiler cannot check.
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

bench: ## Measure ours beside its peers and print ratios.
	@ops/install build bench
	@ops/bench/run

clean: ## Remove what was built.
	rm -rf .build .build-*
