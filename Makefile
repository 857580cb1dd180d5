# Two commands matter: make run, make test.
PORT ?= 8000
export PORT

# The first Python of at least 3.11 that really runs.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -W ignore -m pip --disable-pip-version-check -qq

.PHONY: run test setup setup-dev lint check clean bench

run: setup
	@$(BIN)/kb load || echo "有条目没有载入，见上；其余照常提供" >&2
	@exec $(BIN)/kb serve

setup: .venv/.run.stamp web/translations/en/LC_MESSAGES/messages.mo
setup-dev: .venv/.dev.stamp web/translations/en/LC_MESSAGES/messages.mo

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新的版本" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev.stamp: tests/requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r tests/requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ .venv/.run.stamp

%.mo: %.po | .venv/bin/python
	$(BIN)/pybabel --quiet compile -i $< -o $@

web/translations/en/LC_MESSAGES/messages.mo: | .venv/.run.stamp

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -n auto

check: setup
	$(BIN)/kb check

bench: setup-dev
	$(BIN)/python -m bench.site
	$(BIN)/python -m bench.match
	$(BIN)/python -m bench.members
	$(BIN)/python -m bench.peers --docs 10000

clean:
	rm -rf .venv web/translations/en/LC_MESSAGES/messages.mo
