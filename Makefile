# Everything that is done to this bundle by hand; .ci/run does the same on a fresh machine.

PYTHON ?= python3
export CHROMIUM
VENV := .venv
CHECKOV := .venv-checkov
TOOLS := target/tools
FORM := tests/form
DENY_VERSION := 0.20.2
DENY := $(TOOLS)/cargo-deny-$(DENY_VERSION)
ADVISORIES := https://github.com/RustSec/advisory-db

# Linking all of the SDK into the tests is much of a build; where mold is installed, it links.
LINKED := $(if $(shell command -v mold),mold -run)

.DEFAULT_GOAL := help
.PHONY: help build demo demo-report test test-exhaustive reproducible test-package test-form chromium built image publish check bench schema deny venv checkov clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the binary, target/debug/aws-ecs-cluster
	$(LINKED) cargo build --locked

demo: build venv ## a cluster's whole life against an emulated AWS: plan, provision, change nothing, decommission
	tests/demo/demo.sh

demo-report: build venv chromium $(FORM)/node_modules/stamp ## the same, and its run's report as docs/demo-report.html, with its picture
	REPORT=docs/demo-report.html tests/demo/demo.sh
	cd $(FORM) && node report.mjs

test: venv checkov ## all tests; of the matrices in tests/it/matrix a sample
	$(LINKED) cargo test --locked --no-run --quiet
	cargo test --locked
	$(MAKE) --no-print-directory test-package

test-exhaustive: venv ## every point of the matrices: deaths, faults, rivals, interrupts, denied calls, and new cases of the properties; takes about an hour, and sums up
	@rm -rf target/exhaustive && mkdir -p target/exhaustive
	$(LINKED) cargo test --locked --no-run --quiet
	@for run in "1 1/2 $(BUSY)" "2 2/2 $(BUSY)" "3 1 $(PATIENT)"; do set -- $$run; number=$$1 part=$$2; shift 2; \
	  { MATRIX_EXHAUSTIVE=$$part cargo test --locked --test it -- "$$@" --include-ignored --nocapture --test-threads=1; \
	    echo $$? >target/exhaustive/$$number.status; } 2>&1 | tee target/exhaustive/$$number.log & done; wait
	@$(SUMMED) target/exhaustive/*.log | $(TABLE) | tee target/exhaustive/table.md
	@! grep -vx 0 target/exhaustive/*.status

# One emulator keeps one core busy, so two runs share the points; a third has those that mostly wait.
BUSY = matrix:: permissions::denied properties:: names:: fuzz:: --skip matrix::rivals --skip minute
PATIENT = matrix::rivals minute

# What the matrices say of themselves at their ends, as the table in the README.
SUMMED = sed -n 's/.*matrix \([^:]*\): \([0-9]*\) of [0-9]* points tried, \([0-9]*\) converged, \([0-9]*\) never came up.*/\1|\2|\3|\4/p'
TABLE = awk -F '|' '{ tried[$$1] += $$2; well[$$1] += $$3; never[$$1] += $$4; tried_all += $$2; well_all += $$3; never_all += $$4 } \
  !seen[$$1]++ { names[++last] = $$1 } \
  END { print "| Disturbed by | Points tried | Ended well | Never came up |"; print "|---|---|---|---|"; \
    for (at = 1; at <= last; at++) print "| " names[at] " | " tried[names[at]] " | " well[names[at]] " | " never[names[at]] " |"; \
    print "| all | " tried_all " | " well_all " | " never_all " |" }'

reproducible: ## whether two releases of this commit, built in two folders, are the same byte for byte; takes twenty minutes
	@git diff --quiet HEAD || { echo "Commit first: what is compared is a commit." >&2; exit 1; }
	@rm -rf target/reproducible && mkdir -p target/reproducible
	@for copy in one another; do \
	  git archive --prefix=$$copy/ HEAD | tar -x -C target/reproducible \
	  && (cd target/reproducible/$$copy && CARGO_TARGET_DIR=$$PWD/target $(LINKED) cargo build --locked --release) || exit 1; done
	@cd target/reproducible && sha256sum one/target/release/aws-ecs-cluster another/target/release/aws-ecs-cluster \
	  && cmp one/target/release/aws-ecs-cluster another/target/release/aws-ecs-cluster && echo "the same, byte for byte"

