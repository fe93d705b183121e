# Two commands on a fresh machine: `make run`, then `make test`. Both install what they need into .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check bench clean

run: .venv/.installed  ## serve the sample world on loopback, run the nightly job against it, print the report's path
	$(BIN)/python -m seeds.demo

test: .venv/.installed-test
	$(BIN)/python -m pytest -q

check: .venv/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py tests/test_docs.py

bench: .venv/.installed-dev
	$(BIN)/python benchmarks/quality.py
	$(BIN)/python benchmarks/speed.py --articles 20000

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/.installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/.installed-test: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@ .venv/.installed

.venv/.installed-dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ .venv/.installed-test .venv/.installed

clean:
	rm -rf .venv out build *.egg-info
