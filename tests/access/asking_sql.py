"""The SQL matrix as functions: what raw SQL reaches under an identity, with no ORM above it."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from random import SystemRandom
from typing import Any
from uuid import uuid4

from django.db import DatabaseError, connection, transaction

from medai.common.database import sqlstate
from medai.common.identity import acting_as, acting_as_system
from tests.access.asking import Mismatch
from tests.access.tables import EXPECTED
from tests.access.world import World

VISITORS = (
    "none",
    "anonymous",
    "sign-in",
    "pA",
    "pB",
    "dA",
    "dB",
    "dC",
    "ph",
    "admin",
    "super",
    "system",
)
VERBS = ("select", "insert", "update", "delete")
REFUSED = "42501"

# Constants to write into tables that do not say when they were changed.
TOUCH = {
    "account_emailaddress": "verified = true",
    "account_emailconfirmation": "sent = now()",
    "doctors_doctor_accepted_insurers": "insuranceprovider_id = %(insurer)s",
    "mfa_authenticator": "last_used_at = now()",
    "socialaccount_socialaccount": "last_login = now()",
    "socialaccount_socialtoken": "token_secret = 'x'",
    "usersessions_usersession": "ip = '10.0.0.2'",
}
# A person starts a booking as held; that rule is the trigger's and not in question here.
INSERTED_AS = {
    "bookings_booking": {"status": "held", "hold_expires_at": "2100-01-01T00:00:00Z", "confirm_by": None}
}

Labels = frozenset[str]


def sql_mismatches(
    world: World,
    *,
    tables: Iterable[str] = EXPECTED,
    visitors: Iterable[str] = VISITORS,
    verbs: Iterable[str] = VERBS,
) -> Iterator[Mismatch]:
    """Where PostgreSQL lets somebody do other than the table says."""
    for table in tables:
        for visitor in visitors:
            for verb in verbs:
                wanted = allowed(world, table, verb).get(visitor, frozenset())
                found = reached(world, table, verb, visitor)
                if wanted != found:
                    problem = f"reaches {_words(found)} instead of {_words(wanted)}"
                    yield Mismatch(table, verb, visitor, problem)


def _words(labels: Labels) -> str:
    return ", ".join(sorted(labels)) or "nothing"


def allowed(world: World, table: str, verb: str) -> dict[str, Labels]:
    """By visitor, the rows that the table of expectations allows."""
    found: dict[str, Labels] = {}
    for part in filter(str.strip, EXPECTED[table][verb].split(";")):
        names, labels = part.split(":")
        for name in names.split():
            found[name] = found.get(name, frozenset()) | _labels(world, table, name, labels.strip())
    return found


def _labels(world: World, table: str, visitor: str, text: str) -> Labels:
    rows = frozenset(world.rows[table])
    if text == "*":
        return rows
    labels = frozenset({visitor} if text == "own" else (label.strip() for label in text.split(",")))
    # A visitor may have no row of their own (calendar feeds, say), but a label that names no row is a mistake.
    assert text == "own" or labels <= rows, f"{table} has no {_words(labels - rows)}"
    return labels & rows


def reached(world: World, table: str, verb: str, visitor: str) -> Labels:
    """The labelled rows that a statement of the visitor's reads or writes; rolled back."""
    with transaction.atomic():
        labels = {"select": _selected, "insert": _inserted}.get(verb, _written)(world, table, verb, visitor)
        transaction.set_rollback(True)
    return labels


def _selected(world: World, table: str, verb: str, visitor: str) -> Labels:
    ids = _run(world, visitor, f'SELECT id FROM "{table}"')
    seen = {row[0] for row in ids or ()}
    return frozenset(label for label, key in world.rows[table].items() if key in seen)


def _inserted(world: World, table: str, verb: str, visitor: str) -> Labels:
    copies = _copies(world, table)
    columns = ", ".join(f'"{name}"' for name in columns_of(table))
    statement = (
        f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::"{table}", %s)'
    )
    labels = set()
    for label, copy in copies.items():
        copy = {**copy, "id": str(uuid4()) if isinstance(copy["id"], str) else SystemRandom().getrandbits(30)}
        taken = _run(world, visitor, statement, [json.dumps(copy | INSERTED_AS.get(table, {}))])
        if taken is not None:
            labels.add(label)
    return frozenset(labels)


def _written(world: World, table: str, verb: str, visitor: str) -> Labels:
    """Rows have another place after an update, and none after they were deleted."""
    touch = TOUCH.get(table, "updated_at = now()")
    parameters = {"insurer": world.one["insurer"].pk} if "%(" in touch else None
    statement = f'UPDATE "{table}" SET {touch}' if verb == "update" else f'DELETE FROM "{table}"'
    before = _places(table)
    if _run(world, visitor, statement, parameters) is None:
        return frozenset()
    after = _places(table)
    return frozenset(label for label, key in world.rows[table].items() if before[key] != after.get(key))


def _run(world: World, visitor: str, statement: str, parameters: Any = None) -> list[Any] | None:
    """The rows of a statement; None where a policy, a missing grant or one of our triggers refused it.

    A constraint that was broken comes after the policies, so the statement counts as let through.
    """
    try:
        with acting_as(world.identities[visitor]), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    except DatabaseError as error:
        state = sqlstate(error) or ""
        if state == REFUSED or state.startswith("MD"):
            return None
        if state.startswith("23"):
            return []
        raise


def refused(world: World, visitor: str, statement: str, parameters: Any) -> bool:
    with transaction.atomic():
        outcome = _run(world, visitor, statement, parameters)
        transaction.set_rollback(True)
    return outcome is None


def _copies(world: World, table: str) -> dict[str, dict[str, Any]]:
    with acting_as_system("matrix"), connection.cursor() as cursor:
        cursor.execute(f'SELECT id, to_jsonb(t)::text FROM "{table}" AS t')
        rows = dict(cursor.fetchall())
    return {label: json.loads(rows[key]) for label, key in world.rows[table].items()}


def _places(table: str) -> dict[Any, str]:
    with acting_as_system("matrix"), connection.cursor() as cursor:
        cursor.execute(f'SELECT id, ctid::text FROM "{table}"')
        return dict(cursor.fetchall())


@cache
def columns_of(table: str) -> tuple[str, ...]:
    """Those that can be written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        return tuple(row[0] for row in cursor.fetchall())


def protected_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity"
        )
        return {row[0] for row in cursor.fetchall()}
