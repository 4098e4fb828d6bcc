"""Dates that differ from the weekly hours.

On one date, time of one kind never overlaps: blocked time that touches other blocked time becomes one block, and so
do hours of the same mode and office; a whole blocked day swallows its parts. What cannot be merged is refused with
the words to mend it.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from doctors.errors import (
    DayIsBlocked,
    ExceptionInThePast,
    ExceptionNeedsHours,
    ExceptionNotFound,
    ExceptionOverlaps,
    ExceptionsTooMany,
    ExceptionTooFarAhead,
    InvalidHours,
    UnknownOffice,
)
from doctors.models import Doctor, Office, ScheduleException
from doctors.models.schedules import MINUTES_PER_DAY, ExceptionKind, RangeMode
from doctors.schedules import span
from doctors.services import practice
from medai.common.database import constraint_errors
from medai.common.errors import InvalidInput
from medai.common.localtime import long_date

FARTHEST_DAYS = 730
MOST_DAYS_AT_ONCE = 93


@transaction.atomic
def add_exception(
    *, doctor_id: UUID, date: date, kind: str, until: date | None = None, **details: Any
) -> list[ScheduleException]:
    """Make a date, or each from `date` to `until`, differ; what came of it, one row for each date.

    `details`: `start_minute` and `end_minute` (left out: the whole day, blocked only), `mode`, `office_id`, `reason`.
    """
    doctor = practice.locked(doctor_id)
    days = _days(doctor, date, until)
    rows = [_add(doctor, _row(doctor, day, kind, **details)) for day in days]
    practice.schedule_changed(doctor)
    return rows


@transaction.atomic
def change_exception(*, exception_id: UUID, **changes: Any) -> ScheduleException:
    """Replace an exception by a changed one."""
    doctor, old = _locked(exception_id)
    details = {
        "date": old.date,
        "kind": old.kind,
        "start_minute": old.start_minute,
        "end_minute": old.end_minute,
        "mode": old.mode,
        "office_id": old.office_id,
        "reason": old.reason,
        **changes,
    }
    day = _days(doctor, details.pop("date"), None)[0]
    row = _row(doctor, day, details.pop("kind"), **details)
    old.delete()
    row = _add(doctor, row)
    practice.schedule_changed(doctor)
    return row


@transaction.atomic
def remove_exception(*, exception_id: UUID) -> None:
    doctor, exception = _locked(exception_id)
    exception.delete()
    practice.schedule_changed(doctor)


def _locked(exception_id: UUID) -> tuple[Doctor, ScheduleException]:
    found = ScheduleException.objects.filter(pk=exception_id, doctor__in=practice.in_reach()).first()
    if found is None:
        raise ExceptionNotFound
    doctor = practice.locked(found.doctor_id)
    exception = ScheduleException.objects.select_for_update().filter(pk=exception_id).first()
    if exception is None:
        raise ExceptionNotFound
    return doctor, exception


def _days(doctor: Doctor, first: date, last: date | None) -> list[date]:
    today = timezone.now().astimezone(ZoneInfo(doctor.time_zone)).date()
    last = last or first
    if first < today:
        raise ExceptionInThePast(field="date")
    if last > today + timedelta(days=FARTHEST_DAYS):
        raise ExceptionTooFarAhead(field="date", days=FARTHEST_DAYS)
    number = (last - first).days + 1
    if not 1 <= number <= MOST_DAYS_AT_ONCE:
        raise ExceptionsTooMany(field="until", days=MOST_DAYS_AT_ONCE)
    return [first + timedelta(days=ahead) for ahead in range(number)]


def _row(
    doctor: Doctor,
    day: date,
    kind: str,
    *,
    start_minute: int | None = None,
    end_minute: int | None = None,
    mode: str = RangeMode.BOTH,
    office_id: UUID | None = None,
    reason: str = "",
) -> ScheduleException:
    if kind not in ExceptionKind.values or mode not in RangeMode.values:
        raise InvalidInput(field="kind" if kind not in ExceptionKind.values else "mode")
    if (start_minute is None) != (end_minute is None) or (
        start_minute is None and kind != ExceptionKind.BLOCKED
    ):
        raise ExceptionNeedsHours(field="start" if start_minute is None else "end")
    if (start_minute, end_minute) == (0, MINUTES_PER_DAY) and kind == ExceptionKind.BLOCKED:
        start_minute = end_minute = None
    if start_minute is not None and not 0 <= start_minute < (end_minute or 0) <= MINUTES_PER_DAY:
        raise InvalidHours(field="end")
    if kind == ExceptionKind.BLOCKED:
        mode, office_id = RangeMode.BOTH, None
    if office_id and not Office.objects.filter(pk=office_id, doctor=doctor, is_active=True).exists():
        raise UnknownOffice(field="office")
    return ScheduleException(
        doctor=doctor,
        date=day,
        kind=kind,
        start_minute=start_minute,
        end_minute=end_minute,
        mode=mode,
        office_id=office_id,
        reason=reason.strip()[:120],
    )


def _add(doctor: Doctor, row: ScheduleException) -> ScheduleException:
    that_day = ScheduleException.objects.filter(doctor=doctor, date=row.date)
    blocked = that_day.filter(kind=ExceptionKind.BLOCKED)
    whole_day = blocked.filter(start_minute=None).first()
    if row.kind != ExceptionKind.BLOCKED:
        if whole_day is not None:
            raise DayIsBlocked(field="date", day=long_date(row.date))
        return _save(_merged(row, that_day.filter(kind=row.kind)))
    if whole_day is not None:
        if row.reason and row.start_minute is None:
            whole_day.reason = row.reason
            practice.save(whole_day, ["reason"])
        return whole_day
    if row.start_minute is None:
        blocked.delete()
        return _save(row)
    return _save(_merged(row, blocked))


def _merged(row: ScheduleException, others: Iterable[ScheduleException]) -> ScheduleException:
    """The row, with those of the same kind, mode and office that it touches taken into it."""
    start, end = row.start_minute or 0, row.end_minute or 0
    for other in sorted(others, key=lambda other: other.start_minute or 0):
        other_start, other_end = other.start_minute or 0, other.end_minute or 0
        if other_end < start or other_start > end:
            continue
        if (other.mode, other.office_id) != (row.mode, row.office_id):
            if other_end == start or other_start == end:
                continue
            raise ExceptionOverlaps(
                field="start", day=long_date(row.date), first=span(other.start_minute, other.end_minute)
            )
        start, end = min(start, other_start), max(end, other_end)
        row.reason = row.reason or other.reason
        other.delete()
    row.start_minute, row.end_minute = start, end
    return row


def _save(row: ScheduleException) -> ScheduleException:
    with constraint_errors({"schedule_exception_hours_do_not_overlap": InvalidHours(field="start")}):
        row.save(force_insert=True)
    return row


def upcoming(doctor: Doctor) -> list[ScheduleException]:
    """From today on the doctor's calendar."""
    today = timezone.now().astimezone(ZoneInfo(doctor.time_zone)).date()
    return list(
        ScheduleException.objects.filter(date__gte=today, doctor=doctor)
        .select_related("office")
        .order_by("date", "start_minute")
    )
