# The front door: everything a person does to this project, by one name each.
#
#   make demo [ONCE=1]   a synthetic borough on this machine; ONCE=1 walks through and stops
#   make check           read only: lint, format, types, imports, architecture, generated pages
#   make fix             what check can mend by itself
#   make test            every test; COVERAGE=1 measures and enforces coverage as well
#   make bench           benchmarks      make golden [FEED=gp]   rewrite golden files
#   make mutate          changes consent/ and sees that a test notices [MODULES="residual standing"]
#   make soak            the full counts and timings that make test samples
#   make docs            print the generated pages again
#   make lock            resolve the dependencies again (maintainers)
#
# Needed beforehand: Python 3.11, 3.12 or 3.13 with pip, and make. `make PYTHON=... ` chooses one.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SOURCES := gateway mappings consent
CODE := $(SOURCES) tests $(wildcard bench) tools
# As many as there are cores, from two to four: each has databases of its own.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -ge 2 ] || n=2; [ $$n -le 4 ] || n=4; echo $$n)
PYTEST := $(BIN)/python -m pytest
# By module, so that what a module prepares is prepared once; the short ones stand last.
SPREAD := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# A module is compiled once, whatever the machine says: the tests start many processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install demo check fix test bench golden soak mutate docs lock clean

help:
	@sed -n '3,11s/^# *//p' Makefile

install: $(STAMP)

# Touched last: an installation that stopped half-way is done again.
$(STAMP): requirements.lock pyproject.toml tools/setup.sh
	@PYTHON='$(PYTHON)' sh tools/setup.sh $(VENV)
	@touch $(STAMP)

demo: $(STAMP)
	$(BIN)/care-gateway demo $(if $(filter-out 0,$(ONCE)),--once)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(PYTEST) -q tests/architecture $(wildcard tests/docs)

fix: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# tests/architecture belongs to check as well; both run it, so that neither can be forgotten.
# How each attack and scenario fared is printed whatever the outcome.
test: $(STAMP)
ifeq ($(filter-out 0,$(COVERAGE)),)
	@mkdir -p build
	$(PYTEST) $(SPREAD) --junitxml=build/tests.xml; ended=$$?; \
	$(BIN)/python -m tools.security_page build/tests.xml > build/security-results.md; exit $$ended
else
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SPREAD)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report
	$(BIN)/coverage report --include 'mappings/*,consent/*' --fail-under 100
endif

bench: $(STAMP)
	$(BIN)/python -m bench

golden: $(STAMP)
	$(BIN)/python -m tests.golden.rewrite $(FEED)

soak: $(STAMP)
	$(PYTEST) --soak -m soak

mutate: $(STAMP)
	$(BIN)/python -m tools.mutate $(MODULES)

docs: $(STAMP)
	$(BIN)/python -m tools.write_docs

# Universal: one file for Linux and macOS on CPython 3.11 to 3.13. It names no host, and leaves
# out releases younger than seven days: a bad one is usually found and withdrawn by then.
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
  --no-emit-find-links --no-header --no-annotate --python-version 3.11 --exclude-newer "7 days" $(UPGRADE)

lock: $(STAMP)
	$(BIN)/python -m pip install --quiet uv
	printf 'hatchling\neditables\npip\n' | UV_NO_CONFIG=1 $(UV_COMPILE) --extra dev pyproject.toml - \
	  --output-file requirements.lock
	UV_NO_CONFIG=1 $(UV_COMPILE) --constraint requirements.lock pyproject.toml \
	  --output-file requirements-runtime.lock

clean:
	rm -rf $(VENV) .venv-judge .venv-mutate .mutate .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
