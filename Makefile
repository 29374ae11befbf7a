# One line a command; `make` alone tells which there are.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run demo pictures test check full bench bench-quick soak lock clean format

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$p"; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
RUNTIME := $(VENV)/runtime.installed
DEV := $(VENV)/dev.installed
HERE := $(BIN)/python -m
MONTH := var/demo-month/outreach.db

help: ## what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: $(RUNTIME) ## start everything here, publish the samples and watch what becomes of them
	$(BIN)/outreach run --demo

demo: $(RUNTIME) ## fill a database with an invented month, if there is none yet, and open it beside `make run`
	test -f $(MONTH) || $(BIN)/outreach demo
	OUTREACH_DATABASE_URL=sqlite:///$(MONTH) OUTREACH_PUBLIC_URL=http://127.0.0.1:8001 $(BIN)/outreach run --port 8001

pictures: $(DEV) ## take the pictures of docs/console.md anew, of an invented month
	$(HERE) tests.pictures

test: $(DEV) ## every test, on SQLite and on a real PostgreSQL and Redis
	$(HERE) pytest -n 3 --dist loadgroup -m "not full"

check: $(DEV) ## format, lint, types, layers, lengths, hygiene: nothing is started
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(HERE) pytest -q -p no:cacheprovider tests/test_house.py

full: check ## what CI has no time for as well: faults, long fuzzing, benchmarks
	$(HERE) pytest -n 3 --dist loadgroup
	$(MAKE) bench-quick

bench: $(DEV) ## measure everything beside its yardsticks into docs/performance.md, in 20 minutes; ONLY=stream,idle: some
	$(HERE) bench $(if $(ONLY),--only $(ONLY))

bench-quick: $(DEV) ## two minutes' look at the ratios to the yardsticks; nothing is kept
	$(HERE) bench --quick

soak: $(DEV) ## 2,000 kills and 500,000 events on PostgreSQL and Redis; prints its figures
	$(HERE) tests.faults.soak

format: $(DEV) ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/made ## resolve pyproject.toml into the two lock files
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile $(LOCKING) --extra build -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCKING) --extra build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

LOCKING := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"

clean: ## forget the environment and what was measured; data under var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info

$(VENV)/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found."; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian: apt install python3-venv"; exit 1; }
	@touch $@

$(RUNTIME): $(VENV)/made requirements.lock pyproject.toml
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(VENV)/made requirements-dev.lock pyproject.toml
	$(INSTALL) --require-hashes -r requirements-dev.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@ $(RUNTIME)
