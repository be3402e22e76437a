# Everything is done with these verbs; `make help` lists them.
# PYTHON= chooses the interpreter, PORT= the gateway's port, DATA= the data folder.

PACKAGES = libs/*/src services/*/src
BIN = .venv/bin
STACK = $(BIN)/python -m embedded
PYTEST = $(BIN)/python -m pytest -q
# Tests of processes wait for a third of their time.
WORKERS = -n $$($(BIN)/python -c 'import os; print(os.cpu_count() * 3 // 2)')

export PORT DATA CONFIRM
unexport PYTHONDONTWRITEBYTECODE  # every process would compile again what it imports

.DEFAULT_GOAL = help
.NOTPARALLEL:
.PHONY: help setup up down status logs dev reset test check lint types unit e2e browser fuzz fmt lock audit bench images compose
.PHONY: k8s eks backup restore

help:  ## list the verbs
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup:  ## make .venv from requirements.lock (every verb does it when needed)
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null && exec "$$python" libs/embedded/src/embedded/bootstrap.py; \
		echo "error: $$python lacks the venv module; install it (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; \
	done; \
	echo "error: $(or $(PYTHON),Python) is missing or older than 3.11; install it, or name one with make PYTHON=…" >&2; exit 1

up: setup  ## start everything in the background: http://localhost:8080
	@$(STACK) up

down: setup  ## stop everything; the data stay
	@$(STACK) down

status: setup  ## show every service, its URL and its state
	@$(STACK) status

logs: setup  ## follow the logs; service=ip: of one service
	@$(STACK) logs $(service)

dev: setup  ## run in the foreground, readable logs, reload on change; Ctrl-C stops
	@$(STACK) dev

reset: setup  ## remove all data, after asking (CONFIRM=yes: without)
	@$(STACK) reset

test: check unit e2e  ## lint, types, unit tests, and all of it end to end

check: lint types  ## lint and types only

lint: setup
	@printf '\n== lint\n'
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: setup
	@printf '\n== types\n'
	@$(BIN)/mypy $(PACKAGES)

unit: setup
	@printf '\n== unit tests: libs\n'
	@$(PYTEST) $(WORKERS) libs
	@printf '\n== unit tests: services, each with only its own lock installed\n'
	@$(BIN)/python -m embedded.isolated

e2e: setup  ## end-to-end tests on a stack of their own (BASE_URL=: on a running one)
	@printf '\n== end-to-end tests\n'
	@$(PYTEST) $(WORKERS) --dist loadfile --no-loadscope-reorder tests/e2e tests/docs

browser: setup  ## test the services' pages in Chromium
	@printf '\n== the pages in a browser\n'
	@$(PYTEST) $(WORKERS) --dist loadfile -m browser services

fuzz: setup  ## hold each service to its OpenAPI document, with examples and generated requests
	@printf '\n== what the OpenAPI documents promise\n'
	@$(PYTEST) -n auto tests/fuzz

compose: setup  ## build the images and test them as a stack of their own (needs Docker)
	@printf '\n== tests of the containers\n'
	@$(PYTEST) tests/compose

k8s: setup  ## test the manifests on the cluster of TEST_KUBECONFIG, with the images of TAG
	@printf '\n== tests of the manifests\n'
	@$(PYTEST) tests/k8s

eks: setup  ## test what deploys to AWS, without AWS
	@printf '\n== tests of the way to AWS\n'
	@$(PYTEST) -n auto tests/eks

fmt: setup  ## format the code and fix what ruff can
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

lock: setup  ## write requirements.lock and services/*/requirements.lock again
	@$(BIN)/python -m embedded.locks

bench: setup  ## measure against bare handlers
	@$(BIN)/python -m benchmarks

images:  ## build the images, tagged with the git commit (TAG=: otherwise)
	@TAG=$(or $(TAG),$$(git describe --always --dirty)) REVISION=$$(git rev-parse HEAD) docker compose build

backup:  ## save what docker compose's stores hold (BACKUP=: the folder)
	@compose/backup.sh $(BACKUP)

restore:  ## put a backup back in place of what is there (BACKUP=: its folder)
	@compose/restore.sh $(BACKUP)

audit: setup  ## look the locked packages up in the vulnerability database (network)
	@$(BIN)/uv tool run -q pip-audit --disable-pip --require-hashes -r requirements.lock
