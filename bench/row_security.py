"""What row-level security costs: the same reads as the person and as a superuser whom no policy binds.

Both sides read the same rows by the same SQL through the ORM, as the product does, each in a transaction that is open
already; the superuser's connection is Django's own, which knows of no identity. Key reads find one row or a few by an
index, filtered lists are the pages of the portals. Beside each, without a limit, the bare statement: there a policy of
a few microseconds weighs more, since nothing else is done. The last rows say what sending an identity adds to a
transaction and to a statement on its own.

`python -m bench.row_security [file.json]`
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.harness import Result, Row, measure, report
from tests.faults.stage import stage

DOCTORS, PATIENTS, VISITS = 2_000, 20_000, 100_000
LIMIT = 1.2
READER = 7
# What is compared differs by microseconds, and a busy machine by more from one moment to the next.
SHORT_TURNS: dict[str, int] = {"turns": 200, "number": 4}


@dataclass(frozen=True)
class Read:
    name: str
    identity: Any
    query: Any


def reads() -> list[Read]:
    from django.utils import timezone

    from accounts.models import Patient, PatientInsurance
    from bookings.models import Booking, BusyPeriod
    from doctors.models import DirectoryEntry, Doctor, Office
    from medai.common.identity import ANONYMOUS
    from messaging.models import InboxNotice
    from tests.access import town

    patient, doctor = town.patient(READER), town.doctor(READER)
    own, practice = patient.patient_ids[0], doctor.doctor_ids[0]
    week = (timezone.now(), timezone.now() + timedelta(days=7))
    theirs = Booking.objects.for_patients(patient.patient_ids)
    kept = Booking.objects.for_doctors(doctor.doctor_ids)
    booking = theirs.filter(pk=town.id_of(town.BOOKING, READER - 1))
    busy = BusyPeriod.objects.filter(person=practice, ends_at__gt=week[0], starts_at__lt=week[1])
    soonest = DirectoryEntry.objects.order_by("next_free_at", "pk")
    return [
        Read("one booking, its patient", patient, booking),
        Read("one patient, themselves", patient, Patient.objects.filter(pk=own)),
        Read("one doctor, a visitor", ANONYMOUS, Doctor.objects.filter(pk=practice)),
        Read("a patient's bookings", patient, theirs.booked().for_listing().order_by("-starts_at")[:20]),
        Read("a doctor's week", doctor, kept.filter(starts_at__range=week).order_by("starts_at")),
        Read("a doctor's bookings", doctor, kept.booked().for_listing().order_by("-starts_at")[:25]),
        Read("busy time of a doctor, a visitor", ANONYMOUS, busy),
        Read("busy time of a doctor, a patient", patient, busy),
        Read("a doctor's offices, a visitor", ANONYMOUS, Office.objects.filter(doctor=practice)),
        Read("policies of one's people", patient, PatientInsurance.objects.filter(patient_id__in=[own])),
        Read("own notices", patient, InboxNotice.objects.of(patient.user_id).for_listing()[:20]),
        Read("directory, soonest first", ANONYMOUS, soonest[:20]),
    ]


class Readers:
    """A connection for each side, with the identity sent and the transaction open."""

    def __init__(self) -> None:
        from django.db import connections

        settings = connections.settings["default"]
        plain = {**settings, "OPTIONS": {}}
        connections.settings["person"] = plain
        connections.settings["superuser"] = {
            **plain,
            "ENGINE": "django.db.backends.postgresql",
            "USER": "postgres",
        }

    def rows(self, read: Read) -> tuple[Row, Row]:
        """Through the ORM, and the statement alone."""
        sides = {side: self.reader(read, side) for side in ("person", "superuser")}
        seen, wanted = (list(map(repr, call())) for call in sides.values())
        if seen != wanted or not wanted:
            raise AssertionError(
                f"{read.name}: {len(seen)} rows as the person, {len(wanted)} as the superuser"
            )
        bare = {side: self.bare_reader(read, side) for side in sides}
        return (
            Row(read.name, sides, "person", "superuser", limit=LIMIT, **SHORT_TURNS),
            Row(f"{read.name}, SQL alone", bare, "person", "superuser", **SHORT_TURNS),
        )

    def reader(self, read: Read, side: str) -> Callable[[], list[Any]]:
        query = read.query.using(side)
        return lambda: list(query.all())

    def bare_reader(self, read: Read, side: str) -> Callable[[], list[Any]]:
        from django.db import connections

        statement, values = read.query.query.sql_with_params()
        cursor = connections[side].connection.cursor()
        text = cursor.mogrify(statement, values)
        return lambda: cursor.execute(text).fetchall()

    def measured(self, read: Read) -> list[Result]:
        from django.db import transaction

        from medai.common.identity import acting_as

        with (
            acting_as(read.identity),
            transaction.atomic(using="person"),
            transaction.atomic(using="superuser"),
        ):
            return [measure(row) for row in self.rows(read)]


def transactions() -> list[Row]:
    """What an identity adds: to a transaction of three reads, and to one statement on its own."""
    from django.db import transaction

    from accounts.models import Patient
    from medai.common.identity import acting_as
    from tests.access import town

    patient = town.patient(READER)
    own = Patient.objects.filter(pk=patient.patient_ids[0])

    def in_a_transaction(identity: Any, statements: int) -> Callable[[], None]:
        def call() -> None:
            with acting_as(identity), transaction.atomic():
                for _ in range(statements):
                    list(own.all())

        return call

    def alone(identity: Any) -> Callable[[], None]:
        def call() -> None:
            with acting_as(identity):
                list(own.all())

        return call

    return [
        Row(
            f"a transaction of {number} read{'s' if number > 1 else ''}",
            {"with identity": in_a_transaction(patient, number), "as nobody": in_a_transaction(None, number)},
            "with identity",
            "as nobody",
        )
        for number in (1, 3)
    ] + [
        Row(
            "a statement on its own",
            {"with identity": alone(patient), "as nobody": alone(None)},
            "with identity",
            "as nobody",
        )
    ]


def main() -> int:
    with stage("row-security") as services:
        from django.db import connections, transaction

        from tests.access import town

        with transaction.atomic():
            town.fill(doctors=DOCTORS, patients=PATIENTS, visits=VISITS)
        with psycopg.connect(services.postgres.url(database="medai"), autocommit=True) as superuser:
            superuser.execute("VACUUM ANALYZE")
        readers = Readers()
        results = [result for read in reads() for result in readers.measured(read)]
        results += map(measure, transactions())
        report(results, json_path=Path(sys.argv[1]) if len(sys.argv) > 1 else None)
        connections.close_all()
    return int(not all(result.passed for result in results))


if __name__ == "__main__":
    sys.exit(main())
