"""What every test stands on: services of its own run, an empty database, an empty Valkey."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from django.utils.translation.reloader import translation_file_changed

from medai.common.catalogues import APPS, compile_all, po_path
from medai.local.processes import ServiceError
from tests import flush, services


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and compile_all():
        # Django has read the catalogues that were there before.
        translation_file_changed(sender=None, file_path=po_path(APPS[0]).with_suffix(".mo"))
    try:
        services.start()
    except ServiceError as error:
        pytest.exit(str(error), returncode=3)


def pytest_unconfigure(config: pytest.Config) -> None:
    services.stop()


def _database() -> str:
    return connections["default"].settings_dict["NAME"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Migrate once, then remember the result, to which transactional tests return."""
    with django_db_blocker.unblock():
        flush.remember(_database())
    original = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda self: flush.restore(_database())
    yield
    TransactionTestCase._fixture_teardown = original
    flush.close()


@pytest.fixture(scope="session")
def valkey_databases() -> Iterator[list[redis.Redis]]:
    clients = [
        redis.Redis.from_url(url) for url in (settings.REDIS_URL, settings.CACHES["default"]["LOCATION"])
    ]
    yield clients
    for client in clients:
        client.close()


@pytest.fixture(autouse=True)
def empty_valkey(valkey_databases: list[redis.Redis]) -> None:
    """No test meets the cached answers, spent rate limits or waiting tasks of another."""
    for client in valkey_databases:
        client.flushdb()


@pytest.fixture(autouse=True)
def forgotten_practices() -> None:
    """The demo's doctors have the same ids in every test, and other rows behind them."""
    from bookings.practices import kept

    kept.clear()
