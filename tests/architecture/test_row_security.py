"""Row-level security as the database has it: on every table, one role to a policy, and never at the price of a scan."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Guardianship, Patient, PatientInsurance, Profile, User
from bookings import agenda, kpis
from bookings.availability import free_slots
from bookings.models import Booking, BusyPeriod
from bookings.services import moves
from doctors.directory import DirectoryQuery, search
from doctors.models import Credential, Doctor, Office, ScheduleException, VisitType, WeeklyHours
from medai.common import roles
from medai.common.identity import Identity, Kind, acting_as
from medai.common.row_security import OPEN_TABLES, VERBS
from messaging.models import InboxNotice
from tests.access import town

pytestmark = pytest.mark.django_db


def rows(statement: str, parameters: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


@contextmanager
def tried(*statements: str) -> Iterator[None]:
    """The database with something wrong in it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        yield
        transaction.set_rollback(True)


# --- Tables -------------------------------------------------------------------------------------------------


def unprotected() -> set[str]:
    found = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    return {row[0] for row in found}


def test_every_table_is_protected_or_open_for_a_reason() -> None:
    assert unprotected() == OPEN_TABLES.keys()
    assert all(len(reason) > 20 for reason in OPEN_TABLES.values())


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.forgotten (id int)",
        "ALTER TABLE bookings_booking DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE bookings_booking NO FORCE ROW LEVEL SECURITY",
    ],
)
def test_a_table_without_protection_is_found(statement: str) -> None:
    with tried(statement):
        assert unprotected() != OPEN_TABLES.keys()


def test_no_view_or_partition_lends_its_owners_eyes() -> None:
    """A view reads as its owner unless it is told to read as whoever asks."""
    kinds = "('v', 'm', 'f')"
    assert rows(
        f"SELECT relname FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'app'::regnamespace)"
        f" AND relkind IN {kinds} AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)"
    ) == []  # fmt: skip


# --- Roles --------------------------------------------------------------------------------------------------


def test_only_the_backup_may_pass_row_security_by() -> None:
    # The first role of a cluster is whoever made it; nothing of the product signs in as that.
    powerful = rows("SELECT rolname FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND oid <> 10")
    assert powerful == [(roles.BACKUP,)]


def test_the_roles_are_what_they_are_for() -> None:
    found = {
        name: tuple(
            word for word, has in zip(("login", "inherit", "createdb", "createrole"), has, strict=True) if has
        )
        for name, *has in rows(
            "SELECT rolname, rolcanlogin, rolinherit, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname LIKE 'medai%%'"
        )
    }
    groups = dict.fromkeys(roles.GROUPS, ("inherit",))
    assert found == {roles.OWNER: ("login", "createdb"), roles.LOGIN: ("login",), roles.BACKUP: (), **groups}


def test_the_logins_may_become_a_group_and_nobody_else() -> None:
    memberships = set(
        rows(
            "SELECT r.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid"
            " JOIN pg_roles m ON m.oid = a.member WHERE m.rolname LIKE 'medai%%'"
        )
    )
    wanted = {(group, login) for group in roles.GROUPS for login in (roles.OWNER, roles.LOGIN)}
    assert memberships == wanted | {("pg_read_all_data", roles.BACKUP)}


# --- Policies and grants ------------------------------------------------------------------------------------


def policies() -> list[Any]:
    return rows(
        "SELECT tablename, policyname, permissive, roles::text[], cmd, coalesce(qual, ''), coalesce(with_check, '')"
        " FROM pg_policies WHERE schemaname = 'public'"
    )


def test_each_policy_is_of_one_kind_of_identity_and_one_verb() -> None:
    """With OR over roles PostgreSQL would not use the index."""
    groups = {f"medai_{kind.value}": kind.value for kind in Kind}
    wrong = [
        (table, name)
        for table, name, permissive, whose, verb, _, _ in policies()
        if permissive != "PERMISSIVE"
        or len(whose) != 1
        or whose[0] not in groups
        or name != f"{groups[whose[0]]}_{verb.lower()}"
    ]
    assert policies()
    assert wrong == []


