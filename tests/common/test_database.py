"""Constraints become refusals, lock waits and deadlocks are repeated, locks are taken in one order."""

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from medai.common import database
from medai.common.database import constraint_errors, database_now, lock, retrying, sqlstate
from medai.common.errors import Busy, StaleVersion
from medai.common.identity import acting_as_system
from medai.common.models import IdempotencyKey


class Taken(StaleVersion):
    code = "taken"


def make(key: str = "k") -> IdempotencyKey:
    return IdempotencyKey.objects.create(scope="s", key=key)


def in_threads(*functions: Callable[[], Any]) -> list[Any]:
    results: dict[int, Any] = {}

    def work(number: int, function: Callable[[], Any]) -> None:
        try:
            with acting_as_system("test"):
                results[number] = function()
        except (DatabaseError, Busy) as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[number] for number in range(len(functions))]


@pytest.mark.django_db
def test_a_named_constraint_is_a_refusal_and_the_transaction_goes_on():
    with acting_as_system("test"), transaction.atomic():
        make()
        with pytest.raises(Taken), constraint_errors({"idempotencykey_unique_in_scope": Taken}):
            make()
        refusal = Taken(field="key")
        with pytest.raises(Taken) as raised, constraint_errors({"idempotencykey_unique_in_scope": refusal}):
            make()
        assert raised.value.field == "key"
        assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db
def test_another_constraint_is_raised_as_it_came():
    with acting_as_system("test"):
        make()
        with pytest.raises(IntegrityError), constraint_errors({"another": Taken}):
            make()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["booking_moves_as_allowed", "MD001"])
def test_a_trigger_of_ours_is_known_by_its_name_or_its_state(key):
    block = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'MD001', CONSTRAINT = 'booking_moves_as_allowed'; END $$"
    with pytest.raises(Taken), constraint_errors({key: Taken}), connection.cursor() as cursor:
        cursor.execute(block)


@pytest.mark.django_db(transaction=True)
def test_deadlocked_neighbours_both_succeed():
    """Each locks one row and then wants the other's; the database must end one of them, who tries again."""
    with acting_as_system("test"):
        rows = [make("a").pk, make("b").pk]
    met = threading.Barrier(2, timeout=5)
    attempts = []

    def update(first: uuid.UUID, second: uuid.UUID) -> Callable[[], str]:
        @retrying
        @transaction.atomic
        def act() -> str:
            attempts.append(first)
            IdempotencyKey.objects.filter(pk=first).update(route="x")
            if len(attempts) <= 2:
                met.wait()
            IdempotencyKey.objects.filter(pk=second).update(route="y")
            return "done"

        return act

    assert in_threads(update(*rows), update(*reversed(rows))) == ["done", "done"]
    assert len(attempts) == 3


@pytest.mark.django_db(transaction=True)
def test_control_without_retrying_one_neighbour_fails():
    with acting_as_system("test"):
        rows = [make("a").pk, make("b").pk]
    met = threading.Barrier(2, timeout=5)

    def update(first: uuid.UUID, second: uuid.UUID) -> Callable[[], str]:
        @transaction.atomic
        def act() -> str:
            IdempotencyKey.objects.filter(pk=first).update(route="x")
            met.wait()
            IdempotencyKey.objects.filter(pk=second).update(route="y")
            return "done"

        return act

    results = in_threads(update(*rows), update(*reversed(rows)))
    [error] = [result for result in results if result != "done"]
    assert sqlstate(error) == database.DEADLOCK


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_stays_taken_is_busy_after_some_attempts():
    taken, done = threading.Event(), threading.Event()
    attempts = []

    @transaction.atomic
    def hold() -> None:
        lock("calendar:1")
        taken.set()
        done.wait(10)

    @retrying(attempts=3)
    @transaction.atomic
    def wait() -> None:
        attempts.append(1)
        lock("calendar:1", timeout_ms=50)

    def run() -> None:
        taken.wait(5)
        try:
            wait()
        finally:
            done.set()

    _, result = in_threads(hold, run)
    assert isinstance(result, Busy)
    assert (result.status, result.retry_after) == (503, 2)
    assert len(attempts) == 3


@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_an_attempt_is_a_savepoint():
    taken, done = threading.Event(), threading.Event()
    attempts = []

    @transaction.atomic
    def hold() -> None:
        lock("calendar:1")
        taken.set()
        done.wait(10)
        # Held beyond the first attempt only.

    @retrying
    def wait() -> str:
        attempts.append(1)
        make(f"attempt {len(attempts)}")
        lock("calendar:1", timeout_ms=200)
        return "locked"

    @transaction.atomic
    def run() -> str:
        taken.wait(5)
        make("outer")
        threading.Timer(0.3, done.set).start()
        return wait()

    assert in_threads(hold, run)[1] == "locked"
    with acting_as_system("test"):
        keys = set(IdempotencyKey.objects.values_list("key", flat=True))
    assert keys == {"outer", f"attempt {len(attempts)}"}
    assert len(attempts) > 1


@pytest.mark.django_db(transaction=True)
def test_what_is_not_about_locks_is_not_repeated():
    attempts = []

    @retrying
    @transaction.atomic
    def fail() -> None:
        attempts.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    with pytest.raises(DatabaseError), acting_as_system("test"):
        fail()
    assert len(attempts) == 1


@pytest.mark.django_db(transaction=True)
def test_locks_are_taken_in_one_order_whatever_was_asked():
    """Forty crossing pairs without one deadlock, since `lock` sorts its keys."""

    def cross(*keys: str) -> Callable[[], str]:
        def act() -> str:
            for _ in range(20):
                with transaction.atomic():
                    lock(*keys)
                    time.sleep(0.001)
            return "done"

        return act

    assert in_threads(cross("a", "b"), cross("b", "a"), cross("a", "b", "a")) == ["done"] * 3


@pytest.mark.django_db(transaction=True)
def test_locks_need_a_transaction_and_end_with_it():
    with pytest.raises(transaction.TransactionManagementError):
        lock("x")

    def other() -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('x', 0))")
            return cursor.fetchone()[0]

    with transaction.atomic():
        lock("x")
        assert in_threads(other) == [False]
    assert in_threads(other) == [True]


@pytest.mark.django_db
def test_the_lock_time_out_stays_for_the_transaction_only():
    with transaction.atomic():
        lock("x", timeout_ms=1234)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone()[0] == "1234ms"


@pytest.mark.django_db
def test_the_databases_clock_moves_within_a_transaction():
    first = database_now()
    assert first.tzinfo is not None
    assert database_now() > first
    assert issubclass(OperationalError, DatabaseError)
