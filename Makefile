# tieout: `make demo` and `make test` are all a fresh machine needs; git, make and Python 3.11 are all it must have.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo test lint format types bench docs lock clean run-environment dev-environment browser judge java

# The first Python on the path that runs and is new enough; name another with make PYTHON=…
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
endif

BIN := .venv/bin
JOBS ?= 2

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
	  printf '  make %-8s %s\n' "$$name" "$$what"; done

demo: run-environment ## a month of a marketplace through the real doors, and its proof; ONCE=1 exits afterwards
	@$(BIN)/tieout demo $(if $(ONCE),--once) $(if $(ORDERS),--orders $(ORDERS))

test: dev-environment browser judge java ## everything that is checked: style, types, layers, tests; pytest's summary comes last
	@failed=0; $(MAKE) --keep-going lint types || failed=1; \
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal --quiet $(ARGS) && exit $$failed

lint: dev-environment ## style (ruff) and layers (import-linter)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted; run: make format"; exit 1; }
	@said=$$($(BIN)/lint-imports 2>&1) || { echo "$$said"; exit 1; }

format: dev-environment ## puts the source into the one format
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

types: dev-environment ## types (mypy --strict)
	@$(BIN)/mypy --no-error-summary

bench: dev-environment ## measures one group: make bench ONLY=demo, written to bench/results/demo.json
	@$(BIN)/python -m bench.run $(ONLY)

docs: dev-environment ## writes the generated reference pages
	@$(BIN)/python tools/docs.py

lock: dev-environment ## resolves the dependencies anew and writes requirements/*.lock; UPGRADE=1 takes newer versions
	@$(BIN)/python tools/lock.py $(if $(UPGRADE),--upgrade)

clean: ## removes the environment and everything tools left behind
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist

run-environment dev-environment: python
	@$(PYTHON) tools/environment.py $(@:-environment=)

browser judge java: python
	@$(PYTHON) tools/environment.py $@

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "tieout needs Python 3.11 or newer on the path (Debian, Ubuntu:" \
	  "apt-get install python3), or named: make PYTHON=/path/to/python" >&2; exit 2; }
