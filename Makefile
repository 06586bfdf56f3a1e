# The verbs, the same by hand and in CI. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# Processes that run tests: for two cores three, because one of them mostly waits for the crash tests.
WORKERS ?= 3
# Which tests stay together, and which begin first: tests/conftest.py.
# As pip does for what it copies: where Python is told to write no .pyc files, as in many containers, each start of a
# command would compile all of Marsad anew.
COMPILE := $(BIN)/python -m compileall -q
# Where pip is told to install for the user, as on many shared machines, it refuses to install into .venv.
export PIP_USER := 0
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

# One that was begun and not finished (Ctrl-C, or a Python without ensurepip) has a python and no pip.
.venv/made:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11, 3.12 or 3.13 found; install one or say PYTHON=/path/to/python3" >&2; exit 2; }
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@touch $@

.venv/installed: requirements.lock pyproject.toml | .venv/made
	@echo "installing pinned dependencies into .venv" >&2
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(COMPILE) streams
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@echo "installing pinned development tools into .venv" >&2
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

install: .venv/installed ## install Marsad into .venv; .venv/bin/marsad is there afterwards

run: .venv/installed ## run the main job over the shipped sample, from empty state, and show the alerts
	@$(BIN)/python -m deploy.sample.run

serve: .venv/installed ## run Marsad on ./marsad.yaml (a starter is written if there is none)
	@test -f marsad.yaml || $(BIN)/marsad init .
	@$(BIN)/marsad run

lint: .venv/installed-dev ## ruff, mypy strict, import-linter
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet . && echo "ruff: clean"
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --config pyproject.toml > .lint-imports.out 2>&1 || { cat .lint-imports.out; exit 1; }
	@grep -E '^Contracts' .lint-imports.out; rm -f .lint-imports.out

test: lint ## lint, then every test, on the real Kafka and Redis too
	@$(COMPILE) streams tests deploy
	@$(BIN)/python -m pytest -n $(WORKERS)

test-pythons: .venv/installed-dev ## the unit and contract tests on the other Pythons that are present, 3.11 to 3.13
	@mine=$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	for v in 3.11 3.12 3.13; do \
	  test $$v = $$mine && continue; found=; \
	  for p in python$$v $$(ls -d $$HOME/.pyenv/versions/$$v.*/bin/python 2>/dev/null); do \
	    $$p -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$$v')" 2>/dev/null && { found=$$p; break; }; done; \
	  test -n "$$found" || { echo "Python $$v is not here: not tested"; continue; }; \
	  echo "Python $$v: installing into .venv-$$v"; \
	  { test -x .venv-$$v/bin/python || $$found -m venv .venv-$$v; } && \
	  .venv-$$v/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock && \
	  .venv-$$v/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . && \
	  .venv-$$v/bin/python -m pytest -q -n $(WORKERS) tests/unit tests/contract || exit 1; \
	done

soak: .venv/installed-dev ## kill workers 500 times over a real Kafka and Redis, with a Slack that fails at random
	@$(BIN)/python -m tests.crash.soak $(if $(KILLS),--kills $(KILLS))

month: .venv/installed-dev ## follow 500 sources of a simulated web through a simulated month, politely, and judge
	@$(BIN)/python -m tests.month $(if $(SOURCES),--sources $(SOURCES)) $(if $(DAYS),--days $(DAYS))

bench: .venv/installed-dev ## measure, and print the figures README quotes
	@$(BIN)/python -m tests.bench

bench-full: .venv/installed-dev ## the same, with 100,000 and a million stories: more than half an hour
	@$(BIN)/python -m tests.bench --full

lock: ## resolve the dependencies anew into the two lock files (needs uv)
	uv pip compile pyproject.toml --extra sample --extra build --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --extra dev --extra build --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header -c requirements.lock -q -o requirements-dev.lock

.PHONY: help install run serve lint test test-pythons soak month bench bench-full lock
