# Everything to do with the sources. `make` or `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO ?= go
MODULE := github.com/seed543b3b27/auth-service
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# The length of each fuzz target in `make fuzz`, as a number of inputs (with a duration,
# go test sometimes reports the end of the time as a failure), and of each benchmark.
FUZZTIME ?= 20000x
BENCHTIME ?= 1s
# The number of pairs of requests that `make timing` measures in each case.
PAIRS ?= 200
# The packages of benchmarks and fuzz: make fuzz PACKAGES=./domain
PACKAGES ?= ./...
# Flags of bench and flood, such as -runs 1 or -floods SQLite; "make bench BENCH_FLAGS=-h" lists them.
BENCH_FLAGS ?=
# More flags for go test: make test TESTFLAGS='-run Refresh -v'
TESTFLAGS ?=

# Starts one private PostgreSQL for all packages, unless AUTH_TEST_POSTGRES_URL
# names a server.
WITH_POSTGRES := $(GO) run ./test/kit/postgrestest/with --
# golangci-lint in the version of tools/go.mod, apart from the service's own go.mod. An
# installed one is used if it has exactly that version; otherwise it is built once.
LINT_VERSION = $(shell awk '$$1 == "github.com/golangci/golangci-lint/v2" { print $$2 }' tools/go.mod)
LINT_INSTALLED = $(or $(shell command -v golangci-lint),$(shell $(GO) env GOPATH)/bin/golangci-lint)
LINT = $(if $(filter $(LINT_VERSION),v$(shell $(LINT_INSTALLED) version --short 2>/dev/null)),$(LINT_INSTALLED),$(GO) tool -modfile=$(CURDIR)/tools/go.mod golangci-lint)
# The modules besides the service's own: tools, and tests with heavy dependencies.
MODULES = $(foreach module,$(patsubst %/go.mod,%,$(shell git ls-files '*/go.mod')),$(if $(shell git ls-files '$(module)/*.go'),$(module)))
# Packages without a database, whose tests are quick even under the race detector.
RACE_PACKAGES = $(addsuffix /...,$(wildcard ./domain ./ports ./application ./test/usecases \
	./adapters/memory ./adapters/tokens ./adapters/system ./adapters/internal ./adapters/httpapi ./adapters/passwords))

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Run the service on http://127.0.0.1:8000, with SQLite and caught mails
	$(GO) run .

.PHONY: build
build: ## Build bin/auth-service, static and without debug information
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X $(MODULE)/bootstrap/service.version=$(VERSION)' -o bin/auth-service .

# Packages that restart servers under load and need the machine for themselves.
ALONE = test/edge/gateways test/faults/failover
# The packages of this module that run side by side. Growth has a target of its own, the image needs root, the upgrade
# the history of the repository, verifiers and clients npm.
TOGETHER = $$($(GO) list ./... | grep -v $(addprefix -e ,$(addsuffix $$,$(ALONE) test/bench/growth test/ops/upgrade test/delivery/image test/edge/verifiers test/edge/clients)))
# The suites of `make test`: the rules, use cases, adapters and the API on SQLite, in memory and on PostgreSQL.
# The others send thousands of hostile requests, drive gateways, clusters, releases and documents, and take longer.
QUICK = $$($(GO) list ./... | grep -Ev '/test/(api/badinput|bench|delivery|edge|faults|ops|watch)(/|$$)')
SLOW = $(addprefix ./,$(ALONE))
# Packages of QUICK that say how long a statement may wait, which a busy machine would spoil.
QUIET = ./migrations
# setup installs programs that tests start and the machine lacks, or prints how to.
setup = @scripts/setup $(1)

.PHONY: test
test: ## Test on SQLite, in memory and on PostgreSQL in minutes; installs what is missing, where it may
	$(call setup)
	$(WITH_POSTGRES) $(GO) test $(TESTFLAGS) $$(printf '%s\n' $(QUICK) | grep -v '/migrations$$')
	$(WITH_POSTGRES) $(GO) test $(TESTFLAGS) $(QUIET)

.PHONY: suites
suites: ## Test what "make test" leaves out: hostile input, gateways, faults, operation, monitoring and delivery
	$(call setup)
	$(WITH_POSTGRES) $(GO) test $(TESTFLAGS) $$(grep -vxFf <(printf '%s\n' $(QUICK)) <(printf '%s\n' $(TOGETHER)))
	$(GO) test -p 1 -timeout 20m $(TESTFLAGS) $(SLOW)

