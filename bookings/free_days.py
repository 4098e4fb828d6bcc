"""On which days a doctor still has something free, for the directory's filter by date."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.availability import DoctorCalendar
from bookings.slots.engine import days_of_starts
from doctors.models import VisitType


def free_days(
    calendar: DoctorCalendar, visit_types: Iterable[VisitType], visit_mode: str, *, now: datetime
) -> list[date]:
    """The dates, in the doctor's zone and up to the horizon, on which one of these kinds of visit can be booked."""
    zone = ZoneInfo(calendar.doctor.time_zone)
    window_end = now + timedelta(days=calendar.doctor.horizon_days + 2)
    days: set[date] = set()
    for visit_type in visit_types:
        if visit_mode in visit_type.modes:
            rules = calendar.rules(visit_type, visit_mode)
            # Each list is of one day: hours end at midnight.
            listed = days_of_starts(rules, calendar.busy, now, window_end, now)
            days.update(starts[0].astimezone(zone).date() for starts in listed if starts)
    return sorted(days)
