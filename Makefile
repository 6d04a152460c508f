# How Conduct is started, tested and checked. Every target does its own set-up, in .venv.
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes
DEV := .venv/dev.stamp
# What a shell happens to have set must not change what the tests see; each run of tests has a data folder of its own.
PLAIN := env -u CONDUCT_TESTING -u DATABASE_URL -u CONDUCT_BROKER_URL -u CONDUCT_SECRET_KEY -u CONDUCT_NOW -u CONDUCT_CLOCK_OFFSET -u CONDUCT_DEMO
TESTING := CONDUCT_TESTING=1 CONDUCT_VAR=var/test

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check services browser search mutants bench libraries

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start the demonstration at http://127.0.0.1:8000/
	@echo "1/3 Python packages … $$([ -e .venv/run.stamp ] || echo '(the first time this takes about half a minute)')"
	@$(MAKE) --no-print-directory --silent .venv/run.stamp
	@echo "2/3 System libraries …"
	@$(MAKE) --no-print-directory --silent libraries
	@echo "3/3 Conduct itself …"
	@exec env CONDUCT_DEMO=1 $(PY) manage.py serve

test: $(DEV) libraries ## the tests that need no server and no browser, on SQLite
	@$(PLAIN) $(TESTING) $(PY) -m pytest -n auto --dist worksteal -m "not browser and not services"

services: $(DEV) libraries ## the tests on PostgreSQL and Redis
	@env -u CONDUCT_SECRET_KEY -u CONDUCT_NOW -u CONDUCT_CLOCK_OFFSET -u CONDUCT_DEMO $(TESTING) .ci/services

browser: $(DEV) libraries ## the tests that drive Debian's Chromium
	@command -v chromium >/dev/null || .ci/debian-packages chromium
	@$(PLAIN) $(TESTING) $(PY) -m pytest -m browser

search: $(DEV) libraries ## the long search for a broken rule or a dead end; writes docs/proof.md (SEARCH=whole: for hours)
	@$(PLAIN) $(TESTING) CONDUCT_SEARCH=$(or $(SEARCH),large) $(PY) -m pytest tests/search

mutants: $(DEV) libraries ## faults put into the rules one at a time, which their tests must notice; writes docs/proof.md (long)
	@$(PLAIN) $(TESTING) $(PY) -m tests.search.mutants $(MODULES)

bench: $(DEV) libraries ## speed, as ratios taken in one run; prints a table and writes var/bench.json (ONLY=name,name)
	@env -u CONDUCT_SECRET_KEY -u CONDUCT_NOW -u CONDUCT_CLOCK_OFFSET -u CONDUCT_DEMO CONDUCT_TESTING=1 $(PY) -m tests.bench --only "$(ONLY)"

check: $(DEV) ## lint, types, the arrows between the apps, settings for use in earnest, migrations
	@echo "ruff check"; $(PY) -m ruff check .
	@echo "ruff format"; $(PY) -m ruff format --check .
	@echo "mypy"; $(PY) -m mypy
	@echo "import-linter"; .venv/bin/lint-imports
	@echo "djlint"; $(PY) -m djlint --lint --quiet templates
	@echo "check --deploy"; $(PLAIN) CONDUCT_VAR=var/test CONDUCT_HOSTS=conduct.example \
	    CONDUCT_SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))') \
	    $(PY) manage.py check --deploy --fail-level WARNING
	@echo "makemigrations --check"; $(PLAIN) $(TESTING) $(PY) manage.py makemigrations --check --dry-run

libraries: .venv/run.stamp
	@.ci/debian-packages $$($(PY) -m conduct.libraries)
	@missing=$$($(PY) -m conduct.libraries); [ -z "$$missing" ] || \
	    { echo "System libraries are installed and still do not load: $$missing" >&2; exit 1; }

.venv/bin/python:
	@.ci/virtual-environment

# A changed lock file is newer than its stamp, and is installed again.
.venv/run.stamp: requirements.lock | .venv/bin/python
	@$(PIP) --requirement requirements.lock
	@touch $@

$(DEV): requirements-dev.lock .venv/run.stamp
	@echo "Python packages for the tests …"
	@$(PIP) --requirement requirements-dev.lock
	@touch $@
