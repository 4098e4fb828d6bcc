from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from messaging.services import planning
from tests.factories import bookings as make


@pytest.fixture
def mariana(db: None) -> Any:
    return make.make_user(language="es")


@pytest.fixture
def patient(mariana: Any) -> Any:
    return make.make_patient(mariana)


@pytest.fixture
def doctor(db: None) -> Any:
    return make.make_doctor()


@pytest.fixture
def planned_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Let planning believe that it is some time; the database's own clock cannot be stopped."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(planning, "database_now", lambda: moment)

    return set_clock


NOON = make.MONDAY_9.replace(hour=17)


@pytest.fixture(autouse=True)
def at_noon(planned_at: Callable[[datetime], None]) -> None:
    """Five days before the first visits, at noon in Bogotá, when nobody's hours are quiet."""
    from datetime import timedelta

    planned_at(NOON - timedelta(days=5))
