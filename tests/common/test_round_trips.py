"""BEGIN, identity and statement go out at once; what is sent together is one transaction and leaves nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.identity import identity_for
from accounts.models import Patient
from medai.common.database import execute_together
from medai.common.identity import Identity, Kind, acting_as, acting_as_system
from medai.common.models import IdempotencyKey
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("SELECT first_name FROM accounts_patient ORDER BY first_name", ())


@pytest.fixture
def ana() -> object:
    make_user(first_name="Berta")
    return identity_for(make_user(first_name="Ana"))


@contextmanager
def counted_trips() -> Iterator[list[int]]:
    """How often psycopg waits for the server within the block."""
    connection.ensure_connection()
    raw, trips = connection.connection, [0]
    wait = raw.wait

    def count(*args, **kwargs):
        trips[0] += 1
        return wait(*args, **kwargs)

    raw.wait = count
    try:
        yield trips
    finally:
        del raw.wait


def role_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.kind', true)")
        return cursor.fetchone()[0] or ""


def rename(old: str, new: str) -> tuple[str, list[str]]:
    return "UPDATE accounts_patient SET first_name = %s WHERE first_name = %s", [new, old]


def test_a_single_query_under_an_identity_is_one_round_trip(ana):
    with acting_as(ana):
        with counted_trips() as trips:
            assert list(Patient.objects.values_list("first_name", flat=True)) == ["Ana"]
        assert trips == [1]
    assert role_now() == "", "nothing of it stays with the connection"


def test_a_transaction_is_its_statements_and_the_commit(ana):
    with acting_as(ana), counted_trips() as trips, transaction.atomic():
        assert Patient.objects.count() == 1
        assert Patient.objects.count() == 1
    assert trips == [3]
    assert role_now() == ""


def test_the_first_statement_of_a_transaction_is_undone_with_it(ana):
    with acting_as_system("test"):
        with transaction.atomic():
            Patient.objects.update(first_name="X")
            transaction.set_rollback(True)
        assert sorted(Patient.objects.values_list("first_name", flat=True)) == ["Ana", "Berta"]


def test_a_transaction_whose_first_statement_fails_is_over(ana):
    failing = pytest.raises(DatabaseError, match="division by zero")
    with acting_as(ana), failing, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert role_now() == ""
    with acting_as(ana):
        assert Patient.objects.count() == 1


def test_rows_are_read_bit_by_bit_within_a_transaction_and_do_not_outlive_it(ana):
    with acting_as_system("test"), transaction.atomic():
        rows = Patient.objects.order_by("first_name").iterator(chunk_size=1)
        assert next(rows).first_name == "Ana"
        with connection.cursor() as cursor:
            cursor.execute("SELECT is_holdable FROM pg_cursors WHERE statement LIKE 'DECLARE%'")
            assert cursor.fetchall() == [(False,)]
        assert next(rows).first_name == "Berta"


def test_statements_sent_together_see_each_other_under_the_identity(ana):
    with acting_as(ana), transaction.atomic():
        assert execute_together(NAMES, rename("Ana", "Anna"), NAMES) == [[("Ana",)], [], [("Anna",)]]
        assert Patient.objects.get().first_name == "Anna"
    assert role_now() == ""


def test_what_was_sent_together_outside_a_transaction_happens_wholly_or_not_at_all(ana):
    with acting_as(ana):
        assert execute_together(rename("Ana", "Anna"), NAMES) == [[], [("Anna",)]]
        with pytest.raises(DatabaseError, match="division by zero"):
            execute_together(rename("Anna", "X"), ("SELECT 1 / %s", [0]), rename("Anna", "Y"))
        assert execute_together(NAMES) == [[("Anna",)]]
    assert role_now() == ""
    assert execute_together(NAMES) == [[]], "nobody sees nobody"


def test_a_failure_within_what_was_sent_together_can_be_rolled_back_to_a_savepoint(ana):
    with acting_as_system("test"), transaction.atomic():
        IdempotencyKey.objects.create(scope="s", key="k")
        with pytest.raises(DatabaseError), transaction.atomic():
            execute_together(("SELECT 1 / %s", [0]))
        assert IdempotencyKey.objects.count() == 1


def test_prepared_statements_obey_whoever_asks(ana):
    """The server plans a statement again where the role is another one; kept plans must not keep the person."""
    for _ in range(8):
        with acting_as(ana):
            assert execute_together(NAMES) == [[("Ana",)]]
        with acting_as_system("test"):
            assert execute_together(NAMES) == [[("Ana",), ("Berta",)]]
        assert execute_together(NAMES) == [[]]


def test_without_autocommit_each_transaction_is_whoever_asks(ana):
    with connection.cursor():
        transaction.set_autocommit(False)
    try:
        with acting_as_system("test"):
            assert Patient.objects.count() == 2
            Patient.objects.update(first_name="X")
        assert Patient.objects.count() == 0, "nobody, in the system's transaction"
        with pytest.raises(DatabaseError, match="Commit or roll back"):
            transaction.set_autocommit(True)
        transaction.rollback()
        assert Patient.objects.count() == 0, "nobody, in the next one"
        with acting_as(ana):
            assert execute_together(NAMES) == [[("Ana",)]]
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)
    assert role_now() == ""


def test_a_value_that_cannot_be_sent_spoils_no_later_statement():
    same = "SELECT %s::text AS no_other_test_asks_this"
    with pytest.raises(DatabaseError):
        execute_together((same, ["a\0b"]))
    assert execute_together((same, ["a"])) == [[("a",)]]


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["plain"],
        ['"', "\\", "'", "{}", ",", "NULL", " ", "ñ", "\n"],
        ["'); DROP TABLE x; --", '\\"}'],
    ],
)
def test_texts_arrive_as_they_were_sent(texts):
    sent = [("SELECT %s::text[]", [texts]), *[("SELECT %s::text", [text]) for text in texts]]
    assert execute_together(*sent) == [[(texts,)], *[[(text,)] for text in texts]]


def test_an_identity_says_what_it_is_whatever_its_keys_are_made_of():
    odd = Identity(Kind.PATIENT, user_id='it\'s {"odd"}; --')  # type: ignore[arg-type]
    with acting_as(odd):
        assert execute_together(("SELECT current_setting('app.user_id')", ())) == [[('it\'s {"odd"}; --',)]]
