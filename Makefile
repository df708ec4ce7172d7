# Two commands matter: `make book` builds the site, `make test` proves it. Each installs what it needs into .venv.
# Nothing here is hidden: the README gives the plain commands for machines without make.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
NOTEBOOKS := $(sort $(wildcard chapters/*.ipynb))
PORT ?= 8000

.PHONY: help book pdf links chapter test units nbval site term check lab serve notebooks exercises bench clean chromium

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "make: $(PYTHON) must be Python 3.11 or newer, but is $$($(PYTHON) --version 2>&1); try make PYTHON=python3.11" >&2; exit 1; }
	@echo "== installing into $(VENV) (about a minute, 1.6 GB; once)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	$(BIN)/python -m pip check
	@touch $@

book: $(STAMP)  ## build the site from the stored outputs: _build/html/index.html
	@echo "== building the book (warnings are errors)"
	$(BIN)/jupyter-book build . -W --keep-going -q
	@test -s _build/html/chapters/index.html || { echo "make book: no page was written" >&2; exit 1; }
	@echo "== open file://$(CURDIR)/_build/html/index.html"

test: $(STAMP) chromium  ## everything, two jobs at a time: exercises, units, notebooks (nbval), the site in Chromium
	@echo "== exercises and a class of thirty; units, gradients, ledger; every notebook again; the site in Chromium"
	@OMP_NUM_THREADS=1 $(MAKE) --no-print-directory -j2 term units nbval site
	@echo "== all tests passed"

units: $(STAMP)  ## all tests without a browser
	$(BIN)/python -m pytest -m "not site and not term"

site: book  ## the built site in Chromium
	$(BIN)/python -m pytest -p no:cacheprovider -m site

term: $(STAMP)  ## every exercise proven; a class of thirty hands in everything, and nbgrader marks it
	@mkdir -p _build
	@$(BIN)/python -m pytest -p no:cacheprovider -q -m term > _build/term.log 2>&1 || { cat _build/term.log; exit 1; }
	@printf "\nexercises: "; tail -n 1 _build/term.log

nbval: $(STAMP)  ## every cell of every notebook again, outputs compared
	@mkdir -p _build
	@COURSE_LIB_EXPLORER=start TQDM_DISABLE=1 $(BIN)/python -m pytest -p no:cacheprovider -q --nbval \
		--nbval-sanitize-with tests/nbval_sanitize.cfg $(NOTEBOOKS) > _build/nbval.log 2>&1 \
		|| { cat _build/nbval.log; exit 1; }
	@printf "\nnotebooks: "; tail -n 1 _build/nbval.log

check: $(STAMP)  ## the quick part of the tests: no notebooks run, no browser; under two minutes
	$(BIN)/python -m pytest -m "not site and not term and not slow"

pdf: book chromium  ## the whole book on paper: _build/book.pdf, with contents and page numbers
	$(BIN)/python tools/pdf.py

chapter: $(STAMP)  ## a skeleton to fill: make chapter NAME=19_graphs TITLE="Graphs"
	@$(BIN)/python tools/chapter.py "$(NAME)" $(if $(TITLE),--title "$(TITLE)")

links: $(STAMP)  ## ask every host that the book links to (needs a network; no test does it)
	$(BIN)/python tools/links.py

lab: $(STAMP)  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=. chapters

serve: book  ## build the site and serve it at http://127.0.0.1:8000 (PORT=…)
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

notebooks: $(STAMP)  ## run the notebooks that changed and store their outputs (ALL=1: all of them)
	$(BIN)/python tools/notebooks.py $(if $(ALL),--all)

exercises: $(STAMP)  ## make the student notebooks, their zips and the table of points: exercises/release
	$(BIN)/python tools/exercises.py

bench: $(STAMP)  ## how fast is it? measures all that the page of that name shows (PARTS="steps sizes"); most of an hour
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt -c constraints.txt
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks $(PARTS)

clean:  ## remove the built site and caches (not .venv)
	rm -rf _build .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# The site tests drive Debian's Chromium. As root with apt it is installed; otherwise the message says what to do.
chromium:
	@if command -v "$${CHROMIUM:-chromium}" >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "== installing chromium"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium </dev/null; \
	else echo "make test: the site tests need Chromium: sudo apt-get install chromium, or set CHROMIUM=/path/to/chrome" >&2; exit 1; fi
