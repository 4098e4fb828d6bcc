"""Short ways to write rules, busy time and moments in the tests of the slot engine."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.slots import DayException, SlotRules, WeeklyRange, free_starts

MONDAY = date(2026, 3, 2)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERY_DAY = range(7)


def clock(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def daily(start, end, **own):
    return tuple(WeeklyRange(day, clock(start), clock(end), **own) for day in EVERY_DAY)


def blocked(start, end):
    return DayException("blocked", clock(start), clock(end))


def rules(zone="UTC", weekly=None, **changes):
    """Nine to twelve every day in half hours, unless told otherwise."""
    settings = {"time_zone": zone, "slot_minutes": 30, "weekly": weekly or daily("9:00", "12:00")}
    return SlotRules(**{**settings, **changes})


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on(day, given, busy=(), *, now=LONG_AGO):
    """The starts of one day of the doctor's calendar as the doctor's clock shows them."""
    zone = ZoneInfo(str(given.time_zone))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
    span = timedelta(hours=40)
    starts = free_starts(given, busy, window_start=noon - span, window_end=noon + span, now=now)
    local = [start.astimezone(zone) for start in starts]
    return [start.strftime("%H:%M") for start in local if start.date() == day]


def taken(*times, day=MONDAY):
    """Busy intervals of one UTC day, written "9:00-9:30"."""
    found = []
    for span in times:
        start, end = (clock(part) for part in span.split("-"))
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        found.append((midnight + start * MINUTE, midnight + end * MINUTE))
    return found
