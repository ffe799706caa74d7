# Everything one does with ai-viewer from a checkout. Needs Python >= 3.11, make, and the
# package registries of Python and npm; Node comes with the environment.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
NPM := $(BIN)/python hatch_build.py npm

INSTALLED := $(VENV)/.installed
NODE_MODULES := frontend/node_modules/.complete
SCHEMA := frontend/src/api/schema.d.ts
SAMPLES ?= ../shared/samples

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "; print "make TARGET, one of:"} \
		/^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- set up

.PHONY: install
install: $(INSTALLED) ## Make .venv and install ai-viewer into it, editable, with the developers' tools

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The web app is built by the target `ui`, from the environment's own Node.
$(INSTALLED): pyproject.toml | $(VENV)/pyvenv.cfg
	AI_VIEWER_SKIP_UI=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.PHONY: ui
ui: $(INSTALLED) ## Build the web app, if its sources changed
	@$(BIN)/python hatch_build.py

$(NODE_MODULES): frontend/package-lock.json $(INSTALLED)
	$(NPM) ci --ignore-scripts --no-audit --no-fund --prefer-offline
	@touch $@

# ---- use

.PHONY: run
run: ui ## Start ai-viewer and open it in the browser; ARGS="--port 8000" for options
	@$(BIN)/ai-viewer $(ARGS)

# ---- check

.PHONY: test
test: ui chromium $(NODE_MODULES) ## Run all tests
	$(NPM) run typecheck
	$(NPM) run test
	$(BIN)/python -m pytest -n 2 -m "not browser and not serial"
	$(BIN)/python -m pytest -n 2 --dist loadfile -m browser
	$(BIN)/python -m pytest -m "serial and not browser"
	@scripts/chromium --check || echo "NOT RUN: the tests in a browser: no Chromium was found; install one, or name it in AI_VIEWER_CHROMIUM"

.PHONY: chromium
chromium:
	@scripts/chromium --install

.PHONY: lint
lint: $(INSTALLED) $(NODE_MODULES) ## Check format, style and types, of Python and TypeScript
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd frontend && ../$(BIN)/oxlint --deny-warnings
	cd frontend && ../$(BIN)/oxfmt --check
	$(NPM) run typecheck

.PHONY: format
format: $(INSTALLED) ## Format Python and TypeScript
	$(BIN)/ruff format
	$(BIN)/ruff check --fix --exit-zero --quiet
	cd frontend && ../$(BIN)/oxfmt

.PHONY: types
types: $(INSTALLED) $(NODE_MODULES) ## Generate the web app's API types from the server
	$(BIN)/python -m ai_viewer openapi | $(NPM) run --silent types
	$(BIN)/python scripts/trace_columns.py > frontend/src/core/trace-columns.ts

.PHONY: api-docs
api-docs: $(INSTALLED) ## Write docs/api.md from the server
	$(BIN)/python -m tests.apidocs

.PHONY: screenshots
screenshots: ui chromium ## Draw the pictures of the documentation, from the demo
	PYTHONPATH=. $(BIN)/python scripts/screenshots.py

.PHONY: samples
samples: $(INSTALLED) ## Read the collected real sessions in SAMPLES and compare the totals
	@if [ -d "$(SAMPLES)" ]; then $(BIN)/python scripts/check_samples.py "$(SAMPLES)"; \
	else echo "NOT RUN: no samples in $(SAMPLES)"; test -z "$$CI"; fi

.PHONY: bench
bench: ui ## Run the benchmarks; BENCH=full for the sizes of the budgets
	$(BIN)/python -m bench $(ARGS)

# ---- ship

.PHONY: package
package: ui ## Build the sdist and the wheel into dist/
	$(BIN)/python -m build

.PHONY: clean
clean: ## Remove everything that was made here
	rm -rf $(VENV) dist build src/ai_viewer/static frontend/node_modules
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
