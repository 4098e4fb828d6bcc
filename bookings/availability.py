"""What the slot engine needs to know about a doctor, read from the database, for one doctor or a hundred."""

import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings.practices import Practice, practices_of
from bookings.slots import (
    NOBODY,
    Busy,
    DayException,
    SlotRules,
    WeeklyRange,
    first_free_start,
    free_starts,
    in_order,
    nearest_free_starts,
)
from doctors.models import Doctor, Office, ScheduleException, VisitMode, VisitType, WeeklyHours
from medai.common.database import Rows, Statement, execute_together

# Busy time of the window, in order, as one row for each doctor. A hold that has run out by the database's clock blocks
# nothing. Times come as PostgreSQL has them, microseconds since 2000 in eight bytes, since to write and parse thousands
# of timestamps costs more than all the rest; each doctor is looked up alone, so that the index on the person leads to
# the rows.
_BUSY = """
SELECT doctor, busy.starts, busy.ends FROM unnest(%s::uuid[]) AS doctor, LATERAL (
  SELECT string_agg(timestamptz_send(starts_at), ''::bytea ORDER BY starts_at) AS starts,
    string_agg(timestamptz_send(ends_at), ''::bytea ORDER BY starts_at) AS ends
  FROM bookings_busyperiod WHERE person = doctor AND ends_at > %s AND starts_at < %s
  AND (hold_expires_at IS NULL OR hold_expires_at >= clock_timestamp())
  AND (%s::uuid IS NULL OR booking_id IS DISTINCT FROM %s::uuid)
) AS busy WHERE busy.starts IS NOT NULL
"""


class _Moments(dict[int, datetime]):
    """PostgreSQL's times as Python's, remembered, as the visits of many doctors begin and end at the same few."""

    MOST = 1 << 16
    EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

    def __missing__(self, microseconds: int) -> datetime:
        if len(self) >= self.MOST:
            self.clear()
        moment = self[microseconds] = self.EPOCH + timedelta(microseconds=microseconds)
        return moment

    def read(self, times: bytes) -> list[datetime]:
        return list(map(self.__getitem__, struct.unpack(f">{len(times) // 8}q", times)))


_moments = _Moments()


ALTERNATIVES = 6
_ALTERNATIVES_AROUND = timedelta(days=14)


@dataclass
class DoctorCalendar:
    """A doctor's hours and busy time, from which slots of any visit type and mode follow."""

    doctor: Doctor
    weekly_hours: Sequence[WeeklyHours] = ()
    exceptions: Sequence[ScheduleException] = ()
    offices: Sequence[Office] = ()
    busy: Busy = NOBODY
    known_rules: dict[Any, SlotRules] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.doctor.time_zone)

    def rules(self, visit_type: VisitType, visit_mode: str, *, office_id: UUID | None = None) -> SlotRules:
        """The engine's rules for one kind of visit: its length, on the doctor's grid, in the hours of that mode."""
        key = (visit_type.duration_minutes, visit_mode, office_id)
        if key not in self.known_rules:
            self.known_rules[key] = self._make_rules(*key)
        return self.known_rules[key]

    def _make_rules(self, length: int, visit_mode: str, office_id: UUID | None) -> SlotRules:
        doctor = self.doctor
        exceptions: dict[date, list[DayException]] = defaultdict(list)
        for exception in self.exceptions:
            if exception.kind == "blocked":
                exceptions[exception.date].append(
                    DayException("blocked", exception.start_minute, exception.end_minute)
                )
            else:
                # Hours of another mode still replace the day's hours, with nothing of this mode in them.
                exceptions[exception.date].append(self._special_hours(exception, visit_mode, office_id))
        return SlotRules(
            time_zone=doctor.time_zone,
            slot_minutes=length,
            step_minutes=doctor.slot_minutes,
            weekly=tuple(
                WeeklyRange(
                    hours.day_of_week,
                    hours.start_minute,
                    hours.end_minute,
                    slot_minutes=length,
                    step_minutes=hours.slot_minutes,
                    buffer_after_minutes=hours.buffer_after_minutes,
                    maximum=hours.maximum,
                )
                for hours in self.weekly_hours
                if hours.is_active and self._serves(hours, visit_mode, office_id)
            ),
            exceptions={day: tuple(listed) for day, listed in exceptions.items()},
            buffer_before_minutes=doctor.buffer_before_minutes,
            buffer_after_minutes=doctor.buffer_after_minutes,
            minimum_notice=doctor.minimum_notice_minutes,
            horizon_days=doctor.horizon_days,
            maximum_per_day=doctor.maximum_per_day,
        )

    def _special_hours(
        self, exception: ScheduleException, visit_mode: str, office_id: UUID | None
    ) -> DayException:
        start = exception.start_minute or 0
        if self._serves(exception, visit_mode, office_id):
            return DayException(exception.kind, start, exception.end_minute or start + 1)
        # A range shorter than any visit: it offers nothing and keeps the kind's meaning for the day.
        return DayException(exception.kind, start, start + 1)

    def _serves(
        self, hours: WeeklyHours | ScheduleException, visit_mode: str, office_id: UUID | None
    ) -> bool:
        if hours.mode not in ("both", visit_mode):
            return False
        if visit_mode == VisitMode.VIDEO:
            return True
        office = self._office_of(hours)
        return office is not None and office_id in (None, office.pk)

    def _office_of(self, hours: WeeklyHours | ScheduleException) -> Office | None:
        if hours.office_id is None:
            return self.offices[0] if self.offices else None
        return next((office for office in self.offices if office.pk == hours.office_id), None)

    def office_at(self, start: datetime) -> Office | None:
        """Where the doctor is at a time, by the hours of that day; the first office if the hours do not say."""
        local = start.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        special = [each for each in self.exceptions if each.date == local.date() and each.kind != "blocked"]
        weekly = [
            hours
            for hours in self.weekly_hours
            if hours.is_active and hours.day_of_week == local.isoweekday() % 7
        ]
        candidates: list[WeeklyHours | ScheduleException] = [*special, *weekly]
        for hours in candidates:
            if hours.mode != "video" and (hours.start_minute or 0) <= minute < (hours.end_minute or 0):
                return self._office_of(hours)
        return self.offices[0] if self.offices else None

    def free(
        self,
        visit_type: VisitType,
        visit_mode: str,
        *,
        window_start: datetime,
        window_end: datetime,
        now: datetime,
        office_id: UUID | None = None,
    ) -> list[datetime]:
        return free_starts(
            self.rules(visit_type, visit_mode, office_id=office_id),
            self.busy,
            window_start=window_start,
            window_end=window_end,
            now=now,
        )


