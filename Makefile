# A machine with Python 3.11 or newer needs nothing else: each target first completes .venv.

.PHONY: run test pages bench faults lint clean venv

run: venv
	@exec .venv/bin/python manage.py up $(ARGS)

test: venv
	@.ci/test

# Every page, on a phone and at a desk, light and dark, in both languages; pictures go to var/screenshots.
pages: venv
	@CHROMIUM="$$(.ci/browser)" .venv/bin/pytest -m browser tests/browser/test_pages.py $(ARGS)

bench: venv
	@.venv/bin/python -m bench $(ARGS)

faults: venv
	@.venv/bin/python -m tests.faults $(ARGS)

lint: venv
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	find templates medai/*/templates -name '*.html' -print0 | xargs -0 .venv/bin/djade --target-version 5.2
	find templates medai/*/templates -name '*.html' -print0 | xargs -0 .venv/bin/djhtml --tabwidth 2
	.venv/bin/lint-imports

# Deletes what these commands made, the data of local runs included.
clean:
	@[ ! -x .venv/bin/python ] || .venv/bin/python -m medai.local.clean
	rm -rf .venv var staticfiles .ruff_cache .mypy_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete

venv:
	@.ci/venv
