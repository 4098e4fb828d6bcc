"""The people of the access tests, whose things the API is asked about."""

from tests.access.conftest import quiet, world

__all__ = ["quiet", "world"]
