# Everything there is to do with a checkout. On a machine with Python 3.11 and nothing else, `make run` and
# `make test` do all the set-up themselves, in .venv; a second run starts at once.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that is new enough and able to make a virtual environment; `make run PYTHON=...` picks another.
suits = -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$python $(suits) && { echo $$python; break; }; done)

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet

# Arguments for the program, or for pytest: make run ARGS="trace --help", make test ARGS="-k hairpin"
ARGS ?=

.PHONY: help
help: ## what can be made (this list)
	@echo 'usage: make TARGET [ARGS="..."]'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r target does; do printf '%-14s%s\n' "$$target" "$$does"; done

# ------------------------------------------------------------------ the program

.PHONY: run
run: $(VENV)/runtime.stamp ## open the explorer; ARGS="sandbox" or any other command and its options
	@$(VENV)/bin/k8snet-tui $(ARGS)

# ------------------------------------------------------------------ its tests

# hundreds of tests start the program: what was compiled for one is kept for the next
unexport PYTHONDONTWRITEBYTECODE

.PHONY: test
test: $(VENV)/dev.stamp ## every test there is (15 minutes at most; the kernel's only as root); ARGS goes to pytest
	@$(PY) -m pytest -n auto --dist loadgroup $(ARGS)

.PHONY: quick
quick: $(VENV)/dev.stamp ## the tests that take no time (under 2 minutes); ARGS goes to pytest
	@$(PY) -m pytest -n auto --dist loadgroup -m "not slow" $(ARGS)

.PHONY: snapshots
snapshots: $(VENV)/dev.stamp ## every screen as text in tests/snapshots, taken anew; ARGS names some
	@$(PY) -m tests.snapshots.record $(ARGS)

.PHONY: lint
lint: $(VENV)/dev.stamp ## style, types and layers
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

.PHONY: format
format: $(VENV)/dev.stamp ## put the code into the style that lint asks for
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

.PHONY: bench
bench: $(VENV)/dev.stamp ## how fast the simulator is, on this machine
	@$(PY) -m tests.bench.run $(ARGS)

# ------------------------------------------------------------------ the rest

# PNG pictures need fonts: apt-get install fonts-jetbrains-mono fonts-dejavu-core fonts-nanum
.PHONY: screenshots
screenshots: $(VENV)/dev.stamp ## the pictures of assets/, made by the running program
	@$(PY) assets/make_screenshots.py $(ARGS)

.PHONY: clean
clean: ## remove .venv and everything that tests and checks left behind
	rm -rf $(VENV) build dist .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------------ setting up

# A stamp is younger than what it was made from exactly when there is nothing to do.

$(VENV)/created.stamp:
	@$(or $(PYTHON),false) $(suits) || { \
		echo 'k8snet-tui needs Python 3.11 or later with venv; found: $(or $(PYTHON),none that suits).' >&2; \
		echo 'Install one (Debian, Ubuntu: apt-get install python3-venv) or name one: make PYTHON=/path/to/python3' >&2; \
		exit 1; }
	@echo 'Setting up $(VENV), once ...'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime.stamp: pyproject.toml $(VENV)/created.stamp
	@echo 'Installing the program ...'
	@$(PIP) install --editable .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml $(VENV)/created.stamp
	@echo 'Installing the program and its development tools ...'
	@$(PIP) install --editable '.[dev]'
	@touch $(VENV)/runtime.stamp $@
