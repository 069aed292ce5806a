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
	$(VENV)/pytest -n auto --dist worksteal

bench: .venv/installed-dev
	$(VENV)/python -m bench

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Sightline needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	test -x $(VENV)/python || $(PYTHON) -m venv .venv
	$(VENV)/pip install --quiet --requirement requirements.txt
	touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Sightline needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	test -x $(VENV)/python || $(PYTHON) -m venv .venv
	$(VENV)/pip install --quiet --requirement requirements-dev.txt
	touch .venv/installed $@
