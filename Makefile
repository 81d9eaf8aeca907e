# make demo: everything from nothing to an image on screen. make test: install what is missing, run all tests.
# Both need Python 3.10 or newer with venv; all else is installed here.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PEER := .peer
PEER_INSTALLED := $(PEER)/.installed
WEB_BUILT := plugin/girder_tiles/web_client/.built
NPM := scripts/with-node $(abspath $(BIN)) npm --prefix web_client
WEB_SOURCES := $(shell find web_client -type f -not -path '*/node_modules/*')

.PHONY: demo test venv web browser bench

demo: venv web
	$(BIN)/girder-tiles demo $(ARGS)

test: venv web browser
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(NPM) test
	$(BIN)/pytest -n auto $(ARGS)

bench: venv web $(PEER_INSTALLED)
	$(BIN)/python benchmarks/library.py --peer $(PEER)/bin/python
	$(BIN)/python benchmarks/convert.py
	$(BIN)/python benchmarks/serve.py

venv: $(INSTALLED)

web: $(WEB_BUILT)

browser:
	scripts/install-chromium

$(INSTALLED): setup.py pyproject.toml
	$(PYTHON) scripts/check_python.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all]'
	touch $@

$(WEB_BUILT): $(WEB_SOURCES) | $(INSTALLED)
	$(NPM) ci --no-audit --no-fund
	$(NPM) run build
	touch $@

$(PEER_INSTALLED): benchmarks/peer.txt
	test -x $(PEER)/bin/python || $(PYTHON) -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@
