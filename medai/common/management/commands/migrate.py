"""manage.py migrate, as the owner of the tables: the run-time login may not change them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections

from medai.common.postgres.base import DatabaseWrapper

_CREDENTIALS = ("USER", "PASSWORD", "HOST", "PORT")


class Command(migrate.Command):
    def handle(self, *args: Any, database: str, **options: Any) -> None:
        with as_owner(database):
            super().handle(*args, database=database, **options)


@contextmanager
def as_owner(alias: str) -> Iterator[None]:
    """Connect under DATABASE_OWNER_URL's login, straight to the server and without a pool, then as before."""
    owner = settings.DATABASE_OWNER
    if owner is None:
        yield
        return
    connection = cast(DatabaseWrapper, connections[alias])
    before = connection.settings_dict
    connection.close()
    connection.close_pool()
    own_options = {name: value for name, value in before["OPTIONS"].items() if name != "pool"}
    connection.settings_dict = {
        **before,
        **{name: owner.get(name, "") for name in _CREDENTIALS},
        "OPTIONS": {**own_options, **owner.get("OPTIONS", {})},
    }
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before
