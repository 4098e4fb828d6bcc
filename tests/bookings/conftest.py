from typing import Any

import pytest

from tests.factories import bookings as make


@pytest.fixture
def mariana(db: None) -> Any:
    return make.make_user()


@pytest.fixture
def patient(mariana: Any) -> Any:
    return make.make_patient(mariana)


@pytest.fixture
def doctor(db: None) -> Any:
    return make.make_doctor()