test-package: built venv ## what is published and how: manifest, image, runbook, what is shipped
	$(VENV)/bin/python -m unittest discover -v -s tests/package

# The binary as the tests have it. A build without them may choose other features of shared crates, and compile the SDK again.
built:
	@$(LINKED) cargo test --locked --no-run --quiet

image: ## the provisioner's image for linux/amd64 (PLATFORM=linux/arm64 for others), under the name in massdriver.yaml, with docker, podman or buildah
	image/build.sh "$$(sed -n 's/^ *provisioner: //p' massdriver.yaml)"

publish: check test-form ## every check, and what `mass bundle publish` would push; it pushes nothing itself
	$(VENV)/bin/python tests/package/publish.py

test-form: built chromium $(FORM)/node_modules/stamp ## the bundle's form and a run's report in a headless Chromium; UPDATE_IMAGES=1 takes its pictures in docs/images anew
	cd $(FORM) && timeout 600 node --test --test-reporter=spec

chromium:
	@[ -n "$$CHROMIUM" ] || command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >&2; } \
	  || { echo "Form and report are shown in Chromium: install it (chromium on Debian), or name one: make test-form CHROMIUM=/path/to/it" >&2; exit 1; }

$(FORM)/node_modules/stamp: $(FORM)/package-lock.json $(FORM)/.npmrc
	@command -v npm >/dev/null || { echo "The form's renderer comes from npm: install Node.js 20 or later." >&2; exit 1; }
	cd $(FORM) && npm ci --no-progress
	@touch $@

check: venv checkov ## what has to pass before a change goes in: format, lints, tests, generated files, dependencies
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	$(MAKE) --no-print-directory test
	cargo run --locked --quiet -- schema --check
	$(MAKE) --no-print-directory deny

bench: venv ## what runs cost in time, calls, processor, memory and disk, as a table; builds the release, which takes minutes
	$(LINKED) cargo build --locked --release
	$(LINKED) cargo test --locked --no-run --quiet
	BENCH_BINARY=$${CARGO_TARGET_DIR:-target}/release/aws-ecs-cluster \
	  cargo test --locked --quiet -- --ignored --exact --nocapture --test-threads=1 bench::figures

schema: ## write massdriver.yaml's params and the schema files from the Rust types
	cargo run --locked --quiet -- schema

deny: $(DENY) ## licences, sources and known faults of the dependencies; installs cargo-deny into target/tools, in minutes, where it is missing
	$(DENY)/bin/cargo-deny --locked check bans licenses sources
	@if git ls-remote --quiet --exit-code $(ADVISORIES) HEAD >/dev/null 2>&1; then $(DENY)/bin/cargo-deny --locked check advisories; \
	else echo "NOT CHECKED: known faults of the dependencies, since $(ADVISORIES) cannot be reached." >&2; fi

$(DENY):
	cargo install --locked --root $@ --version =$(DENY_VERSION) cargo-deny

venv: $(VENV)/stamp ## the emulator's Python environment, .venv

$(VENV)/stamp: tests/emulator/requirements.txt
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { echo "The emulator needs Python 3.11 with its venv module: install it (python3-venv on Debian)," \
	  "or name another Python: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

checkov: $(CHECKOV)/stamp ## the policy scanner that the tests hold plans against, in a Python environment of its own, .venv-checkov

$(CHECKOV)/stamp: tests/checkov/requirements.txt
	@rm -rf $(CHECKOV)
	@$(PYTHON) -m venv $(CHECKOV) || { echo "Checkov needs Python 3.11 with its venv module; see \`make venv\`." >&2; exit 1; }
	$(CHECKOV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

clean: ## remove everything that was built
	rm -rf target $(VENV) $(CHECKOV) $(FORM)/node_modules
