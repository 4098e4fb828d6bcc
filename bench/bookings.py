"""Slots from the database, the slots endpoint, and booking a slot, each beside the least that could do the same.

- The slots of 100 doctors who are half booked, read and computed, beside only computed.
- A month of one doctor's slots over HTTP, beside a view next to it that returns the same data from memory; both
  without rate limits, which would end the measurement.
- Holding a slot in the service, beside the same SQL by hand as the same patient: role and settings, lock, expire,
  booking, busy time, transition, event. One after the other, each side in turns: what is compared is the work of a
  booking, not how many processes the machine can run. As in production, an event loop runs beside, which the push to
  open pages uses. That push and the doorbell of the workers come after the commit and have no SQL; so the service is
  judged as it is, and shown without them too.

`python -m bench.bookings [file.json]`
"""

import asyncio
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

from asgiref.sync import sync_to_async

from bench.harness import Row, report
from bench.harness import measure as time
from tests.faults.stage import stage

DOCTORS = 100
VISITS = 120
QUERIES_FOR_MANY, QUERIES_FOR_ENDPOINT = 5, 6


def midnight() -> datetime:
    return datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0) + timedelta(days=1)


def count_queries(call: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        call()
    # A transaction's BEGIN goes out with its first query.
    return sum(query["sql"] not in ("BEGIN", "COMMIT") for query in queries.captured_queries)


def people() -> tuple[list[Any], list[Any]]:
    from medai.common.identity import acting_as_system
    from tests.factories import bookings as make

    doctors = [make.make_doctor() for _ in range(DOCTORS)]
    with acting_as_system("bench"):
        occupy(doctors)
    return doctors, [make.visit_type_of(doctor) for doctor in doctors]


def occupy(doctors: list[Any]) -> None:
    """Some of the month's slots of each doctor are taken, in the order in which people happened to book."""
    from bookings.availability import free_slots
    from bookings.models import BusyPeriod
    from tests.factories import bookings as make

    month: dict[str, Any] = {"window_start": midnight(), "window_end": midnight() + timedelta(days=30)}
    starts = free_slots(doctors[0], make.visit_type_of(doctors[0]), "in_person", **month)
    BusyPeriod.objects.bulk_create(
        BusyPeriod(doctor=doctor, period=(start, start + timedelta(minutes=30)))
        for number, doctor in enumerate(doctors)
        for start in Random(number).sample(starts, VISITS)
    )


def many_doctors(doctors: list[Any], visit_types: list[Any]) -> tuple[Row, int]:
    """All slots of 100 doctors for 30 days: read and computed, beside only computed."""
    from django.db import transaction

    from bookings.availability import load_calendars
    from medai.common.identity import ANONYMOUS, acting_as

    window: dict[str, Any] = {"window_start": midnight(), "window_end": midnight() + timedelta(days=30)}
    now = datetime.now(UTC)
    by_doctor = {visit_type.doctor_id: visit_type for visit_type in visit_types}

    def compute(calendars: dict[Any, Any]) -> int:
        return sum(
            len(calendar.free(by_doctor[doctor_id], "in_person", now=now, **window))
            for doctor_id, calendar in calendars.items()
        )

    def read_and_compute() -> int:
        with acting_as(ANONYMOUS), transaction.atomic():
            return compute(load_calendars(doctors, **window))

    with acting_as(ANONYMOUS), transaction.atomic():
        loaded = load_calendars(doctors, **window)
    for calendar in loaded.values():  # plain intervals, as in bench.slots
        calendar.busy = list(zip(calendar.busy.began, calendar.busy.ends, strict=False))
    if compute(loaded) != read_and_compute():
        raise AssertionError("both sides must find the same slots")
    queries = count_queries(read_and_compute)
    sides = {"from the database": read_and_compute, "pure": lambda: compute(loaded)}
    row = Row(
        f"slots of {DOCTORS} doctors, 30 days", sides, "from the database", "pure", 2.0, turns=15, number=1
    )
    return row, queries


def endpoint(doctor: Any) -> tuple[Row, int]:
    """A month of slots over HTTP, beside a view that returns the same bytes from memory."""
    from django.test import Client
    from django.urls import clear_url_caches, path
    from rest_framework.response import Response

    from accounts.guards import ANYONE, HasAllowedRole
    from bookings.api import urls
    from bookings.api.public import SlotsView
    from bookings.practices import kept
    from medai.common.api import ApiView

    client = Client()
    url = f"/api/v1/public/slots/?doctor={doctor.pk}&days=31"
    body = client.get(url).json()["data"]

    class FromMemory(ApiView):
        allowed_roles = ANYONE
        permission_classes = [HasAllowedRole]
        throttle_classes: list[type] = []

        def get(self, request: Any) -> Response:
            return Response(body)

    # Next to the other, so that both are found equally soon.
    urls.urlpatterns.insert(0, path("public/from-memory/", FromMemory.as_view()))
    clear_url_caches()
    SlotsView.throttle_classes = []
    from_memory = "/api/v1/public/from-memory/"
    if client.get(from_memory).json()["data"] != body:
        raise AssertionError("both views must answer the same")
    kept.clear()  # as for the first visitor
    queries = count_queries(lambda: client.get(url))
    sides = {"slots": lambda: client.get(url), "from memory": lambda: client.get(from_memory)}
    return Row("GET public/slots, a month", sides, "slots", "from memory", 3.0, turns=30, number=5), queries


_IDENTITY = """SELECT set_config('role', 'medai_patient', true), set_config('app.kind', 'patient', true),
 set_config('app.user_id', %s, true), set_config('app.patient_ids', %s, true), set_config('app.doctor_ids', '{}', true),
 set_config('app.actor_id', '', true)"""
_LOCK = (
    "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), pg_advisory_xact_lock(hashtextextended(%s, 0))"
)
_STALE = """DELETE FROM bookings_busyperiod WHERE person IN (%s, %s) AND period && tstzrange(%s, %s)
AND hold_expires_at < clock_timestamp()"""
_BOOKING = """INSERT INTO bookings_booking (id, created_at, updated_at, reference, patient_id, doctor_id, visit_type_id,
 visit_mode, office_id, starts_at, duration_minutes, ends_at, status, channel, hold_expires_at, policy_number,
 price_minor, discount_minor, currency, payment_method, free_cancellation_hours, late_fee_percent, patient_notes,
 meeting_link, cancellation_reason, revision, specialty_id, created_by_id)
VALUES (%s, now(), now(), %s, %s, %s, %s, 'in_person', %s, %s, 30, %s, 'held', 'app', now() + interval '10 minutes', '',
 0, 0, 'COP', 'free', 24, 0, '', '', '', 0, %s, %s)"""
_BUSY = """INSERT INTO bookings_busyperiod (id, created_at, updated_at, doctor_id, patient_id, period, booking_id,
 hold_expires_at) VALUES
 (gen_random_uuid(), now(), now(), %s, NULL, tstzrange(%s, %s), %s, now() + interval '10 minutes'),
 (gen_random_uuid(), now(), now(), NULL, %s, tstzrange(%s, %s), %s, now() + interval '10 minutes')
ON CONFLICT DO NOTHING RETURNING id"""
_TRANSITION = """INSERT INTO bookings_bookingtransition (id, created_at, updated_at, booking_id, from_status, to_status,
 actor_kind, actor_id, reason, starts_at)
VALUES (gen_random_uuid(), now(), now(), %s, '', 'held', 'patient', %s, '', %s)"""
_EVENT = """INSERT INTO common_outboxevent (id, created_at, updated_at, kind, handler, subject_type, subject_id, data,
 available_at, attempts, last_error)
VALUES (gen_random_uuid(), now(), now(), 'booking.held', 'bench', 'bookings.booking', %s, '{}', now(), 0, '')"""

TURNS, HOLDS = 20, 10
BY_HAND = "SQL by hand"


class Desk:
    """A doctor whose slots are booked one after the other, each by another account for its own patient.

    A patient who holds another time of the same doctor would give the first one back, and an account may not hold many
    within an hour.
    """

    def __init__(self) -> None:
        from accounts.models import Guardianship, Patient, Role, User
        from medai.common.identity import acting_as_system
        from tests.factories import bookings as make

        self.doctor = make.make_doctor(fee_minor=0)
        self.visit_type = make.visit_type_of(self.doctor)
        number = (TURNS + 1) * HOLDS
        with acting_as_system("bench"):
            patients = Patient.objects.bulk_create(
                Patient(first_name="P", last_name=str(n)) for n in range(number)
            )
            users = User.objects.bulk_create(
                User(email=f"{patient.pk}@example.com", password="!", role=Role.PATIENT)
                for patient in patients
            )
            Guardianship.objects.bulk_create(
                Guardianship(user=user, patient=patient, relationship="self")
                for user, patient in zip(users, patients, strict=True)
            )
            self.office_id = self.doctor.offices.get().pk
            self.specialty_id = self.doctor.specialties.get().pk
        self.next = zip(users, patients, weekday_starts(), strict=False)


def weekday_starts() -> Iterator[datetime]:
    """The starts of a doctor's working days from next Monday on."""
    monday = midnight() + timedelta(days=7 - midnight().weekday())
    for day in range(200):
        if day % 7 < 5:
            for slot in range(16):
                yield monday.replace(hour=14) + timedelta(days=day, minutes=30 * slot)


def by_service(desk: Desk) -> Callable[[], object]:
    from bookings import services
    from medai.common.identity import Identity, Kind, acting_as

    def hold() -> None:
        user, patient, start = next(desk.next)
        with acting_as(Identity(Kind.PATIENT, user_id=user.pk, patient_ids=(patient.pk,))):
            services.hold(
                doctor_id=desk.doctor.pk,
                patient_id=patient.pk,
                visit_type_id=desk.visit_type.pk,
                visit_mode="in_person",
                starts_at=start,
            )

    return hold


@contextmanager
def nothing_after_commit() -> Iterator[None]:
    from medai.common.after_commit import AfterCommit

    with mock.patch.object(AfterCommit, "__call__", return_value=None):
        yield


def by_hand(desk: Desk) -> Callable[[], object]:
    import psycopg

    connection = psycopg.connect(os.environ["DATABASE_URL"])
    doctor = desk.doctor.pk

    def hold() -> None:
        account, patient, start = next(desk.next)
        user = account.pk
        end, booking = start + timedelta(minutes=30), uuid.uuid4()
        chosen = [desk.visit_type.pk, desk.office_id, start, end, desk.specialty_id, user]
        connection.execute(_IDENTITY, [str(user), f"{{{patient.pk}}}"])
        connection.execute(_LOCK, [f"d{doctor}", f"p{patient.pk}"])
        connection.execute(_STALE, [doctor, patient.pk, start, end])
        connection.execute(_BOOKING, [booking, f"MA-{booking.hex[:8]}", patient.pk, doctor, *chosen])
        busy = [doctor, start, end, booking, patient.pk, start, end, booking]
        if len(connection.execute(_BUSY, busy).fetchall()) != 2:
            raise AssertionError("the slot was not free")
        connection.execute(_TRANSITION, [booking, user, start])
        connection.execute(_EVENT, [booking])
        connection.commit()

    return hold


def holding(subject: str, limit: float | None = None) -> Row:
    """Half the rate is twice the time."""
    sides = {subject: by_service(Desk()), BY_HAND: by_hand(Desk())}
    return Row("holding a slot", sides, subject, BY_HAND, limit, turns=TURNS, number=HOLDS)


def measure() -> int:
    from django.conf import settings
    from django.db import connection

    settings.DEBUG = False  # which would keep every statement
    doctors, visit_types = people()
    many, many_queries = many_doctors(doctors, visit_types)
    month, month_queries = endpoint(doctors[0])
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    results = [time(row) for row in (many, month, holding("service", 2.0))]
    with nothing_after_commit():
        results.append(time(holding("service until the commit")))
    report(results, json_path=path)
    connection.close()
    print(f"queries for {DOCTORS} doctors: {many_queries} (must <= {QUERIES_FOR_MANY})")
    print(f"queries of the endpoint, nothing kept: {month_queries} (must <= {QUERIES_FOR_ENDPOINT})")
    ok = many_queries <= QUERIES_FOR_MANY and month_queries <= QUERIES_FOR_ENDPOINT
    return 0 if ok and all(result.passed for result in results) else 1


def main() -> int:
    with stage("bench-bookings"):
        return asyncio.run(sync_to_async(measure)())


if __name__ == "__main__":
    sys.exit(main())
