"""What a doctor offers, kept in this process for as long as the doctor's `schedule_version` stays the same.

Hours, exceptions, offices and visit types change seldom and are read with every slot that is shown. Each change of
theirs counts the version up in its own transaction, and the version is read afresh with the doctor each time; so what
is kept can be out of date only for a reader who read the version before the change.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from bookings.slots import SlotRules
from doctors.models import Doctor, DoctorSpecialty, Office, ScheduleException, VisitType, WeeklyHours
from medai.common.database import Rows, Statement
from medai.common.identity import acting_as_system

KEPT = 2_000
# How far back exceptions matter: reports look at past utilisation.
PAST = timedelta(days=400)

# What slots and bookings go by. All the rest of the doctor is read where it is shown.
_NEEDED = {
    "id",
    "schedule_version",
    "time_zone",
    "slot_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "minimum_notice_minutes",
    "horizon_days",
    "maximum_per_day",
    "is_accepting_new_patients",
    "accepts_payment_at_clinic",
    "free_cancellation_hours",
    "late_fee_percent",
}
# In the model's order, as `from_db` wants them.
_COLUMNS = [field.attname for field in Doctor._meta.concrete_fields if field.attname in _NEEDED]

Row = TypeVar("Row")


@dataclass(frozen=True)
class Practice:
    """The rows behind a doctor's slots, of one version. `rules` remembers the engine's rules made from them."""

    doctor_id: UUID
    version: int
    weekly_hours: tuple[WeeklyHours, ...]
    exceptions: tuple[ScheduleException, ...]
    offices: tuple[Office, ...]
    visit_types: tuple[VisitType, ...]
    rules: dict[Any, SlotRules] = field(default_factory=dict)

    def visit_type(self, visit_type_id: UUID) -> VisitType | None:
        return next((each for each in self.visit_types if each.pk == visit_type_id), None)

    @cached_property
    def primary_specialty_id(self) -> UUID | None:
        with acting_as_system("practice"):
            primary = DoctorSpecialty.objects.filter(doctor_id=self.doctor_id, is_primary=True)
            return primary.values_list("specialty_id", flat=True).first()


class _Kept:
    """The practices used last, by doctor; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._practices: OrderedDict[UUID, Practice] = OrderedDict()

    def get(self, doctor_id: UUID, version: int) -> Practice | None:
        with self._lock:
            practice = self._practices.get(doctor_id)
            if practice is None or practice.version != version:
                return None
            self._practices.move_to_end(doctor_id)
            return practice

    def put(self, practice: Practice) -> None:
        with self._lock:
            self._practices[practice.doctor_id] = practice
            self._practices.move_to_end(practice.doctor_id)
            while len(self._practices) > KEPT:
                self._practices.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._practices.clear()


kept = _Kept()


def practice_of(doctor: Doctor) -> Practice:
    return practices_of([doctor])[doctor.pk]


def practices_of(doctors: Iterable[Doctor]) -> dict[UUID, Practice]:
    """The practices of doctors whose rows were just read; those not kept are read in four queries together."""
    listed = list(doctors)
    found = {
        doctor.pk: practice
        for doctor in listed
        if (practice := kept.get(doctor.pk, doctor.schedule_version)) is not None
    }
    missing = [doctor for doctor in listed if doctor.pk not in found]
    if missing:
        for practice in _read(missing):
            kept.put(practice)
            found[practice.doctor_id] = practice
    return found


def reading_public(identifier: UUID | str) -> Statement:
    """Asks for a doctor whom anybody may find, by id or slug; `as_read` takes the answer."""
    return _public_by("id" if isinstance(identifier, UUID) else "slug"), [identifier]


@cache
def _public_by(column: str) -> str:
    statement = SQL("SELECT {} FROM doctors_doctor WHERE is_public AND {} = %s")
    return statement.format(SQL(", ").join(map(Identifier, _COLUMNS)), Identifier(column)).as_string()


def as_read(rows: Rows) -> tuple[Doctor, Practice] | None:
    """The doctor, with no more than slots and bookings go by, and the practice, read only where it is not kept."""
    if not rows:
        return None
    doctor = Doctor.from_db(DEFAULT_DB_ALIAS, _COLUMNS, rows[0])
    return doctor, practice_of(doctor)


def _read(doctors: list[Doctor]) -> Iterable[Practice]:
    ids = [doctor.pk for doctor in doctors]
    since = (timezone.now() - PAST).date()
    # As the system: what is kept must not depend on who happened to ask first.
    with acting_as_system("practice"):
        hours = _by_doctor(WeeklyHours.objects.filter(doctor_id__in=ids, is_active=True))
        exceptions = _by_doctor(ScheduleException.objects.filter(doctor_id__in=ids, date__gte=since))
        offices = _by_doctor(Office.objects.filter(doctor_id__in=ids, is_active=True))
        visit_types = _by_doctor(VisitType.objects.filter(doctor_id__in=ids, is_active=True))
    for doctor in doctors:
        yield Practice(
            doctor_id=doctor.pk,
            version=doctor.schedule_version,
            weekly_hours=hours[doctor.pk],
            exceptions=exceptions[doctor.pk],
            offices=offices[doctor.pk],
            visit_types=visit_types[doctor.pk],
        )


def _by_doctor(rows: Iterable[Row]) -> dict[UUID, tuple[Row, ...]]:
    grouped: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.doctor_id].append(row)  # type: ignore[attr-defined]  # every one of them has a doctor
    return defaultdict(tuple, {doctor_id: tuple(listed) for doctor_id, listed in grouped.items()})
