"""Both languages are complete: each string of each app has a Spanish text that keeps its placeholders and tags."""

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
