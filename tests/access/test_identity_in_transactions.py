"""The identity through savepoints, errors and nested blocks: what is undone is undone for the right person."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.identity import identity_for
from accounts.models import Patient
from medai.common.database import constraint_errors
from medai.common.errors import StaleVersion
from medai.common.identity import acting_as, acting_as_system
from medai.common.models import IdempotencyKey
from tests.factories.accounts import make_user, own_patient

pytestmark = pytest.mark.django_db


class Taken(StaleVersion):
    code = "taken"


def visible() -> list[str]:
    return sorted(Patient.objects.values_list("first_name", flat=True))


@pytest.fixture
def ana() -> object:
    make_user(first_name="Berta")
    return identity_for(make_user(first_name="Ana"))


def run_as_the_system(statement: str) -> None:
    with acting_as_system("test"), connection.cursor() as cursor:
        cursor.execute(statement)


def take_a_key_twice() -> None:
    with acting_as_system("test"):
        for _ in range(2):
            IdempotencyKey.objects.create(scope="s", key="k")


def test_a_statement_that_failed_as_the_system_is_rolled_back_for_the_person(ana: object) -> None:
    """The inner block ends while the person's identity is back, in a transaction that takes only a rollback."""
    with acting_as(ana), transaction.atomic():
        assert visible() == ["Ana"]
        with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
            run_as_the_system("SELECT 1 / 0")
        assert visible() == ["Ana"]


def test_a_broken_constraint_in_the_systems_part_is_still_a_refusal(ana: object) -> None:
    with acting_as(ana), transaction.atomic():
        with pytest.raises(Taken), constraint_errors({"idempotencykey_unique_in_scope": Taken}):
            take_a_key_twice()
        assert visible() == ["Ana"]


def test_rolled_back_work_of_the_system_leaves_the_person_what_they_were(ana: object) -> None:
    with acting_as(ana), transaction.atomic():
        with transaction.atomic():
            run_as_the_system("UPDATE accounts_patient SET first_name = 'X'")
            transaction.set_rollback(True)
        assert visible() == ["Ana"]
    with acting_as_system("test"):
        assert visible() == ["Ana", "Berta"]


def test_nobody_after_somebody_in_one_transaction_sees_nothing(ana: object) -> None:
    with transaction.atomic():
        with acting_as(ana):
            assert visible() == ["Ana"]
        assert visible() == []
        with acting_as(None), pytest.raises(DatabaseError), transaction.atomic():
            Patient.objects.create(first_name="X")
        with acting_as(ana):
            assert visible() == ["Ana"]


def test_a_patient_cannot_be_created_for_another_account(ana: object) -> None:
    other = own_patient(make_user())
    with acting_as(ana), pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        Patient.objects.filter(pk=other.pk).create(pk=other.pk, first_name="X")
    with acting_as_system("test"):
        other.refresh_from_db()
        assert other.first_name != "X"
