"""Both languages are complete: each string of each app has a Spanish text that keeps its placeholders and tags."""

import ast

import pytest

from medai.common import catalogues


@pytest.mark.parametrize("app", catalogues.APPS)
def test_every_string_is_translated(app):
    assert catalogues.check(app) == []


def test_every_string_has_a_home():
    """A template folder nobody owns would silently stay in English."""
    folders = {path.name for path in (catalogues.ROOT / "templates").iterdir() if path.is_dir()}
    shared = {"admin", "components", "local", "pages"}
    assert folders <= shared | set(catalogues.APPS) | set(catalogues.TEMPLATE_OWNERS)


def test_no_function_of_translation_goes_by_a_name_that_is_not_looked_for():
    """What stands in a call of another name would silently stay in English."""
    paths = [path for app in (*catalogues.APPS, "medai") for path in (catalogues.ROOT / app).rglob("*.py")]
    names = {
        (alias.asname, str(path.relative_to(catalogues.ROOT)))
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname and "gettext" in alias.name
    }
    assert ("_", "bookings/admin.py") in names
    assert [name for name in names if name[0] not in catalogues.KEYWORDS] == []
