"""Raw SQL under every identity: the database alone keeps apart what is A's and what is B's."""

import psycopg
import pytest
from django.db import connection

from medai.common.identity import acting_as_system
from medai.local.throw_away import url_for
from tests import services
from tests.access.asking_sql import VISITORS, protected_tables, refused, sql_mismatches
from tests.access.matrix import listed
from tests.access.tables import COLUMNS_KEPT, EXPECTED, GIVEN_AWAY
from tests.access.world import World
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db


def test_the_table_names_every_protected_table_and_the_world_has_rows_in_each(world: World) -> None:
    assert sorted(protected_tables() ^ EXPECTED.keys()) == []
    assert sorted(EXPECTED.keys() - world.rows.keys()) == []


@pytest.mark.parametrize("visitor", VISITORS)
def test_everybody_reaches_their_rows_and_no_others(world: World, visitor: str) -> None:
    assert not (found := list(sql_mismatches(world, visitors=[visitor]))), listed(found)


@pytest.mark.parametrize(("table", "visitor", "row", "column", "other"), GIVEN_AWAY)
def test_ones_own_rows_cannot_be_given_to_others(
    world: World, table: str, visitor: str, row: str, column: str, other: str
) -> None:
    source = {"user_id": "accounts_user", "patient_id": "accounts_patient", "doctor_id": "doctors_doctor"}
    target = world.rows[source.get(column, "bookings_booking")][other]
    statement = f'UPDATE "{table}" SET {column} = %s WHERE id = %s'
    assert refused(world, visitor, statement, [target, world.rows[table][row]])
    assert not refused(world, "system", statement, [target, world.rows[table][row]])


@pytest.mark.parametrize(("visitor", "table", "row", "change"), COLUMNS_KEPT)
def test_some_columns_of_ones_own_rows_are_not_ones_own(
    world: World, visitor: str, table: str, row: str, change: str
) -> None:
    statement = f'UPDATE "{table}" SET {change} WHERE id = %s'
    assert refused(world, visitor, statement, [world.rows[table][row]])


def test_staff_close_accounts_and_the_service_gives_roles(world: World) -> None:
    """The control: these very columns can be written by those who may."""
    user, staff = ([world.rows["accounts_user"][name]] for name in ("pA", "admin"))
    close = "UPDATE accounts_user SET is_active = false WHERE id = %s"
    assert not refused(world, "admin", close, user)
    assert not refused(world, "super", close, staff)
    assert not refused(world, "system", "UPDATE accounts_user SET role = 'doctor' WHERE id = %s", user)


# --- The login of the run time, on a connection of its own -------------------------------------------------


def login_url() -> str:
    name = connection.settings_dict["NAME"]
    return url_for(services.superuser_url(name), user="medai_app", database=name)


@pytest.mark.django_db(transaction=True)
def test_the_login_without_an_identity_sees_nothing_and_writes_nothing() -> None:
    user = make.make_user()
    make.book(user, make.make_patient(user), make.make_doctor())
    filled = set()
    with psycopg.connect(login_url(), autocommit=True) as login:
        for table in sorted(EXPECTED):
            assert login.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (0,), table
            for statement in (f'DELETE FROM "{table}"', f'INSERT INTO "{table}" DEFAULT VALUES'):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    login.execute(statement)
            with acting_as_system("test"), connection.cursor() as cursor:
                cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')
                filled |= {table} if cursor.fetchone() else set()
    assert {"accounts_patient", "bookings_booking", "doctors_doctor", "common_outboxevent"} <= filled


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE medai_owner",
        "SET ROLE medai_backup",
        "SET SESSION AUTHORIZATION postgres",
        "ALTER TABLE bookings_booking DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE bookings_booking NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY patient_select ON bookings_booking",
        "CREATE POLICY mine ON bookings_booking USING (true)",
        "CREATE TABLE public.mine (id int)",
        "CREATE FUNCTION app.user_id() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
        "GRANT medai_system TO medai_patient",
        "SET session_replication_role = replica",
        "TRUNCATE bookings_booking",
    ],
)
def test_the_login_cannot_lift_what_binds_it(statement: str) -> None:
    with (
        psycopg.connect(login_url(), autocommit=True) as login,
        pytest.raises(psycopg.DatabaseError) as refusal,
    ):
        login.execute(statement)
    assert refusal.value.sqlstate in ("42501", "0LP01")


@pytest.mark.django_db(transaction=True)
def test_row_security_switched_off_in_the_session_is_an_error_and_not_a_way_in() -> None:
    with psycopg.connect(login_url(), autocommit=True) as login:
        login.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute("SELECT * FROM bookings_booking")
