# Two commands do all the set-up on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

ifneq (,$(wildcard .env))
include .env
export
endif

.PHONY: help install run demo test test-install browser-install bench lint format check lock mutate sbom docs screenshots contact-sheets

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Install what is missing and serve on http://localhost:8000.
	@exec $(BIN)/tmr serve

demo: $(VENV)/.run ## Serve a made-up search of four months, to look around in.
	@exec $(BIN)/tmr demo

install: $(VENV)/.run ## Set up .venv and leave .venv/bin/tmr.

test: test-install browser-install ## Install what the tests need and run them all.
	@scripts/test

bench: $(VENV)/.test ## Measure the app itself; prints one table.
	@$(BIN)/python -m tests.bench.records $(ARGS)

lint: $(VENV)/.test ## Check style, types, templates and the import rules.
	@scripts/lint

format: $(VENV)/.test ## Rewrite the code in the house format.
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/deno fmt --quiet

check: lint test ## Exactly what CI runs.

mutate: $(VENV)/.test ## Break the code on purpose, and count what no test notices; hours, not part of CI.
	@$(PIP) install --require-hashes -r requirements/mutate.lock
	@$(BIN)/python scripts/mutate $(ARGS)

sbom: $(VENV)/.test ## Write what the installed app is made of, with licences, to dist/.
	@$(BIN)/python scripts/sbom

docs: $(VENV)/.run ## Write the pages that are made from the code: settings, commands, routes for scripts.
	@$(BIN)/python scripts/docs/settings
	@$(BIN)/python scripts/docs/commands
	@$(BIN)/python scripts/docs/openapi

screenshots: $(VENV)/.test browser-install ## Take the pictures in docs/pictures of the made-up search.
	@$(BIN)/python scripts/screenshots

contact-sheets: $(VENV)/.test browser-install ## Take every page at three widths, light and dark, into screenshots/.
	@$(BIN)/python scripts/screenshots --sheets

lock: ## Resolve the dependencies again (needs uv).
	@scripts/lock

test-install: $(VENV)/.test

browser-install: $(VENV)/.test
	@scripts/install-browser
	@scripts/install-programs

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tmr needs Python 3.11 or newer")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing TrackMyRoles (once)..."
	@$(PIP) install --require-hashes -r requirements/run.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.lock $(VENV)/.run
	@echo "Installing what the tests need (once)..."
	@$(PIP) install --require-hashes -r requirements/test.lock
	@touch $@