.PHONY: test-all
test-all: ## Test everything, image, chart and browser included; needs root, npm's registry and an hour
	$(call setup,all)
	$(MAKE) test
	$(MAKE) suites
	$(MAKE) flood BENCH_FLAGS=-short
	$(MAKE) growth-check
	$(MAKE) upgrade
	$(MAKE) postgres-18
	$(MAKE) chart
	$(MAKE) image
	$(MAKE) browser
	$(MAKE) verifiers
	$(MAKE) clients
	$(MAKE) release-check

.PHONY: upgrade
upgrade: ## Replace the release before the newest migration step by this one and back, under load
	$(call setup)
	$(GO) test -count=1 $(TESTFLAGS) ./test/ops/upgrade

.PHONY: postgres-18
postgres-18: ## Repeat the tests of the database on PostgreSQL 18 from the npm registry
	$(GO) run ./test/kit/postgrestest/with -version 18 -- $(GO) test -count=1 $(TESTFLAGS) ./adapters/database ./adapters/jobs ./migrations ./test/races
	$(GO) run ./test/kit/postgrestest/with -version 18 -- $(GO) test -count=1 $(TESTFLAGS) -run 'TestService/two_replicas_on_PostgreSQL' ./test/api/e2e

.PHONY: scale
scale: ## Move 100,000 users in and out, killing the import in the middle
	$(WITH_POSTGRES) $(GO) test -count=1 -timeout 60m $(TESTFLAGS) -run TestImport_Killed ./test/ops/moving -users 100000

.PHONY: chart
chart: ## Check the Helm chart with Helm 3 and 4, Kubernetes' own types, kube-score and its unit tests
	cd test/delivery/chart && $(GO) test $(TESTFLAGS) ./...

.PHONY: image
image: ## Build the container image and run it, as root
	$(call setup,image)
	$(GO) test -timeout 20m $(TESTFLAGS) ./test/delivery/image
	cd tools/dockerfile && $(GO) test $(TESTFLAGS) ./...
	cd tools/compose && $(GO) test $(TESTFLAGS) ./...

.PHONY: browser
browser: build ## Walk the shipped pages and a guide's program in Chromium; npm fetches what drives it
	$(call setup,browser)
	cd test/browser && npm ci --ignore-scripts --no-audit --no-fund
	cd test/browser && AUTH_SERVICE=$(CURDIR)/bin/auth-service CHROMIUM="$$(command -v chromium)" node --test

.PHONY: verifiers
verifiers: ## Verify access tokens with the libraries and gateways of docs/keys.md; npm fetches some
	$(call setup,verifiers)
	cd test/edge/verifiers/node && npm ci --ignore-scripts --no-audit --no-fund
	$(GO) test -count=1 $(TESTFLAGS) ./test/edge/verifiers

.PHONY: clients
clients: ## Lint the OpenAPI document, generate clients in TypeScript and Go, and run them; npm fetches some
	$(call setup,clients)
	cd test/edge/clients/node && npm ci --ignore-scripts --no-audit --no-fund
	$(GO) test -count=1 $(TESTFLAGS) ./test/edge/clients

.PHONY: release-check
release-check: ## Check the configuration of releases
	cd tools/release && $(GO) test $(TESTFLAGS) ./...

.PHONY: check
check: format tidy vet lint vuln consumer arch race ## Run all quick checks: format, vet, lint, architecture, races

.PHONY: format
format: ## Fail if a file is not formatted
	@files=$$(gofmt -l .); \
	if [ -n "$$files" ]; then printf 'not formatted, run gofmt -w:\n%s\n' "$$files"; exit 1; fi

.PHONY: tidy
tidy: ## Fail if go.mod and go.sum do not match the sources
	$(GO) mod tidy -diff

.PHONY: vet
vet: ## Run go vet
	$(GO) vet ./...

.PHONY: lint
lint: ## Run golangci-lint; building it first takes minutes
	@set -e; for module in . $(MODULES); do \
		echo "lint $$module"; (cd "$$module" && $(LINT) run --config $(CURDIR)/.golangci.yml ./...); \
	done

.PHONY: vuln
vuln: ## Test the tools, licences included, and look for known vulnerabilities, where https://vuln.go.dev can be reached
	cd tools && $(GO) test ./... && $(GO) run ./vuln -C ..

# What bootstrap/cli embeds; a test of tools fails if it is out of date.
SWAGGER_UI := tools/licenses/swagger-ui
.PHONY: licenses
licenses: ## Collect the licences of all that the program contains, for "auth-service licenses"
	cd tools && $(GO) run ./licenses -C .. -o ../bootstrap/cli/licenses.gz

.PHONY: licenses-swagger-ui
licenses-swagger-ui: ## Do so for a new version of Swagger UI; npm fetches it
	cd $(SWAGGER_UI) && npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund
	cd tools && $(GO) run ./licenses -swagger-ui licenses/swagger-ui
	$(MAKE) licenses

