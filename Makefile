# serve   install what is needed, train on built-in data if there is no artifact, export, serve on port 5000
# test    everything the project promises
# check   ruff and mypy
# image   the server's image, what it weighs by part, and the tests of the wire against it (takes Docker)
# sbom    what the server's image holds, as CycloneDX (after make image)
# audit   known faults of the packages in requirements/ (asks a database; OSV=all.zip reads an export of OSV instead)
# soak    half an hour of good and bad requests, new models and restarts
# fuzz    fifty thousand bad requests and bodies; make test makes a few thousand
# bench   speed against what others use (takes wrk), every runtime of embed/, accuracy on real records, if they are there
# lock    compile requirements/ anew
.PHONY: serve test check image sbom audit soak fuzz bench lock .venv
.DELETE_ON_ERROR:

FIT = 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c $(FIT) 2>/dev/null && echo $$p && break; done)
BIN = .venv/bin
# What is installed: what serving, training, export and predict need; and on top of it what tests, checks and benchmarks need.
RUN = .venv/run
DEV = .venv/dev

# Where npm is, the page, and what is embedded in Node and the browser, are tried too; without, or without what npm asks, those tests say so.
NODE = $(if $(shell command -v npm 2>/dev/null),$(addsuffix /node_modules,embed/onnxruntime-node embed/onnxruntime-web tests/server/page))

# Three processes keep two cores busy: tests wait for servers. A file's tests run in one of them, so that what they share is made once.
PARALLEL = --numprocesses 3 --dist loadfile --no-loadscope-reorder

serve: artifacts/ecg.onnx
	ECG_LOG_FORMAT=text $(BIN)/python -m server

test: $(DEV) $(NODE)
	$(BIN)/python -m pytest $(PARALLEL) --durations=10

%/node_modules: %/package-lock.json
	-npm ci --silent --ignore-scripts --prefix $* && touch $@

check: $(DEV)
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

# Chromium gives up what it loads when a network interface comes or goes, as with each container: the page is tested by itself.
image: $(DEV)
	docker compose build --quiet server
	$(BIN)/python deploy/image/sizes.py
	$(BIN)/python -m pytest $(PARALLEL) -q --image ecg-server tests/deploy tests/server --ignore-glob=tests/server/page/test_[lpf]*.py
	$(BIN)/python -m pytest -q --image ecg-server tests/server/page/test_page.py tests/server/page/test_live.py

sbom: $(DEV)
	$(BIN)/python deploy/image/sbom.py

audit: $(DEV)
	$(if $(OSV),$(BIN)/python requirements/audit.py $(OSV),$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements/dev.txt)

soak: $(DEV)
	$(BIN)/python -m bench.soak

fuzz: $(DEV)
	$(BIN)/python -m pytest -q --hypothesis-profile=long tests/server/test_fuzz.py

bench: $(DEV)
	$(BIN)/python -m bench.speed
	$(BIN)/python -m bench.overload
	$(BIN)/python -m bench.streams
	$(BIN)/python -m bench.archive
	$(BIN)/python -m bench.holter
	$(BIN)/python -m bench.everywhere
	$(BIN)/python -m bench.accuracy
	$(BIN)/python -m bench.report

lock: $(DEV)
	$(BIN)/python requirements/lock.py

.venv: $(DEV)
$(RUN): requirements/run.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with venv is needed (Debian: apt install python3-venv)" >&2; exit 2; }
	@$(PYTHON) -m venv .venv
	@$(call install,$<,about a minute)
	@touch $@

# Tests start some hundred processes: what they import is compiled, whatever PYTHONDONTWRITEBYTECODE says.
$(DEV): requirements/dev.txt | $(RUN)
	@$(call install,$<,about a minute)
	@$(BIN)/python -m compileall -qq -j 0 .venv/lib || true
	@touch $@

# On a terminal pip shows its own progress. Modules are compiled when they are first imported: most never are, and would take 0.2 GB.
install = if [ -t 1 ]; then quiet=; else quiet=-qq; echo "installing $(1) ($(2)) …"; fi; \
	$(BIN)/python -m pip install $$quiet --disable-pip-version-check --no-compile --require-hashes -r $(1)

# A training is exported anew when it or the exporting code is newer; an artifact that came without one is kept as it is.
TRAINED = $(wildcard artifacts/ecg.json)
artifacts/ecg.onnx: $(TRAINED) $(if $(TRAINED),$(wildcard export/*.py) $(wildcard server/models/*.py)) | $(RUN)
	$(if $(TRAINED),,$(BIN)/python -m train)
	$(BIN)/python -m export