def load_calendars(
    doctors: Iterable[Doctor],
    *,
    window_start: datetime,
    window_end: datetime,
    without_booking: UUID | None = None,
) -> dict[UUID, DoctorCalendar]:
    """The calendars of any number of doctors; `without_booking` leaves one booking's time free.

    One query for busy time, four more for the practices that this process has not kept.
    """
    listed = list(doctors)
    practices = practices_of(listed)
    asked = reading_busy(
        [doctor.pk for doctor in listed],
        window_start=window_start,
        window_end=window_end,
        without_booking=without_booking,
    )
    busy = busy_of(execute_together(asked)[0])
    return {
        doctor.pk: calendar_of(doctor, practices[doctor.pk], busy.get(doctor.pk, NOBODY)) for doctor in listed
    }


def calendar_of(doctor: Doctor, practice: Practice, busy: Busy) -> DoctorCalendar:
    return DoctorCalendar(
        doctor,
        weekly_hours=practice.weekly_hours,
        exceptions=practice.exceptions,
        offices=practice.offices,
        busy=busy,
        known_rules=practice.rules,
    )


def reading_busy(
    doctor_ids: list[UUID],
    *,
    window_start: datetime,
    window_end: datetime,
    without_booking: UUID | None = None,
) -> Statement:
    """The busy time of the window, for a caller who has more to ask; `busy_of` takes the answer."""
    # Two days beyond the window hold whole local days of any zone and any break.
    span = window_start - timedelta(days=2), window_end + timedelta(days=2)
    return _BUSY, [doctor_ids, *span, without_booking, without_booking]


def busy_of(rows: Rows) -> dict[UUID, Busy]:
    return {
        doctor_id: in_order(_moments.read(starts), _moments.read(ends)) for doctor_id, starts, ends in rows
    }


def load_calendar(
    doctor: Doctor, *, window_start: datetime, window_end: datetime, without_booking: UUID | None = None
) -> DoctorCalendar:
    return load_calendars(
        [doctor], window_start=window_start, window_end=window_end, without_booking=without_booking
    )[doctor.pk]


def free_slots(
    doctor: Doctor,
    visit_type: VisitType,
    visit_mode: str,
    *,
    window_start: datetime,
    window_end: datetime,
    now: datetime | None = None,
    office_id: UUID | None = None,
) -> list[datetime]:
    """The UTC starts at which this kind of visit can be booked within the window."""
    calendar = load_calendar(doctor, window_start=window_start, window_end=window_end)
    return calendar.free(
        visit_type,
        visit_mode,
        window_start=window_start,
        window_end=window_end,
        now=now or timezone.now(),
        office_id=office_id,
    )


def alternatives(
    doctor: Doctor, visit_type: VisitType, visit_mode: str, wanted: datetime, *, now: datetime
) -> list[datetime]:
    """The free starts nearest to a wanted one that cannot be had, in order of time."""
    window_start = max(now, wanted - _ALTERNATIVES_AROUND)
    starts = free_slots(
        doctor,
        visit_type,
        visit_mode,
        window_start=window_start,
        window_end=max(window_start, wanted) + _ALTERNATIVES_AROUND,
        now=now,
    )
    return nearest_free_starts(starts, wanted, ALTERNATIVES)


def next_free_start(
    calendar: DoctorCalendar, visit_types: Iterable[VisitType], visit_mode: str, *, now: datetime
) -> datetime | None:
    """The soonest start of any of these visit types in one mode, within the doctor's horizon."""
    window_end = now + timedelta(days=calendar.doctor.horizon_days + 2)
    starts = [
        first_free_start(
            calendar.rules(visit_type, visit_mode),
            calendar.busy,
            window_start=now,
            window_end=window_end,
            now=now,
        )
        for visit_type in visit_types
        if visit_mode in visit_type.modes
    ]
    return min((start for start in starts if start is not None), default=None)


__all__ = [
    "DoctorCalendar",
    "alternatives",
    "busy_of",
    "calendar_of",
    "free_slots",
    "load_calendar",
    "load_calendars",
    "next_free_start",
    "reading_busy",
]
