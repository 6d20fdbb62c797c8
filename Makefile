# make run | test | lint | cover | bench | fuzz | soak | load: each sets up .venv first, with what it needs, and nothing twice.
.DEFAULT_GOAL := help
.PHONY: help run test lint cover bench fuzz soak load words lock screenshots clean

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TEST_READY := $(VENV)/.ready-test
export OMP_NUM_THREADS ?= 2

help:
	@echo "make run      the dashboard and the API on sample data, http://127.0.0.1:8501"
	@echo "make test     lint, types and every test"
	@echo "make lint     ruff and mypy only"
	@echo "make cover    branch coverage of the engine, accounts and the HTTP interface; 90 % or it fails"
	@echo "make words    new sentences into the catalogues, to be translated; old ones out of them"
	@echo "make bench    benchmarks beside their peers"
	@echo "make screenshots  every page, light and dark, wide and narrow, into screenshots/"
	@echo "make soak     half an hour of everything, kill -9, hostile texts, two tenants: a table each"
	@echo "make load     200 calls a second, ten times as many, 30 browsers (a quiet machine)"
	@echo "make fuzz     50,000 generated shop files, each read and compared with the truth;"
	@echo "              20,000 generated requests to the HTTP interface"

# what runs, and what tests it: two locks, each installed whole and marked when it is
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps

$(READY): requirements.lock pyproject.toml
	@.ci/system-check "$(PYTHON)"
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-build-isolation -e .
	$(BIN)/pip check   # the lock names everything; a gap must fail here, not at run time
	@touch $(READY)

$(TEST_READY): requirements-test.lock $(READY)
	$(INSTALL) --require-hashes -r requirements-test.lock
	$(BIN)/pip check
	@touch $(TEST_READY)

run: $(READY)
	$(BIN)/clv serve --sample

lint: $(TEST_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest -n 3 --dist worksteal --benchmark-disable

# the folders that test these packages; the pages and charts have no share to keep
COVERED := tests/clvcore tests/contract tests/property tests/golden tests/app/accounts tests/app/api \
  tests/app/widgets/test_sign_in.py tests/app/cli/test_tenants.py tests/app/services/test_erase.py \
  tests/app/services/test_backup.py

cover: $(TEST_READY)
	$(BIN)/python -m pytest $(COVERED) -n 3 --dist worksteal --benchmark-disable -m "not browser" -q \
	  --deselect tests/app/api/test_fuzz.py::test_a_thousand_requests_find_nothing \
	  --cov=clvcore --cov=app.accounts --cov=app.api --cov-branch --cov-report=json:.coverage.json
	$(BIN)/python .ci/branches.py .coverage.json

WORDS := app/words/locale
words: $(TEST_READY)
	$(BIN)/pybabel --quiet extract -F babel.cfg --sort-by-file --add-location=file \
	  -o $(WORDS)/clv.pot .
	$(BIN)/pybabel --quiet update -D clv -d $(WORDS) -i $(WORDS)/clv.pot --width=100 \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@rm $(WORDS)/clv.pot

bench: $(TEST_READY)
	@mkdir -p .benchmarks
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only --benchmark-json=.benchmarks/speed.json
	$(BIN)/python tests/benchmarks/speed_table.py .benchmarks/speed.json

fuzz: $(TEST_READY)
	OMP_NUM_THREADS=1 $(BIN)/python tests/fuzz/run.py --files $(or $(FILES),50000)
	CLV_ALL_BOMBS=1 $(BIN)/python -m pytest -s tests/e2e/test_bombs.py
	OMP_NUM_THREADS=1 $(BIN)/python tests/fuzz/api.py --cases $(or $(CASES),20000)

screenshots: $(TEST_READY)
	$(BIN)/python tests/e2e/screenshots.py --out screenshots

# MINUTES, KILLS, CUSTOMERS and SWITCHES set how much of each; each prints a table, see
# tests/soak/README.md
soak: $(TEST_READY)
	$(BIN)/python tests/soak/soak.py --minutes $(or $(MINUTES),30)
	OMP_NUM_THREADS=1 $(BIN)/python tests/soak/kill9.py --kills $(or $(KILLS),1000)
	$(BIN)/python tests/soak/hostile.py --customers $(or $(CUSTOMERS),215)
	$(BIN)/python tests/soak/interleave.py --switches $(or $(SWITCHES),1000)

# on a machine that does nothing else; RATE and SECONDS set how much
load: $(TEST_READY)
	$(BIN)/python tests/soak/load.py --rate $(or $(RATE),200) --seconds $(or $(SECONDS),300)
	$(BIN)/python tests/soak/browsers.py --browsers $(or $(BROWSERS),30) --seconds 120

# versions stay as they are pinned unless pyproject.toml asks for others; delete a line to let it go
LOCKING := .venv-lock
COMPILE := $(LOCKING)/bin/pip-compile --quiet --build-deps-for editable --generate-hashes --strip-extras \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --no-header --allow-unsafe

lock:
	"$(PYTHON)" -m venv $(LOCKING)
	$(LOCKING)/bin/pip install --quiet --disable-pip-version-check pip-tools
	$(COMPILE) -o requirements.lock pyproject.toml
	$(COMPILE) --extra test -c requirements.lock -o requirements-test.lock pyproject.toml
	rm -rf $(LOCKING)

clean:
	rm -rf $(VENV) $(LOCKING) .pytest_cache .mypy_cache .ruff_cache
