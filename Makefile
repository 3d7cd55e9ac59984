# One command for each thing a developer does; `make` alone lists them. A bare machine needs make,
# git and any Node.js from 18 on with npm: everything else, Node 26 included, comes from
# package-lock.json into node_modules, whose programs stand first on the PATH here.

# Not the default /bin/sh: the make of macOS ignores our PATH unless a shell is named.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

systemPath := $(PATH)
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# Programs are started hundreds of times: Node keeps what it compiled, which halves the CPU of each.
export NODE_COMPILE_CACHE := $(CURDIR)/node_modules/.compile-cache

IMAGE ?= poolwarden:$(shell sed -n 's/.*"version": "\(.*\)".*/\1/p' package.json | head -n 1)
installed := node_modules/.installed
sources := $(shell find src -name '*.ts' 2>/dev/null)
vitest := vitest run --config test/config/vitest.config.ts

.PHONY: help install generate install-manifest chart-test alerts-test fmt lint typecheck tidy test test-fast
.PHONY: control-plane control-plane-check soak demo chaos leader-kills compare frameworks simulate fuzz mutants bench build image image-size
.PHONY: image-check kind-e2e sbom clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(installed) ## Install the pinned tools and libraries, Node 26 among them

generate: $(installed) ## Write the CRD, the chart's copies and the reference anew from the source
	node src/tools/generate.ts
	-@node test/support/helm/install-manifest.ts

install-manifest: $(installed) ## Render charts/install.yaml from the chart
	@node test/support/helm/install-manifest.ts

fmt: $(installed) ## Format all code
	prettier --log-level warn --write .

lint: $(installed) ## Formatting and the linter's limits, without waivers
	prettier --log-level warn --check .
	eslint --config test/config/eslint.config.js --max-warnings 0 src test

typecheck: $(installed) ## The compiler, at its strictest
	tsc -p .

tidy: $(installed) ## The layout's own rules: who imports whom, names, sizes, banned calls
	$(vitest) --project tidy

test: $(installed) ## Everything that must hold, on a real control plane and a real PostgreSQL
	node test/config/run-checks.ts

test-fast: $(installed) ## Tests that need nothing but Node; PATTERN=text picks files
	$(vitest) --project tidy --project fast $(PATTERN)

alerts-test: $(installed) ## Alerts, dashboard and runbooks, by promtool and a real Prometheus
	$(vitest) --project tidy --project fast --project real \
	  tidy/alerts test/alerts unit/render/alert unit/render/dashboard unit/render/prometheus-rule \
	  integration/operator/prometheus

chart-test: $(installed) ## The Helm chart: rendered, installed, upgraded, removed by Helm 3 and 4
	$(vitest) --project fast test/golden
	$(vitest) --project isolated test/integration/chart-

control-plane: $(installed) ## Start a control plane, print its KUBECONFIG, wait for Ctrl-C
	@node test/support/control-plane/main.ts

control-plane-check: $(installed)
	@node test/soak/control-plane-check.ts

demo: $(installed) ## The incident without Poolwarden, and with it
	@node test/demo/main.ts

chaos: $(installed) ## Kills, cuts, deploys at random on the real parts; EVENTS=100 SEED=1
	@EVENTS="$(EVENTS)" SEED="$(SEED)" node test/chaos/main.ts

leader-kills: $(installed) ## Leaders killed, stopped, cut off on the real parts; KILLS=20 SEED=1, TIMES=short
	@KILLS="$(KILLS)" SEED="$(SEED)" TIMES="$(TIMES)" node test/leader-kills/main.ts

frameworks: $(installed) ## The programs of examples/apps against a real PostgreSQL or MariaDB; ONLY=text picks some
	@ONLY="$(ONLY)" node test/frameworks/main.ts

compare: $(installed) ## Poolwarden against what people do today, simulated; SEED=1, ONLY=text
	@SEED="$(SEED)" SAVE="$(SAVE)" ONLY="$(ONLY)" node test/compare/main.ts

simulate: $(installed) ## The operator in a simulated world of faults; SEEDS=how many, SEED=first
	@node test/simulation/main.ts

fuzz: $(installed) ## Readings of database servers that lie; FRAMES=how many messages, SEED=first
	@FRAMES="$(FRAMES)" SEED="$(SEED)" node test/fuzz/main.ts

mutants: $(installed) ## Deliberate defects, each of which the checkers must notice; ONLY=text picks some
	@node test/mutants/main.ts

soak: $(installed) ## Every program that is not a test at its full length, for a night; SEED=first
	@SEED="$(SEED)" node test/soak/main.ts

bench: $(installed) ## Speed of a decision, time from event to grant, memory per pod
	@node --expose-gc test/bench/main.ts

build: dist/poolwarden.js ## Bundle the operator into one file for plain node

image: $(installed) ## Build the container image; IMAGE=name:tag, PLATFORM=linux/arm64
	@IMAGE="$(IMAGE)" node test/image/build.ts build

image-size: $(installed) ## What a node would download for it, against its bar
	@IMAGE="$(IMAGE)" node test/image/build.ts size

image-check: $(installed) ## Build it without an engine, run it as a pod would be; DEPLOYMENTS=1000
	@node test/image/main.ts

kind-e2e: $(installed) ## Image, chart and scenarios in a kind cluster of its own; KEEP=1 keeps it
	@node test/kind-e2e/main.ts

sbom: $(installed) ## What is bundled, as SPDX, into out/
	@node test/image/sbom.ts

clean: ## Remove what was built or installed here
	rm -rf dist out coverage node_modules

dist/poolwarden.js: $(sources) package.json test/config/bundle.ts $(installed)
	node test/config/bundle.ts

# With the PATH of the system: npm removes node_modules, and the Node in it, before it installs.
# An old Node is fine for npm itself, so its warnings about `engines` would only mislead. Scripts
# of packages are named one by one, whatever the version and the settings of npm.
$(installed): package-lock.json
	@echo "installing node_modules with npm $$(PATH="$(systemPath)" npm --version)"
	@PATH="$(systemPath)" npm ci --no-audit --no-fund --loglevel=error --engine-strict=false
	@test/config/check-install.sh
	@touch $@
