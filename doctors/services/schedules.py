"""Weekly hours, booking rules and the dates that differ."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.db import transaction

from doctors import schedules
from doctors.errors import InvalidHours, OverlappingHours, StaleSchedule, UnknownOffice, UnknownTimeZone
from doctors.models import Doctor, Office, WeeklyHours
from doctors.models.schedules import MINUTES_PER_DAY
from doctors.services import practice
from medai.common.database import constraint_errors
from medai.common.errors import FieldError, InvalidInput

RULES = (
    "time_zone",
    "slot_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "minimum_notice_minutes",
    "horizon_days",
    "maximum_per_day",
    "confirmation_mode",
    "confirmation_deadline_hours",
    "free_cancellation_hours",
    "late_fee_percent",
    "accepts_payment_at_clinic",
    "is_accepting_new_patients",
)

CONSTRAINTS = (
    "weekly_hours_do_not_overlap",
    "weekly_hours_end_after_start",
    "weekly_hours_slot_length_is_sane",
)
PARTS = (
    "day_of_week",
    "start_minute",
    "end_minute",
    "mode",
    "office_id",
    "slot_minutes",
    "buffer_after_minutes",
    "maximum",
)


@transaction.atomic
def replace_weekly_hours(*, doctor_id: UUID, version: int | None, hours: Sequence[WeeklyHours]) -> Doctor:
    """Put these (unsaved) rows in the place of all weekly hours; bookings already made stay where they are.

    `version` is the `schedule_version` that the caller had before them: `StaleSchedule` if it is another one now
    (None: whatever it is). Errors name rows as `weekly_hours.<place>`.
    """
    doctor = practice.locked(doctor_id)
    _require_version(doctor, version)
    _check(doctor, hours)
    current = list(WeeklyHours.objects.filter(doctor=doctor))
    if sorted(map(_values, current), key=str) == sorted(map(_values, hours), key=str):
        return doctor
    with constraint_errors(dict.fromkeys(CONSTRAINTS, InvalidHours(field="weekly_hours"))):
        WeeklyHours.objects.filter(doctor=doctor).delete()
        WeeklyHours.objects.bulk_create(
            WeeklyHours(doctor=doctor, **dict(zip(PARTS, _values(row), strict=True))) for row in hours
        )
    practice.schedule_changed(doctor)
    return doctor


@transaction.atomic
def replace_schedule(
    *, doctor_id: UUID, version: int | None, hours: Sequence[WeeklyHours], rules: Mapping[str, Any]
) -> Doctor:
    """Weekly hours and rules in one step, both or neither."""
    replace_weekly_hours(doctor_id=doctor_id, version=version, hours=hours)
    return update_rules(doctor_id=doctor_id, **rules)


@transaction.atomic
def update_rules(*, doctor_id: UUID, version: int | None = None, **changes: Any) -> Doctor:
    """Change how the doctor's time may be booked; see `RULES`."""
    doctor = practice.locked(doctor_id)
    _require_version(doctor, version)
    if changes.get("time_zone", doctor.time_zone) not in available_timezones():
        raise UnknownTimeZone(field="time_zone")
    changed = practice.assign(doctor, changes, RULES)
    if changed:
        practice.save(doctor, changed)
        practice.schedule_changed(doctor)
    return doctor


def _require_version(doctor: Doctor, version: int | None) -> None:
    if version is not None and version != doctor.schedule_version:
        raise StaleSchedule(field="version", current_version=doctor.schedule_version)


def _values(row: WeeklyHours) -> tuple[Any, ...]:
    return tuple(getattr(row, part) for part in PARTS)


def _check(doctor: Doctor, hours: Sequence[WeeklyHours]) -> None:
    offices = set(Office.objects.filter(doctor=doctor, is_active=True).values_list("pk", flat=True))
    errors = []
    for place, row in enumerate(hours):
        if not (0 <= row.start_minute < row.end_minute <= MINUTES_PER_DAY and 0 <= row.day_of_week <= 6):
            errors.append(FieldError(f"weekly_hours.{place}", InvalidHours.code, InvalidHours.message))
        if row.office_id is not None and row.office_id not in offices:
            errors.append(
                FieldError(f"weekly_hours.{place}.office", UnknownOffice.code, UnknownOffice.message)
            )
    places = {id(row): place for place, row in enumerate(hours)}
    for first, second in schedules.clashes(hours):
        message = str(schedules.overlap(first, second))
        errors += [
            FieldError(f"weekly_hours.{places[id(row)]}", OverlappingHours.code, message)
            for row in (first, second)
        ]
    if errors:
        raise InvalidInput(errors=errors)
