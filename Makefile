# GNU make and a POSIX shell. `make help` lists the targets; everything else lives in .venv/, which `make setup` makes.

# Which Python makes .venv (empty: the newest of python3.13, python3.12, python3.11, python3), and the page's port.
PYTHON ?=
PORT ?= 8080
# Passed on to pytest, and the folder that `make evaluate` reads.
ARGS ?=
FOLDER ?=
# `make lock UPGRADE=--upgrade` also moves to newer versions.
UPGRADE ?=

VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help setup run chat test test-office test-docs check format lock bench evaluate clean fuzz mutations

help: ## 列出这些命令 / list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## 建立 .venv 并安装 / make .venv and install into it
	@.ci/setup "$(PYTHON)"

run: setup ## 打开演示页面 http://127.0.0.1:8080 / serve the chat page (PORT=…)
	@exec $(BIN)/bigan serve --simulator --host 127.0.0.1 --port $(PORT)

chat: setup ## 在终端里对话 / talk to the bot in a terminal
	@exec $(BIN)/bigan chat

test: setup ## 运行全部测试 / run every test (ARGS="-k …")
	@.ci/redis
	$(BIN)/python -m pytest $(ARGS)

test-office: setup ## 用 LibreOffice 排出导出的页面并核对 / render exported drafts and check the pages
	@.ci/office
	OFFICE_TESTS=1 $(BIN)/python -m pytest tests/office $(ARGS)

test-docs: setup ## 照离线安装页备包、安装一遍 / build the wheelhouse and install from it offline
	DOCS_TESTS=1 $(BIN)/python -m pytest tests/repository/test_operation_pages.py $(ARGS)

check: setup ## 提交前的全部检查 / all that must hold before a commit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint Dockerfile
	@$(MAKE) --no-print-directory test

format: setup ## 整理代码格式 / format the code and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# One resolution for each system and each Python from 3.11 on; hashes, and no index named.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header $(UPGRADE)

lock: setup ## 重新锁定依赖 / pin the dependencies anew (UPGRADE=--upgrade)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(COMPILE) -o constraints.txt pyproject.toml
	$(COMPILE) -c constraints.txt --extra dev -o constraints-dev.txt pyproject.toml
	printf 'hatchling\nsetuptools\n' | $(COMPILE) -c constraints-dev.txt -o constraints-build.txt -

bench: setup ## 性能测量 / run the benchmarks
	@set -e; for name in callback build search checking dialogue; do echo "== benchmarks.$$name"; $(BIN)/python -m "benchmarks.$$name"; done

evaluate: setup ## 检索评测 / score the retrieval (FOLDER=… for a set of your own)
	$(if $(FOLDER),$(BIN)/bigan evaluate "$(FOLDER)",$(BIN)/python -m tests.evaluation.measure)

clean: ## 删除缓存与产物，保留 .venv / remove caches and build products, keep .venv
	rm -rf dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +

fuzz: setup ## 长时间模糊测试 / fuzz the callback with a million requests (ARGS="--count …")
	$(BIN)/python -m tests.fuzz $(ARGS)

mutations: setup ## 逐一去掉安全检查，看测试是否变红 / remove each security check in turn; a test must turn red
	$(BIN)/python -m tests.mutation $(ARGS)
