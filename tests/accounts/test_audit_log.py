"""The audit log: chained, append-only in the database, and any tampering by the tables' owner found."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts import audit
from accounts.identity import identity_for
from accounts.models import AdminAuditLog, AuditAnchor
from medai.common.identity import acting_as, acting_as_system
from tests import services
from tests.factories.accounts import make_staff, make_user

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "accounts_adminauditlog"


def write(entries: int) -> None:
    admin, user = make_staff(), make_user()
    with acting_as(identity_for(admin)):
        for number in range(entries):
            audit.record("banned_user", user, number=number)


@contextmanager
def as_table_owner() -> Iterator[psycopg.Connection]:
    """What an intruder with the owner's powers can do: switch the triggers and the policies off."""
    url = services.superuser_url(connection.settings_dict["NAME"])
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL")
        owner.execute("ALTER TABLE accounts_auditanchor DISABLE TRIGGER ALL")
        try:
            yield owner
        finally:
            owner.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER ALL")
            owner.execute("ALTER TABLE accounts_auditanchor ENABLE TRIGGER ALL")


def defects(*anchors: audit.Anchor) -> list[tuple[str, int]]:
    return [(defect.kind, defect.sequence) for defect in audit.verify(anchors)]


def test_a_whole_log_passes() -> None:
    write(5)
    assert defects() == []
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "5" in out.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        "action = 'unbanned_user'",
        "details = '{}'",
        "actor_id = gen_random_uuid()",
        "acting_as_id = gen_random_uuid()",
        "target_id = 'x'",
        "occurred_at = occurred_at - interval '1 hour'",
        "ip_address = '10.0.0.1'",
    ],
)
def test_an_altered_row_shows(change: str) -> None:
    write(4)
    with as_table_owner() as owner:
        owner.execute(f"UPDATE {TABLE} SET {change} WHERE sequence = 2")
    assert defects() == [("forged", 2)]
    with pytest.raises(CommandError):
        call_command("verify_audit", stdout=StringIO())


def test_a_removed_row_shows_even_if_the_rest_is_renumbered() -> None:
    write(5)
    with as_table_owner() as owner:
        owner.execute(f"DELETE FROM {TABLE} WHERE sequence = 3")
    assert defects() == [("missing", 3)]
    with as_table_owner() as owner:
        owner.execute(f"UPDATE {TABLE} SET sequence = 3 WHERE sequence = 4")
        owner.execute(f"UPDATE {TABLE} SET sequence = 4 WHERE sequence = 5")
    assert [kind for kind, _ in defects()] == ["forged", "forged"]


def test_an_inserted_row_shows() -> None:
    write(3)
    columns = [field.column for field in AdminAuditLog._meta.concrete_fields]
    with as_table_owner() as owner:
        rows = owner.execute(f"SELECT {', '.join(columns)} FROM {TABLE} WHERE sequence = 3").fetchone()
        values = dict(zip(columns, rows or (), strict=True))
        values |= {"previous_digest": values["digest"], "digest": "f" * 64, "sequence": 4}
        values["id"] = "00000000-0000-0000-0000-000000000001"
        values["details"] = psycopg.types.json.Jsonb(values["details"])
        owner.execute(
            f"INSERT INTO {TABLE} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})",
            [values[name] for name in columns],
        )
    assert defects() == [("forged", 4)]


def test_a_cut_tail_shows_by_the_anchor_in_the_table_or_in_the_log() -> None:
    write(5)
    noted = audit.anchor()
    assert noted == audit.Anchor(5, noted.digest)
    with as_table_owner() as owner:
        owner.execute(f"DELETE FROM {TABLE} WHERE sequence > 3")
    assert defects() == [("cut", 4)]
    with as_table_owner() as owner:
        owner.execute("DELETE FROM accounts_auditanchor")
    assert defects() == []
    assert defects(noted) == [("cut", 4)]
    with pytest.raises(CommandError):
        call_command("verify_audit", "--anchor", f"{noted.sequence}:{noted.digest}", stdout=StringIO())


def test_the_anchor_is_noted_once_a_day() -> None:
    assert audit.anchor() is None
    write(1)
    first = audit.anchor(datetime(2026, 11, 20, 1, tzinfo=UTC))
    write(1)
    assert audit.anchor(datetime(2026, 11, 20, 23, tzinfo=UTC)) == first
    assert audit.anchor(datetime(2026, 11, 21, 1, tzinfo=UTC)) != first
    with acting_as_system("test"):
        assert AuditAnchor.objects.count() == 2


@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_the_log(statement: str) -> None:
    write(2)
    url = services.superuser_url(connection.settings_dict["NAME"])
    with psycopg.connect(url, autocommit=True) as owner, pytest.raises(psycopg.errors.Error) as refusal:
        owner.execute(statement.format(TABLE))
    assert refusal.value.sqlstate == "MD003"
    with acting_as_system("test"), pytest.raises(DatabaseError), transaction.atomic():
        AdminAuditLog.objects.update(action="x")
    assert defects() == []


def test_writers_at_once_leave_no_gap_and_one_chain() -> None:
    admin, user = make_staff(), make_user()
    failures: list[Exception] = []
    start = threading.Barrier(8)

    def writer() -> None:
        try:
            start.wait(10)
            with acting_as(identity_for(admin)):
                for _ in range(5):
                    audit.record("banned_user", user)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=writer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert defects() == []
    with acting_as_system("test"):
        assert list(AdminAuditLog.objects.order_by("sequence").values_list("sequence", flat=True)) == list(
            range(1, 41)
        )


def test_a_rolled_back_action_leaves_no_entry_and_no_gap() -> None:
    write(1)
    admin, user = make_staff(), make_user()

    def failing() -> Any:
        with acting_as(identity_for(admin)), transaction.atomic():
            audit.record("banned_user", user)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    write(1)
    with acting_as_system("test"):
        assert list(AdminAuditLog.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2]
    assert defects() == []
