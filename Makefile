# Everything happens in .venv, made here from the hashed lock files; nothing else has to be installed.

PYTHON ?= python3
# One more than two processors have: some tests wait for servers.
JOBS ?= 3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
DIST ?= dist
# Of what "make sbom" has written, by the schema of CycloneDX; it takes most of the time.
VALIDATE ?= --validate
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' bot/__init__.py)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
UV := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-strip-extras

.DEFAULT_GOAL := help
.PHONY: help run test coverage soak image audit lint format bench lock wheel sbom clean

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: $(VENV)/runtime.stamp ## the whole product on this machine, nothing to configure (ARGS="--port 9000")
	$(BIN)/python main.py sandbox $(ARGS)

test: lint ## style, types, direction of imports, then every test
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

coverage: $(VENV)/development.stamp ## every test, and which lines of the bot they run
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=term $(ARGS)

lint: $(VENV)/development.stamp ## style, types and direction of imports only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict bot sandbox tests bench main.py
	$(BIN)/lint-imports

soak: $(VENV)/development.stamp ## the long form of the tests of faults, figures in soak.txt (PARTS="kills servers")
	SOAK_REPORT=soak.txt SOAK_ROUNDS=10 SOAK_KILLS=200 SOAK_PEOPLE=20 SOAK_UPDATES=100000 SOAK_CONVERSATIONS=10000 SOAK_RATE=100 \
		SOAK_SECONDS=600 SOAK_RESTARTS=100 SOAK_OUTAGE=700 SOAK_STEPS=60 SOAK_MEGABYTES=20 SOAK_SCANS=26 SOAK_IMAGE=1 SOAK_OPERATIONS=1 \
		$(BIN)/python -m pytest -s -p no:xdist $(or $(PARTS:%=tests/faults/test_%.py),tests/faults) $(ARGS)

image: $(VENV)/development.stamp ## the image's steps in a clean root, started as its user: root, debootstrap, minutes
	SOAK_IMAGE=1 $(BIN)/python -m pytest -s -p no:xdist tests/faults/test_image.py $(ARGS)

audit: $(VENV)/pip.stamp ## ask OSV for known vulnerabilities of the locked packages
	$(BIN)/python .ci/audit.py

format: $(VENV)/development.stamp ## put the code into the agreed shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/runtime.stamp $(PEERS)/stamp ## measure against the goals, half an hour (ARGS="rush plans" for parts)
	$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/development.stamp ## write the lock files anew after a change of pyproject.toml (ARGS=--upgrade)
	$(PIP) install --quiet "uv>=0.13,<1"
	$(UV) $(ARGS) pyproject.toml -o requirements.lock
	$(UV) $(ARGS) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(UV) $(ARGS) --group bench -c requirements.lock -o requirements-bench.lock

wheel: $(VENV)/pip.stamp ## dist/cabinet-VERSION-py3-none-any.whl
	$(PIP) wheel --quiet --no-deps --wheel-dir $(DIST) .

sbom: $(VENV)/development.stamp ## dist/cabinet-VERSION.cdx.json: CycloneDX, what requirements.lock names
	mkdir -p $(DIST)
	sed 's/^dynamic = .*/version = "$(VERSION)"/' pyproject.toml > $(DIST)/pyproject.toml
	$(BIN)/cyclonedx-py requirements $(VALIDATE) --output-reproducible --pyproject $(DIST)/pyproject.toml \
		--output-file $(DIST)/cabinet-$(VERSION).cdx.json requirements.lock
	rm $(DIST)/pyproject.toml

clean: ## remove .venv and caches; data/ stays
	rm -rf $(VENV) $(PEERS) $(DIST) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is younger than its lock file exactly when the environment holds what the lock says.
$(VENV)/%.stamp: | $(VENV)/pip.stamp
	$(PIP) install --quiet --require-hashes --requirement $<
	@touch $@

$(VENV)/runtime.stamp: requirements.lock
$(VENV)/development.stamp: requirements-dev.lock

$(PEERS)/stamp: requirements-bench.lock | $(VENV)/pip.stamp
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement $<
	@touch $@

$(VENV)/pip.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
		"Cabinet needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || \
		{ echo "python3 has no venv module here; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@touch $@
