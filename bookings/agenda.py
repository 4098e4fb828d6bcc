"""The doctor's calendar as pages show it: visits and closed hours by day of the doctor's clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.availability import DoctorCalendar, load_calendar
from bookings.models import Booking
from bookings.slots import day_ranges
from bookings.transitions import Status
from doctors.models import Doctor, ScheduleException, VisitMode
from medai.common import localtime
from medai.common.components.time_grid import Closed, Column, Event, TimeGrid, time_grid
from medai.common.database import ClockTimestamp

SHOWN = (Status.HELD, Status.PENDING_CONFIRMATION, Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)
STATES = {Status.COMPLETED: "done", Status.NO_SHOW: "noshow", Status.HELD: "held"}
TINT_IN_PERSON, TINT_VIDEO, TINT_OTHER, TINT_PENDING = 1, 2, 3, 5
DAY_MINUTES = 24 * 60
# Of a day in a month; the calendar's script shows as many.
MOST_LINES = 4


@dataclass(frozen=True)
class Agenda:
    """The visits and the calendar of some days, from midnight to midnight of the doctor's zone."""

    doctor: Doctor
    first: date
    days: int
    bookings: list[Booking]
    calendar: DoctorCalendar

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.doctor.time_zone)


def load_agenda(doctor: Doctor, first: date, days: int) -> Agenda:
    zone = ZoneInfo(doctor.time_zone)
    since = datetime.combine(first, datetime.min.time(), tzinfo=zone)
    until = datetime.combine(first + timedelta(days=days), datetime.min.time(), tzinfo=zone)
    bookings = Booking.objects.filter(
        doctor=doctor, starts_at__lt=until, ends_at__gt=since, status__in=SHOWN
    ).exclude(status=Status.HELD, hold_expires_at__lt=ClockTimestamp())
    # A hold's patient stays unknown to the doctor, so the patient cannot be joined.
    listed = list(
        bookings.select_related("visit_type", "office").prefetch_related("patient").order_by("starts_at")
    )
    calendar = load_calendar(doctor, window_start=since, window_end=until)
    return Agenda(doctor, first, days, listed, calendar)


def visit_days(doctor: Doctor, month: date) -> set[date]:
    """The days of a month on which the doctor sees somebody; a hold is no visit yet."""
    zone = ZoneInfo(doctor.time_zone)
    since = datetime.combine(month.replace(day=1), datetime.min.time(), tzinfo=zone)
    until = (since + timedelta(days=31)).replace(day=1)
    starts = Booking.objects.filter(
        doctor=doctor, starts_at__gte=since, starts_at__lt=until, status__in=SHOWN
    ).exclude(status=Status.HELD)
    return {start.astimezone(zone).date() for start in starts.values_list("starts_at", flat=True)}


def title_of(booking: Booking) -> str:
    return _("Reserving") if booking.status == Status.HELD else booking.patient.full_name


def tint_of(booking: Booking) -> int:
    if booking.status == Status.PENDING_CONFIRMATION:
        return TINT_PENDING
    if booking.visit_mode == VisitMode.VIDEO:
        return TINT_VIDEO
    return TINT_OTHER if booking.visit_type.kind == "other" else TINT_IN_PERSON


def detail_of(booking: Booking, zone: ZoneInfo) -> str:
    start = localtime.clock24(booking.starts_at, zone)
    if booking.status == Status.HELD:
        return start
    parts = [start, booking.visit_type.name]
    if booking.visit_mode == VisitMode.VIDEO:
        parts.append(_("video"))
    if booking.status != Status.CONFIRMED:
        parts.append(str(Booking.Status(booking.status).label))
    return ", ".join(parts)


def grid(agenda: Agenda, *, now: datetime) -> TimeGrid:
    """The agenda as columns of time, one for each day."""
    zone = agenda.zone
    here = now.astimezone(zone)
    columns = []
    for offset in range(agenda.days):
        day = agenda.first + timedelta(days=offset)
        columns.append(
            Column(
                events=[_event(booking, zone) for booking in _of_day(agenda.bookings, day, zone)],
                closed=_closed(agenda, day),
                heading=localtime.short_weekday(day).capitalize() if agenda.days > 1 else "",
                number=str(day.day) if agenda.days > 1 else "",
                today=day == here.date(),
                now=here.hour * 60 + here.minute if day == here.date() else None,
            )
        )
    opens, closes = _hours(agenda)
    return time_grid(columns, first_hour=opens, last_hour=closes)


def _of_day(bookings: Iterable[Booking], day: date, zone: ZoneInfo) -> list[Booking]:
    return [booking for booking in bookings if booking.starts_at.astimezone(zone).date() == day]


def _event(booking: Booking, zone: ZoneInfo) -> Event:
    start = booking.starts_at.astimezone(zone)
    return Event(
        start=start.hour * 60 + start.minute,
        minutes=booking.duration_minutes,
        title=title_of(booking),
        detail=detail_of(booking, zone),
        url="" if booking.status == Status.HELD else reverse("bookings:doctor-booking", args=[booking.pk]),
        tint=tint_of(booking),
        state=STATES.get(booking.status, ""),
    )


