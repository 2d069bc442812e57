# `make` alone lists what there is. Variables such as PORT, DATA_DIR and DATABASE_URL reach Threadline.
SHELL := /bin/bash
PY := .venv/bin/python
PYTEST := .venv/bin/pytest --no-header -q
WORKERS ?= auto
# Compiled once and kept, whatever the shell says: compiling anew costs each test process 15 seconds.
export PYTHONDONTWRITEBYTECODE :=
MYPY := DATA_DIR="$${TMPDIR:-/tmp}/threadline-types" SECRET_KEY=types .venv/bin/mypy

.DEFAULT_GOAL := help
.PHONY: help run test check fast lint types contracts front dev bench bench-browser screenshots bench-insight bench-evidence bench-planner bench-timeline keys migrations test-postgres lock clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 24

run: ## set up what is missing, load the sample company into an empty database, serve
	@tools/venv base
	@tools/front
	@$(PY) -m threadline migrate
	@$(PY) -m threadline demo --if-empty
	@exec $(PY) -m threadline serve

dev:
	@tools/venv dev

front:
	@tools/front --required

test: dev front lint types contracts ## everything: lint, types, contracts, unit, security, browser, accessibility
	@tools/browser --install
	$(PYTEST) -n $(WORKERS) --dist worksteal --ignore tests/security
	$(PYTEST) -n $(WORKERS) --dist worksteal tests/security # one long transaction: apart from what flushes tables
	@if [ -n "$$(find threadline -name '*.test.ts' -not -path '*/node_modules/*' -print -quit)" ]; then npm test --silent; fi

check: dev lint ## lint, types, contracts and the fast tests, those of all record types on some of them, side by side
	@$(MAKE) --no-print-directory --jobs=2 fast types contracts

fast: dev
	$(PYTEST) -n $(WORKERS) --some-types --ignore tests/security --ignore tests/browser -m "not slow and not weighty and not browser and not attack"

lint: dev
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --check --quiet .

types: dev
	$(MYPY) threadline
	@if [ -x node_modules/.bin/tsc ] && [ -n "$$(find threadline -name '*.ts' -print -quit)" ]; then npm run --silent types; fi

contracts: dev
	.venv/bin/lint-imports --no-cache

bench: dev ## print the table of measurements, on SQLite and on PostgreSQL where it is found; BENCH=quick: a short one
	$(PY) -m bench $(if $(filter quick,$(BENCH)),--quick)

bench-planner: dev ## measure the planner beside proven optima; NRP_DATA names the folder of instances
	$(PY) -m bench.planner $(if $(ONLY),--only $(ONLY))

bench-timeline: dev front ## measure the roadmap's timeline with 300 and 500 bars
	@tools/browser --install
	$(PY) -m bench.timeline

keys: dev ## write docs/keys.md anew from the register of keys
	$(PY) -m django shell --settings threadline.settings --no-imports -v 0 -c 'from threadline.faces.web import keymap; print(keymap.manual(), end="")' > docs/keys.md

bench-browser: dev front ## print what a person feels: input to result with 10,000 rows and a slow network
	@tools/browser --install
	$(PY) -m bench.browser

screenshots: dev front ## take a picture of every screen, to be looked at; TO=folder ONLY=word LOOKS=wide-light,narrow-dark
	@tools/browser --install
	$(PY) -m bench.screens $(if $(TO),--to $(TO)) $(if $(ONLY),--only $(ONLY)) $(if $(LOOKS),--looks $(LOOKS))

bench-insight: dev ## measure suggestions on the data that FEEDBACK_DATA names
	$(PY) -m bench.insight

bench-evidence: dev ## measure research and feedback with 500 interviews, 20,000 highlights and 100,000 notes
	$(PY) -m bench.evidence $(if $(filter quick,$(BENCH)),--quick) $(if $(WRITE),--write $(WRITE))

migrations: dev ## write the migrations that changed models need
	$(PY) -m django makemigrations --settings threadline.settings kernel inbound

test-postgres: dev ## the kernel, product, API and security tests on a throw-away PostgreSQL
	tools/postgres $(PYTEST) -n $(WORKERS) -m "not browser and not slow" threadline
	tools/postgres $(PYTEST) -n $(WORKERS) -m attack tests/security

lock: dev ## resolve requirements/*.in anew, with hashes
	@for name in base dev uv; do .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean: ## remove everything that was built or installed; data/ stays
	rm -rf .venv node_modules build threadline/faces/web/static/web/dist \
	  .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find threadline tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
