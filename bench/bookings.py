"""Slots from the database, the slots endpoint, and booking a slot, each beside the least that could do the same.

`python -m bench.bookings [file.json]`
"""

import os
import sys
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.harness import Row, run
from tests.faults.stage import stage

DOCTORS = 100
VISITS = 60
QUERIES_FOR_MANY, QUERIES_FOR_ENDPOINT = 5, 6


def midnight() -> datetime:
    return datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0) + timedelta(days=1)


def count_queries(call: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        call()
    # Telling PostgreSQL who asks is part of a transaction, not a query of the page.
    own = ("SELECT set_config", "BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return sum(not query["sql"].lstrip().startswith(own) for query in queries.captured_queries)


def people() -> tuple[list[Any], list[Any]]:
    from medai.common.identity import acting_as_system
    from tests.factories import bookings as make

    doctors = [make.make_doctor() for _ in range(DOCTORS)]
    with acting_as_system("bench"):
        occupy(doctors)
    return doctors, [make.visit_type_of(doctor) for doctor in doctors]


def occupy(doctors: list[Any]) -> None:
    """Busy time on weekdays for each doctor, as bookings would leave it."""
    from bookings.models import BusyPeriod

    rows = []
    for doctor in doctors:
        for number in range(VISITS):
            start = midnight() + timedelta(days=number // 3, hours=9 + 2 * (number % 3))
            rows.append(BusyPeriod(doctor=doctor, period=(start, start + timedelta(minutes=30))))
    BusyPeriod.objects.bulk_create(rows)


def many_doctors(doctors: list[Any], visit_types: list[Any]) -> tuple[Row, int]:
    """All slots of 100 doctors for 30 days: read and computed, beside only computed."""
    from django.db import transaction

    from bookings.availability import load_calendars
    from medai.common.identity import ANONYMOUS, acting_as

    window = {"window_start": midnight(), "window_end": midnight() + timedelta(days=30)}
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
    queries = count_queries(read_and_compute)
    sides = {"from the database": read_and_compute, "pure": lambda: compute(loaded)}
    row = Row(
        f"slots of {DOCTORS} doctors, 30 days", sides, "from the database", "pure", 2.0, turns=15, number=1
    )
    return row, queries


def endpoint(doctor: Any) -> tuple[Row, int]:
    """A month of slots over HTTP, beside a view that returns the same bytes from memory."""
    from django.test import Client
    from django.urls import path
    from rest_framework.response import Response

    import medai.urls
    from accounts.guards import ANYONE, HasAllowedRole
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

    medai.urls.urlpatterns.insert(0, path("bench/from-memory/", FromMemory.as_view()))
    from django.urls import clear_url_caches

    from bookings.api.public import SlotsView

    clear_url_caches()
    SlotsView.throttle_classes = []
    if client.get("/bench/from-memory/").json()["data"] != body:
        raise AssertionError("both views must answer the same")
    queries = count_queries(lambda: client.get(url))
    sides = {"slots": lambda: client.get(url), "from memory": lambda: client.get("/bench/from-memory/")}
    return Row("GET public/slots, a month", sides, "slots", "from memory", 3.0, turns=30, number=5), queries


_LOCK = (
    "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), pg_advisory_xact_lock(hashtextextended(%s, 0))"
)
_STALE = """DELETE FROM bookings_busyperiod WHERE person IN (%s, %s) AND period && tstzrange(%s, %s)
AND hold_expires_at < clock_timestamp()"""
_BOOKING = """INSERT INTO bookings_booking (id, created_at, updated_at, reference, patient_id, doctor_id, visit_type_id,
 visit_mode, office_id, starts_at, duration_minutes, ends_at, status, channel, hold_expires_at, policy_number,
 price_minor, discount_minor, currency, payment_method, free_cancellation_hours, late_fee_percent, patient_notes,
 meeting_link, cancellation_reason, revision)
VALUES (%s, now(), now(), %s, %s, %s, %s, 'in_person', %s, %s, 30, %s, 'held', 'app', now() + interval '10 minutes', '',
 0, 0, 'COP', 'free', 24, 0, '', '', '', 0)"""
_BUSY = """INSERT INTO bookings_busyperiod (id, created_at, updated_at, doctor_id, patient_id, period, booking_id,
 hold_expires_at) VALUES
 (gen_random_uuid(), now(), now(), %s, NULL, tstzrange(%s, %s), %s, now() + interval '10 minutes'),
 (gen_random_uuid(), now(), now(), NULL, %s, tstzrange(%s, %s), %s, now() + interval '10 minutes')
ON CONFLICT DO NOTHING RETURNING id"""
_EVENT = """INSERT INTO common_outboxevent (id, created_at, updated_at, kind, handler, subject_type, subject_id, data,
 available_at, published_at, attempts, last_error)
VALUES (gen_random_uuid(), now(), now(), 'booking.held', 'bench', 'bookings.booking', %s, '{}', now(), now(), 0, '')"""


def booking_rate(seconds: float = 8.0, workers: int = 4) -> dict[str, float]:
    """Slots booked in a second: by the service, and by the same SQL by hand (lock, expire, insert, outbox row)."""
    from tests.factories import bookings as make

    users = [make.make_user() for _ in range(workers)]
    crews = [(user, patients_of(user), make.make_doctor(fee_minor=0)) for user in users]
    rates = {"service": 0.0, "by hand": 0.0}
    for turn in range(2):
        for name, work in (("service", by_service), ("by hand", by_hand)):
            rates[name] += (
                rate(work, crews, seconds / 2, first_week=1 + turn * 20 + (10 if name == "by hand" else 0))
                / 2
            )
    return rates


def patients_of(user: Any) -> list[Any]:
    """As many as slots may be booked, since a patient who holds another time gives the first one back."""
    from accounts.models import Guardianship, Patient
    from medai.common.identity import acting_as_system

    with acting_as_system("bench"):
        patients = Patient.objects.bulk_create(Patient(first_name="P", last_name=str(n)) for n in range(800))
        Guardianship.objects.bulk_create(
            Guardianship(user=user, patient=patient, relationship="other") for patient in patients
        )
    return patients


def rate(work: Callable[..., int], crews: list[Any], seconds: float, *, first_week: int) -> float:
    done = [0] * len(crews)
    until = time.perf_counter() + seconds

    def run_one(index: int) -> None:
        done[index] = work(*crews[index], until=until, first_week=first_week)

    threads = [threading.Thread(target=run_one, args=(index,)) for index in range(len(crews))]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - started)


def starts(first_week: int) -> Any:
    """Free starts, one after the other, of the weeks from `first_week` on."""
    monday = midnight() + timedelta(days=7 - midnight().weekday())
    for day in range(first_week * 7, first_week * 7 + 70):
        if day % 7 < 5:
            for slot in range(16):
                yield monday.replace(hour=14) + timedelta(days=day, minutes=30 * slot)


def by_service(user: Any, patients: list[Any], doctor: Any, *, until: float, first_week: int) -> int:
    from django.db import connection

    from accounts.identity import identity_for
    from bookings import services
    from medai.common.identity import acting_as
    from tests.factories import bookings as make

    visit_type = make.visit_type_of(doctor)
    identity, done = identity_for(user), 0
    with acting_as(identity):
        for patient, start in zip(patients, starts(first_week), strict=False):
            if time.perf_counter() > until:
                break
            services.hold(
                doctor_id=doctor.pk,
                patient_id=patient.pk,
                visit_type_id=visit_type.pk,
                visit_mode="in_person",
                starts_at=start,
            )
            done += 1
    connection.close()
    return done


def by_hand(user: Any, patients: list[Any], doctor: Any, *, until: float, first_week: int) -> int:
    import psycopg

    from tests.factories import bookings as make

    visit_type, done = make.visit_type_of(doctor), 0
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        office = connection.execute("SELECT NULL::uuid").fetchone()[0]
        connection.execute(
            "SELECT set_config('role', 'medai_system', true), set_config('app.kind', 'system', true)"
        )
        office = connection.execute(
            "SELECT id FROM doctors_office WHERE doctor_id = %s", [doctor.pk]
        ).fetchone()[0]
        connection.commit()
        for patient, start in zip(patients, starts(first_week), strict=False):
            if time.perf_counter() > until:
                break
            end, booking = start + timedelta(minutes=30), uuid.uuid4()
            connection.execute(
                "SELECT set_config('role', 'medai_system', true), set_config('app.kind', 'system', true)"
            )
            connection.execute(_LOCK, [f"d{doctor.pk}", f"p{patient.pk}"])
            connection.execute(_STALE, [doctor.pk, patient.pk, start, end])
            connection.execute(
                _BOOKING,
                [booking, f"MA-{booking.hex[:8]}", patient.pk, doctor.pk, visit_type.pk, office, start, end],
            )
            busy = [doctor.pk, start, end, booking, patient.pk, start, end, booking]
            taken = connection.execute(_BUSY, busy).fetchall()
            connection.execute(_EVENT, [booking])
            connection.commit() if len(taken) == 2 else connection.rollback()
            done += len(taken) == 2
    return done


def main() -> int:
    with stage("bench-bookings"):
        doctors, visit_types = people()
        many, many_queries = many_doctors(doctors, visit_types)
        month, month_queries = endpoint(doctors[0])
        results = run([many, month], json_path=Path(sys.argv[1]) if len(sys.argv) > 1 else None)
        rates = booking_rate()
        share = rates["service"] / rates["by hand"]
        print(f"queries for {DOCTORS} doctors: {many_queries} (must <= {QUERIES_FOR_MANY})")
        print(f"queries of the endpoint: {month_queries} (must <= {QUERIES_FOR_ENDPOINT})")
        print(
            f"holding a slot, 4 at once: service {rates['service']:.0f}/s, by hand {rates['by hand']:.0f}/s,"
            f" {share:.0%} (must >= 50 %)"
        )
        ok = many_queries <= QUERIES_FOR_MANY and month_queries <= QUERIES_FOR_ENDPOINT and share >= 0.5
        return 0 if ok and all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
