# Everything here installs what it needs: python3 >= 3.11, make, git and a package index are enough.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .uv/bin/uv)
BIN := .venv/bin

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-9s %s\n", $$1, $$2}' Makefile

demo: .venv/installed ## run one whole hybrid programme on real handwritten digits, and write its report
	@$(BIN)/bimetal demo --dir bimetal-demo

assets: .venv/installed ## build the third-party widgets and fonts of the web app, where npm's registry can be reached
	@scripts/assets $(BIN)/python

test: .venv/tools browser assets ## the whole gate: format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry src
	$(BIN)/pytest -n auto

bench: .venv/tools ## measure everything again (an hour and more); ONLY="mnist law" measures some
	@scripts/bench $(ONLY)

docs: .venv/tools ## build the documentation site into site/
	@$(UV) pip install --quiet --python $(BIN)/python -c constraints.txt --group docs
	$(BIN)/zensical build --strict

format: .venv/tools ## put the code in its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

browser: ## bring a real browser for the screen tests, where the system allows it
	@scripts/browser

clean: ## remove what the targets above made
	rm -rf .venv .uv bimetal-demo site assets/node_modules src/bimetal/web/static/built .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.uv/bin/uv:
	@scripts/uv $(PYTHON)

.venv/installed: pyproject.toml constraints.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e .
	@touch $@

.venv/tools: .venv/installed
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e . --group dev
	@touch $@

.PHONY: help demo assets test bench docs format browser clean
