# Nightshelf's commands; `make help` lists them. Nothing has to be installed but Python 3.11 or newer and make.

PYTHON ?= python3
PORT ?= 8000
SERVE ?= 1
ARGS ?=
# In so many processes tests run beside each other: more than there are processors, as much of their time is waiting.
TESTERS ?= 4
PY := .venv/bin/python
# uv should trust the system's certificates, as pip does: a company's proxy needs it.
export UV_NATIVE_TLS ?= 1
# Where it is set, as in many containers, each of the many processes of a site compiles all it imports: two seconds instead
# of one for a start, and the tests start a thousand.
unexport PYTHONDONTWRITEBYTECODE
WITH_SERVERS := $(PY) -m embedded exec --
COMPILE = $(firstword $(shell command -v uv) .venv/bin/uv) pip compile --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url

.PHONY: help setup demo run test check check-static bench lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

setup: .venv/.complete ## create .venv from the lock, migrate the database, collect static files
	@$(WITH_SERVERS) sh -c '$(PY) manage.py migrate -v 0 && $(PY) manage.py collectstatic --no-input -v 0'

demo: setup ## a night's work with made-up data, then the site (SERVE=0: without the site)
	@$(PY) manage.py demo $(if $(filter 0,$(SERVE)),--no-serve)

run: setup ## the site, worker and scheduler on http://127.0.0.1:8000/ (PORT=…)
	@$(PY) -m embedded run --web-port $(PORT)

test: setup ## the tests (ARGS="-k chunk -x": pytest's own arguments; -n 0: one after the other, for a debugger)
	@$(WITH_SERVERS) $(PY) -m pytest -n $(TESTERS) --dist worksteal $(ARGS)

check: check-static test ## everything CI checks on one machine: style, types, imports, migrations, tests

check-static: .venv/.complete ## all of `make check` but the tests
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@.venv/bin/lint-imports
	@$(PY) -m mypy .
	@$(WITH_SERVERS) $(PY) manage.py makemigrations --check

# Servers of its own below var/bench, whatever the environment says: nobody else's database, and nobody else on it.
bench: .venv/.complete .venv-bench/.complete ## benchmarks, half an hour (a try: ARGS="--lines 100000 --rounds 1 --only engine,copy")
	@env -u DATABASE_URL -u CELERY_BROKER_URL $(PY) -m embedded --root var/bench exec -- $(PY) -m benchmarks $(ARGS)

lock: .venv/.complete ## bring requirements/*.txt up to date with *.in (ARGS=--upgrade: and everything to its newest version)
	@for list in requirements/*.in; do $(COMPILE) $(ARGS) --quiet $$list -o $${list%.in}.txt || exit; done

clean: ## stop what runs; delete .venv and var/ with both databases
	@if [ -e .venv/.complete ]; then $(PY) -m embedded stop --purge; fi
	rm -rf .venv .venv-bench var staticfiles build

# Newer than the lock when all of the lock is installed.
.venv/.complete: requirements/dev.txt | $(PY)
	@if command -v uv >/dev/null; then \
		uv pip sync --quiet --require-hashes --python $(PY) $<; \
	else \
		{ $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null; } && \
		$(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r $<; \
	fi
	@touch $@

# What the benchmarks compare with: heavy, so it never meets the product's environment.
.venv-bench/.complete: requirements/bench.txt .venv/.complete
	@.venv/bin/uv venv --quiet --clear --python $(PY) .venv-bench
	@.venv/bin/uv pip sync --quiet --require-hashes --python .venv-bench/bin/python $<
	@touch $@

# A link to the interpreter it was made from: made again when that is gone.
$(PY):
	@for python in '$(PYTHON)' python3.13 python3.12 python3.11 none; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
	done; \
	if [ "$$python" = none ]; then \
		echo 'Nightshelf needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3' >&2; exit 1; \
	elif command -v uv >/dev/null; then \
		uv venv --quiet --clear --python "$$(command -v "$$python")" .venv; \
	elif "$$python" -c 'import ensurepip' 2>/dev/null; then \
		"$$python" -m venv --clear .venv; \
	else \
		echo "$$python lacks ensurepip: apt-get install python3-venv (Debian, Ubuntu), or install uv." >&2; exit 1; \
	fi
