# Everything a developer or a shop needs; `make demo` and `make test` do their own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo test test-spark setup check format soak bench clean catalogue

setup: $(STAMP)

$(STAMP): pyproject.toml setup.py
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Setia needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# uv installs five times faster; where it cannot be had, pip does the same work.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv 2>/dev/null || true
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[dev]'; \
	 else $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'; fi
	@$(BIN)/python tools/catalogue.py compile
	@touch $(STAMP)

demo: setup
	@$(BIN)/setia demo

test: setup
	@$(BIN)/python -m pytest -n 2 --dist loadfile

soak: setup
	@$(BIN)/python -m pytest -m soak -o addopts="-ra"

# Measures on Spark, in one process and on a master with a worker; brings 400 MB of Spark and needs Java 17.
test-spark: setup
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[dev,spark]'; \
	 else $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,spark]'; fi
	@$(BIN)/python -m pytest -n 0 -ra tests/spark

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/catalogue.py check
	@$(BIN)/python -m pytest -q tests/rules -n 0

format: setup
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

catalogue: setup
	@$(BIN)/python tools/catalogue.py update

bench: setup
	@for name in import pages writes start; do $(BIN)/python -m bench $$name --scale small || exit 1; done

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache
