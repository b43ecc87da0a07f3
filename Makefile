# 民生票决：常用命令。`make help` 列出全部。
.DEFAULT_GOAL := help
.PHONY: help run test check docs where lines siege closes demo clean
py := .venv/bin/python
# a file's tests stay together, so that what they share is made once; tests/conftest.py says how many processes and
# puts the long ones first, so that none ends alone with a journey
workers := -n auto --dist loadfile --no-loadscope-reorder

help: ## 列出这些命令
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## 安装所需软件，准备数据库，启动服务（HOST、PORT 等设置见 docs/operations.md）
	@sh deploy/setup.sh run
	@exec $(py) -m votes.serve

# the tests start Python a hundred times over: what it compiles is kept, whatever the machine is set to
test check: export PYTHONDONTWRITEBYTECODE :=

test: ## 安装测试所需软件并运行全部测试；只测一部分：make test args="tests/rules -k tie"
	@sh deploy/setup.sh test
	@exec $(py) -m pytest $(workers) $(args)

check: ## 排版、查错、查类型、查引用方向，并运行较快的测试
	@sh deploy/setup.sh test
	$(py) -m ruff format .
	$(py) -m ruff check .
	$(py) -m mypy
	.venv/bin/lint-imports
	$(py) -m pytest $(workers) -m "not journey and not slow"

docs: ## 重新生成由代码得出的文档：权限一览、软件许可证、各篇引用图
	$(py) docs/permissions.py
	$(py) docs/licences.py
	$(py) docs/chapters.py

where: ## 列出一个名词在各层的文件：make where f=ballot
	@test -n "$(f)" || { echo '用法：make where f=ballot'; exit 2; }
	@{ find app.py votes templates static tests docs -name __pycache__ -prune -o \
	    -type f -path '*$(f)*' ! -name '*.br' ! -name '*.gz' -print; \
	    grep -liE '^class \w*$(f)' votes/models/*.py; } | sort -u

lines: ## 数代码行：按层、按篇；数另一份代码：make lines args=文件夹，加 --json 得 JSON
	@$(py) bench/lines.py $(args)

siege: ## 在本机上围攻服务：空闲和慢连接、登录高峰、费时页面、大幅照片下投票要多久（args="--database sqlite --through none nginx"）
	@sh deploy/setup.sh test
	@exec $(py) bench/siege.py $(args)

closes: ## 二十个会场关闭票箱、更换进程、计票时，另外十个会场投票要多久
	@sh deploy/setup.sh test
	@exec $(py) bench/closes.py $(args)

demo: ## 把演示年度装入空的数据库；可加 stage=voting、deputies=300
	@sh deploy/setup.sh run
	@exec $(py) -m flask --app app demo $(if $(stage),--stage $(stage)) $(if $(deputies),--deputies $(deputies))

clean: ## 删除虚拟环境和各种缓存（instance/ 中的数据不动）
	rm -rf .venv build test-results .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find votes tests static \( -name __pycache__ -o -name '*.br' -o -name '*.gz' \) -prune -exec rm -rf {} +
