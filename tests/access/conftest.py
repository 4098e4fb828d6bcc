"""One world for each module of access tests, made once and rolled back at its end."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.access.asking import Asker
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
