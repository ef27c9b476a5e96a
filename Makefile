# Everything a developer or operator runs. `make run` on a fresh machine needs Python 3.11 or newer and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# docker-compose, where the engine's own command has no compose.
COMPOSE = $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
SOURCES := client gateway services tests bench examples/python protos/generate.py deploy/wheel.py

.PHONY: run images up down certs e2e e2e-ci compose-local check-deploy test test-web screenshots interop examples openapi fuzz chaos demo demo-offline bench bench-scale bench-memory budgets check format protos lock clean

run: $(VENV)/ready
	@$(BIN)/counterfoil serve

test: $(VENV)/ready
	$(BIN)/python -m pytest -n auto --dist worksteal

# Against other people's implementations, in JavaScript and Rust; needs Node as well.
interop: $(VENV)/ready
	@tests/interop/run.sh $(BIN)/python

# The pages in a browser: Chromium, which it installs where it runs as root with apt.
test-web: $(VENV)/ready
	@tests/web/run.sh $(BIN)/python tests/web

# The pictures in docs/pages.md, taken anew.
screenshots: $(VENV)/ready
	@FONTCONFIG_FILE=$(CURDIR)/tests/web/fonts.conf tests/web/run.sh $(BIN)/python tests/web/screenshots.py

# Whatever the description of the REST API allows, and more, for a minute.
openapi: $(VENV)/ready
	@tests/openapi/run.sh $(BIN)/python

# The readers of what strangers send, fed with whatever a fuzzer thinks of.
FUZZ_SECONDS ?= 60
fuzz: $(VENV)/ready
	@tests/fuzz/run.sh $(BIN)/python $(FUZZ_SECONDS)

# Kills, full and slow disks, cut connections and wrong clocks while clients pay; SEED=... chooses the same ones again, and
# CHAOS_BACK_SECONDS=... allows a busy machine more than 5 seconds to be back.
CHAOS_SECONDS ?= 300
chaos: $(VENV)/ready
	@tests/chaos/run.sh $(BIN)/python $(CHAOS_SECONDS) $(SEED)

# Clients in other languages, against a server of their own; those whose tools are not here are left out.
examples: $(VENV)/ready
	@examples/run.sh $(BIN)

# One container a service. The gateway is then where `make run` has it.
images:
	@deploy/images.sh

up: images
	@deploy/secrets.sh var/secrets
	@deploy/certs.sh var/certs
	@$(COMPOSE) up -d

down:
	@$(COMPOSE) down

# An authority for development, and a certificate of it for every service.
certs:
	@deploy/certs.sh var/certs

# Plays against the containers, under ports and a name of their own.
e2e: $(VENV)/ready images
	@deploy/e2e.sh $(BIN)/python

# The same where there is no container engine, with one made for the purpose.
e2e-ci: $(VENV)/ready
	@deploy/engine.sh $(BIN)/python make --no-print-directory e2e

# The same journey where there is no engine at all: the services of the compose file as processes.
compose-local: $(VENV)/ready
	@deploy/secrets.sh var/secrets
	@deploy/certs.sh var/certs
	@$(BIN)/python -m tests.deploy.compose_local $(BIN)/python -m pytest tests/deploy/test_journey.py

# What tools of their own say of the Dockerfile, the compose file and the Helm chart.
check-deploy: $(VENV)/ready
	@tests/deploy/check.sh $(BIN)/python

demo: $(VENV)/ready
	@$(BIN)/counterfoil demo

# The same play with two wallets, and no server anywhere.
demo-offline: $(VENV)/ready
	@$(BIN)/counterfoil demo --offline

# Every table of docs/performance.md but those below, in a quarter of an hour.
bench: $(VENV)/ready
	$(BIN)/python -m bench
	$(BIN)/python -m bench.peers

# Whether it gets slower with 1,000,000 sessions; needs 8 GB of disk and a quarter of an hour.
bench-scale: $(VENV)/ready
	$(BIN)/python -m bench.scale

# What 100,000 sessions and 10,000 watchers take in memory; some ten minutes.
bench-memory: $(VENV)/ready
	$(BIN)/python -m bench.memory

# How short texts and QR codes are; fails when one is longer than it may be.
budgets: $(VENV)/ready
	@$(BIN)/python -m bench.budgets

check: $(VENV)/ready
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/buf lint protos
	$(BIN)/buf format --diff --exit-code protos
	./protos/breaking.sh $(BIN)/buf

format: $(VENV)/ready
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/buf format --write protos

protos: $(VENV)/ready
	$(BIN)/python protos/generate.py

# Dependencies with hashes and without the address they come from; needs uv.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) tests/*/.venv tests/fuzz/grown tests/interop/node_modules examples/node/node_modules examples/*/gen examples/*/target counterfoil build dist .mypy_cache .pytest_cache .ruff_cache

$(VENV)/ready: requirements.lock pyproject.toml protos/generate.py deploy/wheel.py $(shell find protos -name '*.proto')
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Counterfoil needs Python 3.11 or newer; set PYTHON=...'; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || { echo 'Python has no venv module; on Debian and Ubuntu: apt install python3-venv'; exit 1; }
	@./deploy/libzbar.sh
	@echo 'Setting up $(VENV) (once)...'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
