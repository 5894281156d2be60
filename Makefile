# Two commands are all: `make run` starts the bot, `make test` checks it. Both install what they
# need first, and do nothing twice.

PYTHON ?= python3.11
# Extra options for pip. A host without a GPU that can reach PyTorch's own CPU index saves 4 GB:
#   make run PIP_OPTIONS="--extra-index-url https://download.pytorch.org/whl/cpu"
PIP_OPTIONS ?=
# Debian packages: letters for Japanese in pictures; a browser to test the local page in, and what
# the drawing library of the portraits' training set links to.
RUN_PACKAGES := fonts-noto-cjk
TEST_PACKAGES := $(RUN_PACKAGES) chromium libegl1 libgl1
# SLOW=1 runs the slow tests too.
SLOW ?=

BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: run test lint types tests lock clean debian-run debian-test

run: $(STAMP) debian-run
	exec $(BIN)/python -m bot

test: lint types tests

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

tests: $(STAMP) debian-test
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered $(if $(SLOW),,-m "not slow")

$(STAMP): requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r requirements.lock
	touch $@

# Where apt or the right to use it is missing, the bot still runs: `python -m bot check` says
# what it goes without, and tests that need a package skip and say so.
debian-run: ; @scripts/debian-packages $(RUN_PACKAGES)
debian-test: ; @scripts/debian-packages $(TEST_PACKAGES)

lock: $(STAMP)
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links \
		--no-header --extra page --extra train --extra dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .coverage