def test_policies_ask_for_the_identity_once_and_not_row_by_row() -> None:
    """`(SELECT app.…())` is computed before the scan; the bare call would be for each row."""
    conditions = [
        (table, name, text) for table, name, *_, using, check in policies() for text in (using, check)
    ]
    asked = [each for each in conditions if "app." in each[2]]
    bare = [each for each in asked if re.search(r"(?<!SELECT )app\.\w+\(", each[2])]
    assert asked
    assert bare == []


def test_rights_and_policies_go_together() -> None:
    """A right without a policy opens nothing, a policy without the right is never asked: either is a mistake."""
    granted = set(
        rows(
            "SELECT table_name, grantee, lower(privilege_type) FROM information_schema.role_table_grants"
            " WHERE table_schema = 'public' AND grantee = ANY(%s)",
            [list(roles.GROUPS)],
        )
    )
    granted = {
        (table, role, verb) for table, role, verb in granted if table not in OPEN_TABLES and verb in VERBS
    }
    allowed = {(table, whose[0], verb.lower()) for table, _, _, whose, verb, _, _ in policies()}
    assert granted == allowed


def test_the_login_itself_may_only_read_and_the_public_nothing() -> None:
    found = rows(
        "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema IN ('public', 'app') AND grantee IN ('PUBLIC', %s)",
        [roles.LOGIN],
    )
    assert {
        each for each in found if each[0] not in OPEN_TABLES and each[1:] != (roles.LOGIN, "SELECT")
    } == set()


# --- Functions ----------------------------------------------------------------------------------------------


def loose_definers() -> list[str]:
    """Functions that act as their owner but take names from the caller's search path, or from a login's own."""
    return [
        row[0]
        for row in rows(
            "SELECT p.proname FROM pg_proc p JOIN pg_roles o ON o.oid = p.proowner"
            " JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND (o.rolcanlogin"
            " OR NOT EXISTS (SELECT FROM unnest(p.proconfig) AS s WHERE s LIKE 'search\\_path=%%'))"
        )
    ]


def test_functions_that_see_more_than_their_caller_are_pinned_down() -> None:
    assert loose_definers() == []
    with tried("CREATE FUNCTION app.loose() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"):
        assert loose_definers() == ["loose"]


# --- Plans --------------------------------------------------------------------------------------------------

MANY = 20_000
# Below this many rows reading the whole table is the fast way.
SMALL = 1_000

ANYBODY = Identity(Kind.ANONYMOUS)
PATIENT, DOCTOR = town.patient(7), town.doctor(3)
STAFF = Identity(Kind.ADMIN, user_id=town.id_of(town.USER_OF_PATIENT, 1))
EVERYBODY = {
    "anonymous": ANYBODY,
    "sign_in": Identity(Kind.SIGN_IN),
    "patient": PATIENT,
    "doctor": DOCTOR,
    "pharmacist": Identity(Kind.PHARMACIST, user_id=town.id_of(town.USER_OF_PATIENT, 2)),
    "admin": STAFF,
    "super_admin": Identity(Kind.SUPER_ADMIN, user_id=town.id_of(town.USER_OF_PATIENT, 3)),
    "system": Identity(Kind.SYSTEM),
}


_NO_FOREIGN_KEYS = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT conrelid::regclass AS name, conname FROM pg_constraint WHERE contype = 'f'
    AND connamespace = 'public'::regnamespace
  LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.name, one.conname); END LOOP;
