"""The SQL matrix notices every policy that is lost, widened or added, and every table left without any."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

import pytest
from django.db import connection, transaction

from medai.common.identity import Kind, acting_as
from tests.access.asking_sql import VERBS, VISITORS, allowed, protected_tables, refused, sql_mismatches
from tests.access.tables import COLUMNS_KEPT, EXPECTED, GIVEN_AWAY
from tests.access.world import World

pytestmark = pytest.mark.django_db

BY_KIND = {
    Kind.ANONYMOUS: ("anonymous",),
    Kind.SIGN_IN: ("sign-in",),
    Kind.PATIENT: ("pA", "pB"),
    Kind.DOCTOR: ("dA", "dB", "dC"),
    Kind.PHARMACIST: ("ph",),
    Kind.ADMIN: ("admin",),
    Kind.SUPER_ADMIN: ("super",),
    Kind.SYSTEM: ("system",),
}
TABLES = sorted(EXPECTED)


@dataclass(frozen=True)
class Policy:
    table: str
    name: str
    kind: Kind
    verb: str
    using: str | None
    check: str | None

    @property
    def lets_all(self) -> bool:
        return {self.using, self.check} <= {"true", None}

    @property
    def lets_none(self) -> bool:
        return self.using == "false"

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


def policies(table: str) -> list[Policy]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT policyname, roles[1], lower(cmd), qual, with_check FROM pg_policies WHERE tablename = %s",
            [table],
        )
        rows = cursor.fetchall()
    return [
        Policy(table, name, Kind(role.removeprefix("medai_")), verb, using, check)
        for name, role, verb, using, check in rows
    ]


@contextmanager
def changed(*statements: str) -> Iterator[None]:
    """Change the database as its owner, for the block."""
    with transaction.atomic():
        with acting_as(None), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        yield
        transaction.set_rollback(True)


def is_noticed(world: World, table: str, kind: Kind, verb: str) -> bool:
    found = sql_mismatches(world, tables=[table], visitors=BY_KIND[kind], verbs=[verb])
    return next(found, None) is not None


def widened(policy: Policy) -> str:
    using = "" if policy.verb == "insert" else " USING (true)"
    check = " WITH CHECK (true)" if policy.verb in ("insert", "update") else ""
    return f'ALTER POLICY "{policy.name}" ON "{policy.table}"{using}{check}'


def test_every_protected_table_is_mutated() -> None:
    assert sorted(protected_tables()) == TABLES


@pytest.mark.parametrize("table", TABLES)
def test_a_policy_that_is_lost_is_noticed(world: World, table: str) -> None:
    missed = []
    for policy in policies(table):
        with changed(f'DROP POLICY "{policy.name}" ON "{table}"'):
            if not policy.lets_none and not is_noticed(world, table, policy.kind, policy.verb):
                missed.append(str(policy))
    assert not missed


@pytest.mark.parametrize("table", TABLES)
def test_a_policy_that_lets_everything_through_is_noticed(world: World, table: str) -> None:
    missed = []
    for policy in policies(table):
        if policy.lets_all or may_do_all(world, policy):
            continue
        with changed(widened(policy)):
            if not is_noticed(world, table, policy.kind, policy.verb):
                missed.append(str(policy))
    assert not missed


def may_do_all(world: World, policy: Policy) -> bool:
    """Whoever sees every booking sees every row that goes with a visible one: there is nothing to widen."""
    rows = allowed(world, policy.table, policy.verb)
    return all(rows.get(name, ()) == world.rows[policy.table].keys() for name in BY_KIND[policy.kind])


@pytest.mark.parametrize("table", TABLES)
def test_a_policy_too_many_is_noticed(world: World, table: str) -> None:
    have = {(policy.kind, policy.verb) for policy in policies(table)}
    missed = []
    for kind in BY_KIND:
        for verb in VERBS:
            if (kind, verb) in have:
                continue
            role = f"medai_{kind.value}"
            clause = "WITH CHECK (true)" if verb == "insert" else "USING (true)"
            # Triggers, which would refuse what follows from some writes, are not the matter here.
            with changed(
                f'ALTER TABLE "{table}" DISABLE TRIGGER USER',
                f'GRANT {verb} ON "{table}" TO {role}',
                f'CREATE POLICY extra ON "{table}" FOR {verb} TO {role} {clause}',
            ):
                if not is_noticed(world, table, kind, verb):
                    missed.append(f"{kind} {verb}")
    assert not missed


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_row_security_is_noticed(world: World, table: str) -> None:
    with changed(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY'):
        assert next(sql_mismatches(world, tables=[table], verbs=["select"]), None)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_spares_its_owner_is_noticed(world: World, table: str) -> None:
    with changed(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY'):
        assert next(sql_mismatches(world, tables=[table], visitors=["none"], verbs=["select"]), None)


@pytest.mark.parametrize(("table", "visitor", "row", "column", "other"), GIVEN_AWAY)
def test_a_check_that_is_lost_is_noticed(
    world: World, table: str, visitor: str, row: str, column: str, other: str
) -> None:
    """The condition on the rows as they are written, apart from that on the rows that may be written."""
    sources = {"user_id": "accounts_user", "patient_id": "accounts_patient", "doctor_id": "doctors_doctor"}
    target = world.rows[sources.get(column, "bookings_booking")][other]
    statement = f'UPDATE "{table}" SET {column} = %s WHERE id = %s'
    kind = next(kind for kind, visitors in BY_KIND.items() if visitor in visitors)
    wider = [f'ALTER POLICY "{kind}_update" ON "{table}" WITH CHECK (true)']
    # What is read by the statement must be readable as it is written, so that policy is out of the way too.
    wider.append(f'ALTER POLICY "{kind}_select" ON "{table}" USING (true)')
    with changed(*wider):
        assert not refused(world, visitor, statement, [target, world.rows[table][row]])


@pytest.mark.parametrize(("visitor", "table", "row", "change"), COLUMNS_KEPT)
def test_a_trigger_that_is_lost_is_noticed(
    world: World, visitor: str, table: str, row: str, change: str
) -> None:
    """Without the table's triggers the statement goes through, so it was a trigger that refused it."""
    statement = f'UPDATE "{table}" SET {change} WHERE id = %s'
    with changed(f'ALTER TABLE "{table}" DISABLE TRIGGER USER'):
        assert not refused(world, visitor, statement, [world.rows[table][row]])


def test_the_mutations_are_of_every_kind() -> None:
    """So that a kind that was renamed does not drop out unseen."""
    everything = [policy for table in TABLES for policy in policies(table)]
    kinds = {kind for kind, _ in groupby(sorted(everything, key=lambda p: p.kind), key=lambda p: p.kind)}
    assert kinds == set(BY_KIND)
    assert set(VISITORS) == {"none", *(name for names in BY_KIND.values() for name in names)}
