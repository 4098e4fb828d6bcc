"""What the database says, in the domain's words: broken constraints, lock waits, deadlocks, and its clock."""

import functools
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ParamSpec, TypeVar, overload

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    OperationalError,
    connection,
    connections,
    models,
    transaction,
)
from psycopg.sql import SQL, Identifier, Placeholder

from medai.common.errors import Busy, DomainError
from medai.common.postgres.base import Rows
from medai.common.postgres.prepared import Statement

P = ParamSpec("P")
R = TypeVar("R")

# Fields whose values PostgreSQL takes as Python has them.
_PLAIN = {
    models.CharField,
    models.DateTimeField,
    models.ForeignKey,
    models.PositiveBigIntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.TextField,
    models.UUIDField,
}

_random = random.SystemRandom()
CLOCK: Statement = ("SELECT clock_timestamp()", ())

DEADLOCK = "40P01"
LOCK_TIMEOUT = "55P03"
SERIALIZATION_FAILURE = "40001"
# Connection failures; shutdown, crash and recovery of the server; no connection left. Without a state nobody answered.
CONNECTION_LOST = ("08", "57P", "53300")
RETRIED = frozenset({DEADLOCK, LOCK_TIMEOUT, SERIALIZATION_FAILURE})
# A savepoint's rollback gives back the locks taken since; a serialization failure needs a new snapshot too.
RETRIED_IN_SAVEPOINT = frozenset({DEADLOCK, LOCK_TIMEOUT})


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE behind Django's database error."""
    return getattr(error.__cause__, "sqlstate", None) or getattr(error, "sqlstate", None)


def is_lost(error: BaseException) -> bool:
    """Whether the database could not be reached, or went away meanwhile.

    What was under way was not done, unless it was being committed just then: whoever asks again must do so in a way
    that has one effect.
    """
    if not isinstance(error, OperationalError):
        return False
    state = sqlstate(error)
    return state is None or state.startswith(CONNECTION_LOST)


@contextmanager
def constraint_errors(mapping: Mapping[str, type[DomainError] | DomainError]) -> Iterator[None]:
    """Turn a violation of a named constraint into its domain error; anything else is raised as it came.

    The block runs in a savepoint, so the caller's transaction survives the refusal. Our triggers raise
    SQLSTATE MDnnn with a constraint name; a key may be such a name or the SQLSTATE itself.
    """
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        name = getattr(diagnostics, "constraint_name", None)
        refusal = mapping.get(name or "") or mapping.get(sqlstate(error) or "")
        if refusal is None:
            raise
        raise (refusal() if isinstance(refusal, type) else refusal) from error


@overload
def retrying(function: Callable[P, R], *, attempts: int = ...) -> Callable[P, R]: ...
@overload
def retrying(function: None = None, *, attempts: int = ...) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def retrying(
    function: Callable[P, R] | None = None, *, attempts: int = 4
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function that owns its transaction: run it again after a deadlock, lock timeout or
    serialization failure, and raise `Busy` when the attempts are used up.

    `@retrying`, `@retrying(attempts=6)` or `retrying(function)(…)`; it goes above `@transaction.atomic`.
    Inside somebody else's transaction each attempt is a savepoint, a serialization failure is theirs to
    repeat, and there is no pause, since their locks would be held through it.
    """
    if function is None:
        return functools.partial(retrying, attempts=attempts)  # type: ignore[return-value]  # overloads hold it

    @functools.wraps(function)
    def repeat(*args: P.args, **kwargs: P.kwargs) -> R:
        is_inner = connection.in_atomic_block
        states = RETRIED_IN_SAVEPOINT if is_inner else RETRIED
        for attempt in range(1, attempts + 1):
            try:
                if not is_inner:
                    return function(*args, **kwargs)
                with transaction.atomic():
                    return function(*args, **kwargs)
            except DatabaseError as error:
                if sqlstate(error) not in states:
                    raise
                if attempt == attempts:
                    raise Busy from error
            if not is_inner:
                time.sleep(_random.uniform(0.01, 0.05) * 2**attempt)
        raise AssertionError("unreachable")

    return repeat


def execute_together(*statements: Statement) -> list[Rows]:
    """The rows of each statement: they are sent in one round trip and run in their order, each seeing what those before
    it did. If one fails, none after it runs.
    """
    rows: list[Rows] = connection.execute_together(statements)  # type: ignore[attr-defined]  # our own backend's
    return rows


def locking(*keys: str, timeout_ms: int = 3000) -> list[Statement]:
    """What `lock` sends, for a caller who has more to send with it; the last one answers with the database's clock."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Open a transaction first: advisory locks end with it.")
    return [
        ("SELECT set_config('lock_timeout', %s, true)", [f"{timeout_ms}ms"]),
        # One after the other: a function's rows come in its order.
        (
            "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key",
            [sorted(set(keys))],
        ),
        CLOCK,
    ]


def lock(*keys: str, timeout_ms: int = 3000) -> datetime:
    """Hold an advisory lock on each key until the transaction ends; sorted, so that no two callers deadlock.

    Returns the database's clock once all are held. The time-out stays in force for every lock that this transaction
    waits for afterwards. A wait beyond it is SQLSTATE 55P03, which `retrying` repeats.
    """
    return clock_of(execute_together(*locking(*keys, timeout_ms=timeout_ms))[-1])


def clock_of(rows: Rows) -> datetime:
    """The answer to `CLOCK`."""
    moment: datetime = rows[0][0]
    return moment


class ClockTimestamp(models.Func):
    """The database's clock at this moment in a query, where `Now()` is when the transaction began."""

    function = "clock_timestamp"
    arity = 0
    output_field = models.DateTimeField()


def database_now() -> datetime:
    """The database's clock, the only one that may decide what has expired."""
    return clock_of(execute_together(CLOCK)[0])


def insert(*objects: models.Model) -> None:
    """Save new objects in their order, in one round trip; `save` takes one for each and three times the work.

    For models without parents and without values that the database makes up.
    """
    execute_together(*inserting(*objects))


def inserting(*objects: models.Model) -> list[Statement]:
    """What `insert` sends, for a caller who has more to send with it. The objects count as saved from now on."""
    backend = connections[DEFAULT_DB_ALIAS]
    statements: list[Statement] = []
    for new in objects:
        sql, fields = _insertion(type(new))
        values = [(field, field.pre_save(new, True)) for field in fields]
        statements.append(
            (
                sql,
                [
                    value if type(field) in _PLAIN else field.get_db_prep_save(value, backend)
                    for field, value in values
                ],
            )
        )
        new._state.adding, new._state.db = False, DEFAULT_DB_ALIAS
    return statements


@functools.cache
def _insertion(model: type[models.Model]) -> tuple[str, list[Any]]:
    fields = model._meta.concrete_fields
    comma = SQL(", ")
    statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(
        Identifier(model._meta.db_table),
        comma.join([Identifier(str(field.column)) for field in fields]),
        comma.join(Placeholder() * len(fields)),
    )
    return statement.as_string(), list(fields)
