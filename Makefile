# Two commands are all: `make run` starts the bot, `make test` checks it. Both install what they
# need first, and do nothing twice.

PYTHON ?= python3.11
# A host without a GPU that can reach PyTorch's own index of CPU builds saves 4 GB:
#   make run TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
# Debian packages: fonts for the pictures, and the decoding children's system-call filter. For the
# tests a browser, a PostgreSQL server (they start one of their own), and what the library links to
# that draws the portraits' training set.
RUN_PACKAGES := fonts-dejavu-core fonts-noto-cjk libseccomp2
TEST_PACKAGES := $(RUN_PACKAGES) chromium libegl1 libgl1 postgresql
# SLOW=1 runs the slow tests too.
SLOW ?=

# Images of Python often set it: each worker and each process that a test starts would compile all modules.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
RUN_STAMP := .venv/.installed-run
TEST_STAMP := .venv/.installed-test
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --quiet

.PHONY: run test lint types imports tests docs lock clean debian-run debian-test

run: $(RUN_STAMP) debian-run
	exec $(BIN)/python -m bot

test: lint types imports tests

lint: $(TEST_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(TEST_STAMP)
	$(BIN)/mypy

# Which package may import which: see [tool.importlinter] in pyproject.toml.
imports: $(TEST_STAMP)
	$(BIN)/lint-imports --no-cache

# Three workers on two cores, for tests wait for children and disks; two with the slow ones, which need the
# cores themselves. A file at a time, in the order of tests/conftest.py. Coverage makes them slower and is
# counted with the slow tests, as in CI.
tests: $(TEST_STAMP) debian-test
	$(BIN)/python -m pytest --numprocesses $(if $(SLOW),2,3) --dist loadfile --no-loadscope-reorder --durations=10 \
		$(if $(SLOW),--cov --cov-report=term:skip-covered,-m "not slow")

docs: $(TEST_STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# What serving imports and the local page; with the tests, also what trains and measures.
$(RUN_STAMP): requirements/run.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	scripts/install-locked $(BIN)/python requirements/run.txt $(TORCH_INDEX)
	touch $@

$(TEST_STAMP): requirements/test.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	scripts/install-locked $(BIN)/python requirements/test.txt $(TORCH_INDEX)
	touch $@ $(RUN_STAMP)

# Where apt or the right to use it is missing, the bot still runs: `python -m bot check` says
# what it goes without, and tests that need a package skip and say so.
debian-run: ; @scripts/debian-packages $(RUN_PACKAGES)
debian-test: ; @scripts/debian-packages $(TEST_PACKAGES)

# Write the lock files anew: serve (the image), cluster (the same with PostgreSQL), workers (the same
# with Ray), run (and the page), test (everything else).
lock: $(TEST_STAMP)
	$(LOCK) --output-file requirements/serve.txt
	$(LOCK) --extra cluster --output-file requirements/cluster.txt
	$(LOCK) --extra workers --output-file requirements/workers.txt
	$(LOCK) --extra page --output-file requirements/run.txt
	$(LOCK) --extra page --extra cluster --extra train --extra docs --extra dev --output-file requirements/test.txt

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .coverage site