END $$
"""


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        # Half a million rows would be looked up that nobody doubts.
        with connection.cursor() as cursor:
            cursor.execute(_NO_FOREIGN_KEYS)
        town.fill(doctors=MANY, patients=MANY, visits=MANY)
        yield
        transaction.set_rollback(True)


def patients_bookings() -> None:
    own = moves.in_reach(moves.acting())
    list(own.upcoming().for_listing()[:6])
    list(own.past().for_listing()[:20])
    own.booked().count()


def doctors_week() -> None:
    doctor = Doctor.objects.get(pk=DOCTOR.doctor_ids[0])
    agenda.load_agenda(doctor, timezone.now().date(), 7)
    list(moves.in_reach(moves.acting()).booked().for_listing().order_by("-starts_at")[:25])


def patients_people() -> None:
    list(Patient.objects.all())
    list(PatientInsurance.objects.select_related("provider"))


def one_booking() -> None:
    reached = moves.in_reach(moves.acting())
    booking = reached.for_listing().get(pk=town.id_of(town.BOOKING, 6 if moves.acting().patient_ids else 2))
    list(booking.transitions.order_by("created_at"))


def doctors_figures() -> None:
    kpis.doctor_kpis(Doctor.objects.get(pk=DOCTOR.doctor_ids[0]))


def practice() -> None:
    doctor = Doctor.objects.for_profile().get(pk=DOCTOR.doctor_ids[0])
    for model in (Office, WeeklyHours, VisitType, ScheduleException, Credential):
        list(model.objects.filter(doctor=doctor))


def own_settings() -> None:
    me = moves.acting().user_id
    list(User.objects.filter(pk=me))
    list(Profile.objects.filter(user=me))
    list(Guardianship.objects.filter(user=me, patient__deleted_at=None).select_related("patient"))


def busy_periods() -> None:
    week = (timezone.now(), timezone.now() + timedelta(days=7))
    list(BusyPeriod.objects.filter(person=DOCTOR.doctor_ids[0], period__overlap=week))


def slots() -> None:
    doctor = Doctor.objects.get(pk=DOCTOR.doctor_ids[0])
    visit_type = VisitType.objects.get(doctor=doctor)
    since = timezone.now()
    free_slots(doctor, visit_type, "video", window_start=since, window_end=since + timedelta(days=7))


def own_notices() -> None:
    own = InboxNotice.objects.of(moves.acting().user_id)
    list(own.for_listing()[:20])
    own.unread().count()


def directory() -> None:
    for order in ("soonest", "price", "rating"):
        found = search(
            DirectoryQuery.read({"sort": order}), now=timezone.now(), zone=ZoneInfo("America/Bogota")
        )
        assert found.entries


READS: list[tuple[Callable[[], None], list[str]]] = [
    (patients_bookings, ["patient"]),
    (patients_people, ["patient"]),
    (doctors_week, ["doctor"]),
    (doctors_figures, ["doctor"]),
    (one_booking, ["patient", "doctor"]),
    (practice, ["doctor"]),
    (own_settings, ["patient"]),
    (busy_periods, list(EVERYBODY)),
    (slots, ["anonymous", "patient", "doctor", "system"]),
    (own_notices, ["patient", "doctor", "pharmacist", "admin", "super_admin"]),
    (directory, list(EVERYBODY)),
]


def scanned(read: Callable[[], None], identity: Identity) -> set[str]:
    """The large protected tables that a read goes through from end to end."""
    with acting_as(identity):
        with CaptureQueriesContext(connection) as queries:
            read()
        found: set[str] = set()
        for query in queries.captured_queries:
            # The first statement under an identity comes together with the one that sends it.
            statement = re.sub(r"^(BEGIN; )?SELECT set_config\(.*?, true\); ", "", query["sql"]).lstrip()
            if statement.startswith(("SELECT", "WITH")):
                plan = rows("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"), ())[0][0]
                found |= set(sequential((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    large = {row[0] for row in rows("SELECT relname FROM pg_class WHERE reltuples >= %s", [SMALL])}
    return found & large


def sequential(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for inner in plan.get("Plans", ()):
        # Just the first so many rows, whichever they are, end soon.
        stops_early = plan["Node Type"] == "Limit" and "Filter" not in inner
        if not (stops_early and inner["Node Type"] == "Seq Scan"):
            yield from sequential(inner)


@pytest.mark.parametrize(("read", "who"), [(read, who) for read, everybody in READS for who in everybody])
def test_key_reads_scan_no_protected_table(many: None, read: Callable[[], None], who: str) -> None:
    assert scanned(read, EVERYBODY[who]) == set()


def test_a_policy_with_or_over_roles_would_be_a_scan(many: None) -> None:
    """The control: what each policy is kept from being."""
    wide = "patient_id = ANY ((SELECT app.patient_ids())::uuid[]) OR app.kind() = 'admin'"
    with tried(f"ALTER POLICY patient_select ON bookings_booking USING ({wide})"):
        assert scanned(lambda: list(Booking.objects.all()), PATIENT) == {"bookings_booking"}
    assert scanned(lambda: list(Booking.objects.all()), PATIENT) == set()
