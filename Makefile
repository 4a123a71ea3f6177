# setup demo check test lint dashboard hooks lock clean; the first run of each makes .venv.
#   make check                   ruff, types and the fast tests: less than a minute
#   make test ARGS="-k lab"      ARGS are passed on to pytest
#   make hooks                   once in a clone: git runs the same as `make check` before a commit
#   make lock                    renews the lock files after requirements*.txt or pyproject.toml changed;
#                                with UPGRADE=--upgrade it takes the newest versions that they allow
PYTHON ?= $(shell command -v python3.11 || echo python3)
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
PYTEST := pytest --dist loadfile --no-loadscope-reorder
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-package colornet --custom-compile-command "make lock" $(UPGRADE)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1

.PHONY: setup demo check fast test lint dashboard hooks lock clean

setup: .venv/run-time

# The stamp is written last, so that an interrupted installation starts again.
# The locked setuptools builds the package: without isolation pip downloads no other one.
.venv/run-time: requirements.lock requirements-gpu.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation --no-deps -e .
	if nvidia-smi >/dev/null 2>&1; then $(PIP) --require-hashes -r requirements-gpu.lock; fi
	touch $@

.venv/development: .venv/run-time requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	touch $@

demo: .venv/run-time
	dvc repro evaluate@beta-sample evaluate@final-sample evaluate@lite-sample
	python -m colornet.scoreboard

check: lint fast

fast: .venv/development
	$(PYTEST) --numprocesses 2 -m "not slow and not browser" $(ARGS)

# Three processes on two cores: some tests wait for servers and processes.
test: .venv/development
	$(PYTEST) --numprocesses 3 $(ARGS)

lint: .venv/development
	ruff check .
	ruff format --check .
	mypy

dashboard: .venv/run-time
	streamlit run dashboard/app.py

hooks: .venv/development
	pre-commit install

# The other two are constrained by the first, so that all three agree.
lock: .venv/development
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements-dev.txt --constraints requirements.lock --output-file requirements-dev.lock
	$(LOCK) requirements-gpu.txt --constraints requirements.lock --output-file requirements-gpu.lock

clean:
	rm -rf .venv
