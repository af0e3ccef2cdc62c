# Every command makes what it needs: nothing has to be installed by hand beside Python >= 3.11 and make.

SHELL := /bin/bash
BIN := .venv/bin
READY := .venv/.ready
WORKERS ?= $(shell getconf _NPROCESSORS_ONLN)
TESTS ?= tests
COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet \
	$(UPGRADE) pyproject.toml --extra postgres --extra redis

export PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports chromium firefox oidc-provider format bench bench-quick soak messages lock clean

help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY)  ## Start Aftershow and a small newsroom that embeds it; Ctrl-C stops both
	@exec $(BIN)/aftershow demo

test: $(READY) chromium firefox oidc-provider lint types imports  ## Everything: lint, types, import contracts, all tests on both engines and in a browser
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

check: $(READY) lint types imports  ## The fast part: lint, types, import contracts, unit tests, style
	$(BIN)/python -m pytest -n $(WORKERS) tests/unit tests/contract/test_style.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports --no-logo

chromium:
	@.ci/chromium

firefox:
	@.ci/firefox

oidc-provider: $(READY)
	@.ci/oidc-provider

format: $(READY)  ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(READY)  ## Measure everything that has a budget
	@exec $(BIN)/python -m bench

bench-quick: $(READY)  ## Measure the same with fewer repetitions
	@exec $(BIN)/python -m bench --quick

soak: $(READY) chromium  ## The long runs that no other command takes
	$(BIN)/python -m pytest -m soak

messages: $(READY)  ## Collect the sentences of the interface and bring the catalogues up to date
	$(BIN)/pybabel extract --mapping-file=pyproject.toml --keywords=N_ --sort-by-file --add-location=file --width=110 \
		--project=Aftershow --version=0.1 --msgid-bugs-address=- --last-translator="The Aftershow developers" \
		--header-comment="# Made by: make messages" --output-file=forum/locale/aftershow.pot .
	$(BIN)/pybabel update --input-file=forum/locale/aftershow.pot --output-dir=forum/locale --domain=aftershow \
		--no-fuzzy-matching --ignore-obsolete --width=110

lock: $(READY)  ## Renew requirements/ after a change of dependencies (UPGRADE=--upgrade takes newer versions)
	$(COMPILE) --output-file requirements/runtime.txt
	$(COMPILE) --group dev --constraints requirements/runtime.txt --output-file requirements/dev.txt

clean:  ## Remove the environment and everything that was made
	rm -rf .venv .oidc-provider build dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis .bench .demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements/dev.txt pyproject.toml .ci/environment
	@.ci/environment
	@touch $@