def _working(agenda: Agenda, day: date) -> list[tuple[int, int]]:
    """The minutes of the day in which the doctor works in any way."""
    visit_types = list(agenda.doctor.visit_types.all())
    if not visit_types:
        return []
    ranges: set[tuple[int, int]] = set()
    for mode in VisitMode.values:
        for start, end in day_ranges(agenda.calendar.rules(visit_types[0], mode), day):
            here, until = start.astimezone(agenda.zone), end.astimezone(agenda.zone)
            last = DAY_MINUTES if until.date() > day else until.hour * 60 + until.minute
            if last - (here.hour * 60 + here.minute) > 1:
                ranges.add((here.hour * 60 + here.minute, last))
    merged: list[tuple[int, int]] = []
    for start_minute, end_minute in sorted(ranges):
        if merged and start_minute <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end_minute, merged[-1][1]))
        else:
            merged.append((start_minute, end_minute))
    return merged


def _hours(agenda: Agenda) -> tuple[int, int]:
    """The first and last hour that the grid should show."""
    edges = [
        edge for offset in range(agenda.days) for edge in _working(agenda, agenda.first + timedelta(offset))
    ]
    if not edges:
        return 8, 18
    return min(start for start, _end in edges) // 60, -(-max(end for _start, end in edges) // 60)


@dataclass(frozen=True)
class Line:
    """A visit, or time that is blocked, in a day of a month."""

    title: str
    clock: str
    url: str = ""
    tint: int | None = None
    state: str = "block"


@dataclass(frozen=True)
class MonthDay:
    date: date
    lines: list[Line]
    is_of_month: bool
    is_today: bool
    is_past: bool

    @property
    def shown(self) -> list[Line]:
        return self.lines[:MOST_LINES]

    @property
    def more(self) -> int:
        return len(self.lines) - len(self.shown)

    @property
    def visits(self) -> int:
        return sum(line.state not in ("block", "held") for line in self.lines)


def month_days(agenda: Agenda, *, month: int, now: datetime) -> list[MonthDay]:
    """The agenda as the days of a month, with those around it that fill its weeks."""
    zone = agenda.zone
    here = now.astimezone(zone).date()
    visits: dict[date, list[Line]] = {}
    for booking in agenda.bookings:
        event = _event(booking, zone)
        clock = localtime.clock24(booking.starts_at, zone)
        line = Line(event.title, clock, event.url, event.tint, event.state)
        visits.setdefault(booking.starts_at.astimezone(zone).date(), []).append(line)
    shown = [agenda.first + timedelta(days=offset) for offset in range(agenda.days)]
    return [
        MonthDay(
            date=day,
            lines=[
                *(Line(block.reason or _("Blocked"), "") for block in _blocks(agenda, day)),
                *visits.get(day, []),
            ],
            is_of_month=day.month == month,
            is_today=day == here,
            is_past=day < here,
        )
        for day in shown
    ]


def _closed(agenda: Agenda, day: date) -> list[Closed]:
    opens, closes = (hour * 60 for hour in _hours(agenda))
    closed, at = [], opens
    for start, end in [*_working(agenda, day), (closes, closes)]:
        if start > at:
            closed.append(Closed(at, start - at, _reason(agenda, day, at, start)))
        at = max(at, end)
    return closed


def _reason(agenda: Agenda, day: date, start: int, end: int) -> str:
    for exception in _blocks(agenda, day):
        if (exception.start_minute or 0) < end and (exception.end_minute or DAY_MINUTES) > start:
            return exception.reason
    return ""


def _blocks(agenda: Agenda, day: date) -> list[ScheduleException]:
    return [each for each in agenda.calendar.exceptions if each.date == day and each.kind == "blocked"]


def calendar_events(agenda: Agenda) -> list[dict[str, Any]]:
    """The agenda as FullCalendar's events: visits, blocked time, and the time that is not worked."""
    zone = agenda.zone
    events: list[dict[str, Any]] = [_calendar_event(booking, zone) for booking in agenda.bookings]
    for offset in range(agenda.days):
        day = agenda.first + timedelta(days=offset)
        events += [_calendar_block(block, day) for block in _blocks(agenda, day)]
        events += [_background(day, start, end) for start, end in _working(agenda, day)]
    return events


def _local(day: date, minute: int) -> str:
    """A wall clock time without zone: the calendar shows the doctor's clock whatever the browser's zone is."""
    return (datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)).isoformat()


def _calendar_event(booking: Booking, zone: ZoneInfo) -> dict[str, Any]:
    is_movable = booking.status in (Status.PENDING_CONFIRMATION, Status.CONFIRMED)
    return {
        "id": str(booking.pk),
        "title": title_of(booking),
        "start": booking.starts_at.astimezone(zone).replace(tzinfo=None).isoformat(),
        "end": booking.ends_at.astimezone(zone).replace(tzinfo=None).isoformat(),
        "url": "" if booking.status == Status.HELD else reverse("bookings:doctor-booking", args=[booking.pk]),
        "editable": is_movable and booking.starts_at > timezone.now(),
        "durationEditable": False,
        "extendedProps": {
            "detail": detail_of(booking, zone),
            "tint": tint_of(booking),
            "state": STATES.get(booking.status, ""),
            "move": reverse("bookings:doctor-move", args=[booking.pk]),
        },
    }


def _calendar_block(block: ScheduleException, day: date) -> dict[str, Any]:
    return {
        "id": f"block-{block.pk}",
        "title": block.reason or _("Blocked"),
        "start": _local(day, block.start_minute or 0),
        "end": _local(day, block.end_minute or DAY_MINUTES),
        "editable": False,
        "extendedProps": {"state": "block", "unblock": reverse("bookings:doctor-unblock", args=[block.pk])},
    }


def _background(day: date, start: int, end: int) -> dict[str, Any]:
    return {
        "groupId": "working",
        "start": _local(day, start),
        "end": _local(day, end),
        "display": "inverse-background",
    }
