# Each target sets up what it needs in .venv and runs; repeated calls start at once.
#   make demo    install the base package, read built-in lines, find a face, write an HTML report
#   make test    the whole test suite           make quick   what a change needs checked, in two minutes
#   make check   lint, format, types            make unequipped   the tests on real data, where there is none
#   make bench   accuracy and speed, but not the hours of parse_folds and parse_peers
#   make docs    the documentation site

PYTHON ?= $(firstword $(foreach python,python3.11 python3.12 python3.13 python3.14 python3,\
	$(shell $(python) -c 'import sys; sys.version_info >= (3, 11) and print("$(python)")' 2>/dev/null)))
BIN     := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
EGL     := libegl1 libgl1-mesa-dri
DRAWS   := $(BIN)/python -c 'from windowpane.sim.render.graphics import context; context()' 2>/dev/null
SOURCES := $(shell find src -type f -not -name '*.pyc')

.PHONY: demo test quick unequipped bench docs check clean

demo: .venv/base
	$(BIN)/windowpane demo --out demo

test: .venv/dev .venv/egl .venv/chromium
	$(BIN)/python -m pytest

# What a change needs checked: on two cores, without what takes long; memory and killed processes by themselves.
quick: .venv/dev .venv/egl
	$(BIN)/python -m pytest --numprocesses 2 -m "not slow and not alone"
	$(BIN)/python -m pytest -m "alone and not slow"

# Where no data is, every test that needs it is skipped, and none fails.
unequipped: .venv/dev
	WINDOWPANE_DATA=nowhere $(BIN)/python -m pytest -m realdata

bench: .venv/dev .venv-peers/done
	set -e; for script in $(filter-out benchmarks/results.py benchmarks/parse_folds.py benchmarks/parse_peers.py,$(wildcard benchmarks/*.py)); do $(BIN)/python $$script; done

docs: .venv/docs
	$(BIN)/python -m mkdocs build --strict

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf .venv .venv-peers demo site build dist

# The stamps. An editable install serves the demo as well, so it is never replaced by a copy.

.venv/python:
	@test -n "$(PYTHON)" || { echo "Windowpane needs Python 3.11 or newer: install it, or name it with make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/base: .venv/python pyproject.toml constraints.txt $(SOURCES)
	@test -e .venv/dev || { echo "Installing windowpane into .venv ..." && $(INSTALL) .; }
	@touch $@

.venv/dev: .venv/python pyproject.toml constraints.txt
	@echo "Installing windowpane for development into .venv ..."
	@$(INSTALL) --editable '.[train,tensorboard,openvino,superpixels,plot,ros,rerun,drive,sim,serve,batch,dev]'
	@touch $@

# What the simulated world is drawn with: Debian's Mesa. Without it the tests that draw are skipped.
.venv/egl: .venv/dev
	@$(DRAWS) || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
		echo "Installing $(EGL) ..."; export DEBIAN_FRONTEND=noninteractive; \
		{ apt-get update && apt-get install --yes --no-install-recommends $(EGL); } >/dev/null 2>&1 || true; }
	@$(DRAWS) && touch $@ || echo "Tests that draw a world are skipped. To run them: apt-get install $(EGL)"

# What the page of the server is tested in: Debian's Chromium. Without it those tests are skipped.
.venv/chromium: .venv/dev
	@command -v chromium >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
		echo "Installing chromium ..."; export DEBIAN_FRONTEND=noninteractive; \
		{ apt-get update && apt-get install --yes --no-install-recommends chromium; } >/dev/null 2>&1 || true; }
	@command -v chromium >/dev/null && touch $@ || echo "Tests of the page are skipped. To run them: apt-get install chromium"

# What windowpane is compared with. Where it cannot be installed the benchmark says so and goes on.
.venv-peers/done: benchmarks/peers/requirements.txt benchmarks/peers/no-deps.txt
	@$(PYTHON) -m venv .venv-peers
	-@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement benchmarks/peers/no-deps.txt
	-@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement $< && touch $@

.venv/docs: .venv/dev
	@$(INSTALL) --editable '.[docs]'
	@touch $@
