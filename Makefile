PORT ?= 8501
PYTHON ?= python3
VENV = .venv/bin

.PHONY: run test bench

run: .venv/installed
	$(VENV)/python serve.py --port $(PORT)

test: .venv/installed-dev
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/pytest -n auto --dist loadgroup

bench: .venv/installed-dev
	$(VENV)/python -m bench

.venv/installed: requirements.txt
	test -x $(VENV)/python || $(PYTHON) -m venv .venv
	$(VENV)/pip install --quiet --requirement requirements.txt
	touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt
	test -x $(VENV)/python || $(PYTHON) -m venv .venv
	$(VENV)/pip install --quiet --requirement requirements-dev.txt
	touch .venv/installed $@
