"""One world for each module of access tests, made once and rolled back at its end."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from medai.common.identity import acting_as
from tests.access.asking import Asker
from tests.access.asking_sql import protected_tables
from tests.access.world import World, build, settle


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of requests need no line each, nor refusals a stack."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def asker(world: World) -> Asker:
    made = Asker(world)
    settle()
    return made


@pytest.fixture
def no_row_security(world: World, asker: Asker) -> Iterator[None]:
    """The ORM alone: policies of all tables out of force, while grants stay."""
    with transaction.atomic():
        with acting_as(None), connection.cursor() as cursor:
            for table in protected_tables():
                cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
        yield
        transaction.set_rollback(True)
