"""What the slot picker shows: a few days with their free times, or a month and one day of it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from bookings.availability import DoctorCalendar, load_calendar
from bookings.models import Booking
from doctors.models import Doctor, VisitMode, VisitType
from medai.common import localtime
from medai.common.components.month import Month, month
from medai.common.years import are_near

DAYS_SHOWN = 5
DAYS_LOOKED_AT = 21
VIEWS = ("week", "month")


@dataclass(frozen=True)
class PickerSlot:
    start: datetime
    url: str = ""
    taken: bool = False
    selected: bool = False

    @property
    def value(self) -> str:
        return self.start.isoformat()


@dataclass
class PickerDay:
    date: date
    slots: list[PickerSlot] = field(default_factory=list)
    today: bool = False
    loading: bool = False
    more_url: str = ""
    more_label: str = ""


@dataclass(frozen=True)
class Choice:
    """What the person has chosen so far; `first_day` is a date in the zone that is shown."""

    visit_type: VisitType
    visit_mode: str
    view: str
    first_day: date

    def query(self, **changes: object) -> str:
        values = {
            "visit_type": self.visit_type.pk,
            "visit_mode": self.visit_mode,
            "view": self.view,
            "from": self.first_day.isoformat(),
        }
        return urlencode({name: str(value) for name, value in (values | changes).items()})


@dataclass
class Picker:
    doctor: Doctor
    choice: Choice
    visit_types: list[VisitType]
    modes: list[str]
    zone: ZoneInfo
    days: list[PickerDay] = field(default_factory=list)
    month: Month | None = None
    previous_query: str = ""
    next_query: str = ""
    next_free_at: datetime | None = None
    next_free_query: str = ""

    @property
    def shows_another_zone(self) -> bool:
        return localtime.differs(timezone.now(), self.zone, self.doctor.time_zone)

    @property
    def has_slots(self) -> bool:
        return any(day.slots for day in self.days)


def viewer_zone(doctor: Doctor) -> ZoneInfo:
    """The signed-in person's zone; the doctor's for everybody else."""
    current = timezone.get_current_timezone()
    if isinstance(current, ZoneInfo) and current.key != "UTC":
        return current
    return ZoneInfo(doctor.time_zone)


def read_moment(text: str | None) -> datetime | None:
    """An ISO 8601 moment with its offset from a query or form, or nothing."""
    try:
        # A plus sign in a hand-made query arrives as a space.
        moment = parse_datetime((text or "").replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None and are_near(moment) else None


def read_choice(
    doctor: Doctor, visit_types: list[VisitType], wanted: dict[str, str], zone: ZoneInfo
) -> Choice:
    """The choice in a query string; whatever is missing, unknown or impossible becomes the nearest possible."""
    by_id = {str(visit_type.pk): visit_type for visit_type in visit_types}
    visit_type = by_id.get(wanted.get("visit_type", ""), visit_types[0])
    visit_mode = wanted.get("visit_mode", "")
    if visit_mode not in visit_type.modes:
        visit_mode = visit_type.modes[0] if visit_type.modes else VisitMode.IN_PERSON
    today = timezone.now().astimezone(zone).date()
    try:
        first_day = date.fromisoformat(wanted.get("from", ""))
    except ValueError:
        first_day = today
    last = today + timedelta(days=doctor.horizon_days)
    view = wanted.get("view", "week")
    return Choice(
        visit_type, str(visit_mode), view if view in VIEWS else "week", min(max(first_day, today), last)
    )


def build_picker(
    doctor: Doctor,
    visit_types: list[VisitType],
    choice: Choice,
    zone: ZoneInfo,
    *,
    link: Callable[[datetime, Choice], str],
    month_url: Callable[[str], str],
    moving: Booking | None = None,
) -> Picker:
    """The picker for a choice. `link` gives the address of a slot, `month_url` that of the picker with a query.

    The time of a booking that is `moving` is free for others that overlap it, and not offered itself.
    """
    modes = [mode for mode in VisitMode.values if any(mode in visit_type.modes for visit_type in visit_types)]
    picker = Picker(doctor, choice, visit_types, modes, zone)
    build = _build_month if choice.view == "month" else _build_week
    build(picker, link, month_url, moving)
    return picker


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=zone)


def _free_by_day(
    picker: Picker, first: date, last: date, moving: Booking | None
) -> tuple[dict[date, list[datetime]], DoctorCalendar]:
    """Free starts from `first` to `last` (both included) by date in the zone shown."""
    window_start, window_end = (
        _midnight(first, picker.zone),
        _midnight(last + timedelta(days=1), picker.zone),
    )
    calendar = load_calendar(
        picker.doctor,
        window_start=window_start,
        window_end=window_end,
        without_booking=moving.pk if moving else None,
    )
    starts = calendar.free(
        picker.choice.visit_type,
        picker.choice.visit_mode,
        window_start=window_start,
        window_end=window_end,
        now=timezone.now(),
    )
    by_day: dict[date, list[datetime]] = defaultdict(list)
    for start in starts:
        if moving is None or start != moving.starts_at:
            by_day[start.astimezone(picker.zone).date()].append(start)
    return by_day, calendar


def _day(
    picker: Picker, day: date, starts: list[datetime], link: Callable[[datetime, Choice], str]
) -> PickerDay:
    today = timezone.now().astimezone(picker.zone).date()
    slots = [PickerSlot(start, link(start, picker.choice)) for start in starts]
    return PickerDay(day, slots, today=day == today)


def _build_week(
    picker: Picker,
    link: Callable[[datetime, Choice], str],
    month_url: Callable[[str], str],
    moving: Booking | None,
) -> None:
    first = picker.choice.first_day
    by_day, _ = _free_by_day(picker, first, first + timedelta(days=DAYS_LOOKED_AT), moving)
    week = [first + timedelta(days=offset) for offset in range(7)]
    # A day off is left out as long as there are enough days left to show.
    working = [day for day in week if day in by_day] or week
    shown = (working + [day for day in week if day not in working])[:DAYS_SHOWN]
    picker.days = [_day(picker, day, by_day.get(day, []), link) for day in sorted(shown)]
    today = timezone.now().astimezone(picker.zone).date()
    if first > today:
        picker.previous_query = picker.choice.query(**{"from": max(today, first - timedelta(days=7))})
    following = first + timedelta(days=7)
    if following <= today + timedelta(days=picker.doctor.horizon_days):
        picker.next_query = picker.choice.query(**{"from": following})
    _offer_next_free(picker, by_day, week, moving)


def _offer_next_free(
    picker: Picker, by_day: dict[date, list[datetime]], shown: list[date], moving: Booking | None
) -> None:
    if any(day in by_day for day in shown):
        return
    later = [starts[0] for day, starts in sorted(by_day.items()) if starts]
    if not later:
        # The last days of the horizon may be shown already: then there is nothing later to look for.
        horizon = timezone.now().astimezone(picker.zone).date() + timedelta(
            days=picker.doctor.horizon_days + 1
        )
        rest = _free_by_day(picker, shown[-1], horizon, moving)[0] if shown[-1] <= horizon else {}
        later = [starts[0] for _, starts in sorted(rest.items()) if starts]
    if later:
        picker.next_free_at = later[0]
        picker.next_free_query = picker.choice.query(**{"from": later[0].astimezone(picker.zone).date()})


def _build_month(
    picker: Picker,
    link: Callable[[datetime, Choice], str],
    month_url: Callable[[str], str],
    moving: Booking | None,
) -> None:
    selected = picker.choice.first_day
    first = selected.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    by_day, _ = _free_by_day(picker, first, last, moving)
    today = timezone.now().astimezone(picker.zone).date()
    limit = today + timedelta(days=picker.doctor.horizon_days)
    if not by_day.get(selected) and by_day:
        selected = min(by_day)
    picker.month = month(
        first.year,
        first.month,
        link=lambda day: month_url(picker.choice.query(**{"from": day})),
        free=set(by_day),
        today=today,
        selected=selected,
        month_link=lambda day: (
            month_url(picker.choice.query(**{"from": max(day, today)}))
            if today.replace(day=1) <= day <= limit
            else ""
        ),
    )
    picker.days = [_day(picker, selected, by_day.get(selected, []), link)]
    if not by_day:
        _offer_next_free(picker, {}, [last], moving)