.PHONY: arch
arch: ## Prove the dependency rule
	$(GO) test ./test/repo/arch

.PHONY: consumer
consumer: ## Prove that another module can use the domain and the verifier with the standard library alone
	cd test/repo/consumer && GOPROXY=off $(GO) vet ./... && GOPROXY=off $(GO) test ./...

.PHONY: race
race: ## Test the packages without a database under the race detector
	$(GO) test -race $(RACE_PACKAGES)

.PHONY: race-all
race-all: ## Test under the race detector what "make test" and "make suites" run side by side; takes long
	$(WITH_POSTGRES) $(GO) test -race -timeout 30m $(TESTFLAGS) $(TOGETHER)

.PHONY: e2e
e2e: ## Run the end-to-end suite with the real binary
	$(WITH_POSTGRES) $(GO) test -count=1 $(TESTFLAGS) ./test/api/e2e

.PHONY: faults
faults: ## Restart, kill and hang gateways' replicas, PostgreSQL and Patroni
	$(GO) test -count=1 -p 1 -timeout 20m $(TESTFLAGS) $(addprefix ./,$(ALONE))

# The set for the screen of common passwords, of the lists that ADR 0031 names.
WORDS := adapters/passwords/internal/mkwords
.PHONY: common-words
common-words: ## Make the set of common passwords anew, of npm packages and a Debian one
	cd $(WORDS) && npm ci --ignore-scripts --no-audit --no-fund && cd node_modules && apt-get download python3-django
	cd $(WORDS)/node_modules && dpkg-deb --fsys-tarfile python3-django_*.deb | tar -xO ./usr/lib/python3/dist-packages/django/contrib/auth/common-passwords.txt.gz > django.gz
	$(GO) run ./$(WORDS) -modules $(WORDS)/node_modules -django $(WORDS)/node_modules/django.gz -o adapters/passwords/common.words

.PHONY: bench
bench: ## Measure the service beside its floor and under floods; 45 minutes on an idle machine (BENCH_FLAGS='-runs 1')
	$(GO) run ./test/bench/load $(BENCH_FLAGS)

.PHONY: flood
flood: ## Measure floods of logins and their like alone; 30 minutes on an idle machine (BENCH_FLAGS=-short: promises only, a minute)
	$(GO) run ./test/bench/load -scenarios floods $(BENCH_FLAGS)

.PHONY: benchmarks
benchmarks: ## Run the benchmarks of the packages, with allocations
	$(WITH_POSTGRES) $(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) $(PACKAGES)

.PHONY: timing
timing: ## Measure whether the time of an answer reveals an account (PAIRS=200); on an idle machine
	$(WITH_POSTGRES) $(GO) test -count=1 -v -timeout 60m $(TESTFLAGS) -run TestAnswers ./test/bench/timing -pairs $(PAIRS)

# The numbers of users that `make growth` measures, and the options of its tables.
SIZES ?= 1000,100000,1000000
GROWTHFLAGS ?= -sessions 10 -events 3
.PHONY: growth
growth: ## Measure what calls cost as tables grow (SIZES=1000,100000,1000000); takes long and 12 GB
	$(WITH_POSTGRES) $(GO) test -count=1 -v -timeout 120m $(TESTFLAGS) -run TestMeasure ./test/bench/growth -sizes $(SIZES) $(GROWTHFLAGS)

.PHONY: growth-check
growth-check: ## Assert that the pages that calls touch do not grow with the tables
	$(WITH_POSTGRES) $(GO) test -count=1 $(TESTFLAGS) ./test/bench/growth

.PHONY: fuzz
fuzz: ## Fuzz every target briefly (FUZZTIME=20000x)
	@for package in $$($(GO) list $(PACKAGES)); do \
		list=$$($(GO) test -list '^Fuzz' "$$package"); \
		for target in $$(grep '^Fuzz' <<<"$$list" || true); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) "$$package"; \
		done; \
	done

.PHONY: openapi
openapi: ## Rewrite docs/openapi.json and docs/errors.md
	$(GO) test ./adapters/httpapi -run 'Test(OpenAPI_CommittedDocumentIsTheServedOne|Errors_CommittedDocumentIsMadeFromTheTable)' -update

.PHONY: golden
golden: ## Write all golden files anew; look at the difference before you commit it
	$(GO) test $$(git grep -l 'flag.Bool("update"' -- '*_test.go' ':!test/delivery/chart' | xargs -n1 dirname | sort -u | sed 's|^|./|') -update
	cd test/delivery/chart && $(GO) test . -update
