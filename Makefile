# setup demo test lint dashboard; the first run of each makes .venv.
PYTHON ?= $(shell command -v python3.11 || echo python3)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1

.PHONY: setup demo test lint dashboard clean

setup: .venv/run-time

# A stamp is written last, so that an installation that broke off is taken up again.
.venv/run-time: requirements.txt requirements-gpu.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	if nvidia-smi >/dev/null 2>&1; then \
		$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-gpu.txt; fi
	touch $@

.venv/development: .venv/run-time requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

demo: .venv/run-time
	dvc repro evaluate@beta-sample evaluate@final-sample evaluate@unet-sample
	python -m colornet.scoreboard

test: .venv/development
	pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: .venv/development
	ruff check .
	ruff format --check .

dashboard: .venv/run-time
	streamlit run dashboard/app.py

clean:
	rm -rf .venv
