"""What a doctor offers, kept in this process for as long as the doctor's `schedule_version` stays the same.

Hours, exceptions, offices and visit types change seldom and are read with every slot that is shown. Each change of
theirs counts the version up in its own transaction, and the version is read afresh with the doctor each time; so what
is kept can be out of date only for a reader who read the version before the change.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from bookings.slots import SlotRules
from doctors.models import Doctor, DoctorSpecialty, Office, ScheduleException, VisitType, WeeklyHours
from medai.common.database import Rows, Statement, execute_together
from medai.common.identity import acting_as_system

KEPT = 2_000
# How far back exceptions matter: reports look at past utilisation.
PAST = timedelta(days=400)

# What a booking is agreed upon and the version does not count; it is read afresh with the version.
_TERMS = (
    "is_accepting_new_patients",
    "accepts_payment_at_clinic",
    "free_cancellation_hours",
    "late_fee_percent",
)
_PUBLIC = """
SELECT id, schedule_version, is_accepting_new_patients, accepts_payment_at_clinic, free_cancellation_hours,
    late_fee_percent
FROM doctors_doctor WHERE is_public AND """

Row = TypeVar("Row")


@dataclass(frozen=True)
class Practice:
    """The rows behind a doctor's slots. `rules` remembers the engine's rules made from them.

    Of `doctor` only what the version counts is as it is now, the rules of the calendar, and from `as_read` also what
    a booking is agreed upon.
    """

    doctor: Doctor
    weekly_hours: tuple[WeeklyHours, ...]
    exceptions: tuple[ScheduleException, ...]
    offices: tuple[Office, ...]
    visit_types: tuple[VisitType, ...]
    primary_specialty_id: UUID | None
    rules: dict[Any, SlotRules] = field(default_factory=dict)

    def visit_type(self, visit_type_id: UUID) -> VisitType | None:
        return next((each for each in self.visit_types if each.pk == visit_type_id), None)

    def with_terms(self, terms: Sequence[Any]) -> "Practice":
        if all(getattr(self.doctor, name) == value for name, value in zip(_TERMS, terms, strict=True)):
            return self
        doctor = copy(self.doctor)
        for name, value in zip(_TERMS, terms, strict=True):
            setattr(doctor, name, value)
        return replace(self, doctor=doctor)


class _Kept:
    """The practices used last, by doctor; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._practices: OrderedDict[UUID, tuple[int, Practice]] = OrderedDict()

    def get(self, doctor_id: UUID, wanted_version: int) -> Practice | None:
        with self._lock:
            version, practice = self._practices.get(doctor_id, (None, None))
            if version != wanted_version:
                return None
            self._practices.move_to_end(doctor_id)
            return practice

    def put(self, practice: Practice) -> None:
        doctor = practice.doctor
        with self._lock:
            self._practices[doctor.pk] = (doctor.schedule_version, practice)
            self._practices.move_to_end(doctor.pk)
            while len(self._practices) > KEPT:
                self._practices.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._practices.clear()


kept = _Kept()


def practice_of(doctor: Doctor) -> Practice:
    return practices_of([doctor])[doctor.pk]


def practices_of(doctors: Iterable[Doctor]) -> dict[UUID, Practice]:
    """The practices of doctors whose rows were just read; those not kept are read in five queries together."""
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
            found[practice.doctor.pk] = practice
    return found


def public_practice(identifier: UUID | str) -> Practice | None:
    """The practice of a doctor whom anybody may find, by id or slug; one small query where it is kept."""
    return as_read(execute_together(reading_public(identifier))[0])


def reading_public(identifier: UUID | str) -> Statement:
    """What `public_practice` sends, for a caller who has more to send with it; `as_read` takes the answer."""
    column = "id" if isinstance(identifier, UUID) else "slug"
    return f"{_PUBLIC} {column} = %s", [identifier]


def as_read(rows: Rows) -> Practice | None:
    if not rows:
        return None
    doctor_id, version, *terms = rows[0]
    practice = kept.get(doctor_id, version)
    if practice is not None:
        return practice.with_terms(terms)
    doctor = Doctor.objects.public().filter(pk=doctor_id).first()
    return practice_of(doctor) if doctor else None


def _read(doctors: list[Doctor]) -> Iterable[Practice]:
    ids = [doctor.pk for doctor in doctors]
    since = (timezone.now() - PAST).date()
    # As the system: what is kept must not depend on who happened to ask first.
    with acting_as_system("practice"):
        hours = _by_doctor(WeeklyHours.objects.filter(doctor_id__in=ids, is_active=True))
        exceptions = _by_doctor(ScheduleException.objects.filter(doctor_id__in=ids, date__gte=since))
        offices = _by_doctor(Office.objects.filter(doctor_id__in=ids, is_active=True))
        visit_types = _by_doctor(VisitType.objects.filter(doctor_id__in=ids, is_active=True))
        primary = dict(
            DoctorSpecialty.objects.filter(doctor_id__in=ids, is_primary=True).values_list(
                "doctor_id", "specialty_id"
            )
        )
    for doctor in doctors:
        yield Practice(
            doctor=copy(doctor),  # the caller may go on to change theirs
            weekly_hours=hours[doctor.pk],
            exceptions=exceptions[doctor.pk],
            offices=offices[doctor.pk],
            visit_types=visit_types[doctor.pk],
            primary_specialty_id=primary.get(doctor.pk),
        )


def _by_doctor(rows: Iterable[Row]) -> dict[UUID, tuple[Row, ...]]:
    grouped: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.doctor_id].append(row)  # type: ignore[attr-defined]  # every one of them has a doctor
    return defaultdict(tuple, {doctor_id: tuple(listed) for doctor_id, listed in grouped.items()})
