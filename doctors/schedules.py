"""Weekly hours as people write them: form fields and clock times to rows and back, and what clashes.

A form names its fields `day-<0..6>-<range>-<part>` (0 = Sunday), with the parts of `PARTS`; a day counts while
`day-<0..6>-on` is sent. The unsaved form can be read anywhere, so that its slots can be shown before it is saved.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from doctors.errors import InvalidHours, OverlappingHours
from doctors.models import WeeklyHours
from doctors.models.schedules import MINUTES_PER_DAY, RangeMode
from medai.common import localtime
from medai.common.errors import DomainError, FieldError

PARTS = ("from", "to", "mode", "office", "slot", "buffer", "maximum")
# Monday first, as people read a week.
WEEK = (1, 2, 3, 4, 5, 6, 0)
MOST_RANGES = 12

_FIELD = re.compile(rf"day-([0-6])-(\d{{1,2}})-({'|'.join(PARTS)})")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::00)?")


@dataclass
class TypedRange:
    """One range as it was typed; `path` is its field name without the part.

    `is_elsewhere`: at another than the doctor's first office.
    """

    day: int
    number: int
    values: dict[str, str]
    errors: dict[str, list[str]] = field(default_factory=dict)
    is_elsewhere: bool = False

    @property
    def path(self) -> str:
        return f"day-{self.day}-{self.number}"


@dataclass
class ParsedHours:
    """What a form says: unsaved rows where all is right, else errors by field; and the form as it was typed."""

    rows: list[WeeklyHours] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    days: dict[int, list[TypedRange]] = field(default_factory=dict)
    active_days: set[int] = field(default_factory=set)

    @property
    def is_valid(self) -> bool:
        return not self.errors

    def add_error(self, typed: TypedRange, part: str, code: str, message: str) -> None:
        typed.errors.setdefault(part, []).append(message)
        self.errors.append(FieldError(f"{typed.path}-{part}", code, message))


def parse_clock(text: str, *, is_end: bool = False) -> int | None:
    """Minutes of the day of "8:30"; as an end, midnight ("0:00" or "24:00") is the one that ends the day."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    if minutes == 0 and is_end:
        return MINUTES_PER_DAY
    if minutes > MINUTES_PER_DAY or (minutes == MINUTES_PER_DAY and not is_end):
        return None
    return minutes


def clock(minutes: int | None) -> str:
    """ "08:30"; the midnight that ends the day is "24:00"."""
    return "" if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"


def input_clock(minutes: int | None) -> str:
    """As `<input type=time>` takes it, which knows no 24:00."""
    return clock(None if minutes is None else minutes % MINUTES_PER_DAY)


def day_name(day_of_week: int) -> str:
    """ "Wednesday", "miércoles": as a sentence has it."""
    return localtime.weekdays()[(day_of_week - 1) % 7]


def span(start: int | None, end: int | None) -> str:
    return f"{clock(start)}–{clock(end)}"


def parse_weekly_hours(data: Mapping[str, Any]) -> ParsedHours:
    """The weekly hours of a form's data (a QueryDict): every range that was typed, checked one by one and together."""
    parsed = ParsedHours(days={day: [] for day in WEEK})
    parsed.active_days = {day for day in WEEK if data.get(f"day-{day}-on")}
    for typed in _typed_ranges(data):
        parsed.days[typed.day].append(typed)
    for day in WEEK:
        # The ranges of a day that is switched off are kept on the page, and not on the schedule.
        if day in parsed.active_days:
            _read_day(parsed, parsed.days[day])
    return parsed


def _typed_ranges(data: Mapping[str, Any]) -> list[TypedRange]:
    found: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    for name in data:
        if match := _FIELD.fullmatch(name):
            found[int(match[1]), int(match[2])][match[3]] = str(data.get(name) or "").strip()[:40]
    typed = [TypedRange(day, number, values) for (day, number), values in sorted(found.items())]
    per_day: dict[int, list[TypedRange]] = defaultdict(list)
    for each in typed:
        per_day[each.day].append(each)
    return [each for listed in per_day.values() for each in listed[:MOST_RANGES]]


def _read_day(parsed: ParsedHours, listed: list[TypedRange]) -> None:
    read = [(typed, row) for typed in listed if (row := _read(parsed, typed)) is not None]
    for first, second in clashes([row for _typed, row in read]):
        message = str(overlap(first, second))
        for typed, row in read:
            if row in (first, second):
                parsed.add_error(typed, "from", OverlappingHours.code, message)
    parsed.rows += [row for _typed, row in read]


def _read(parsed: ParsedHours, typed: TypedRange) -> WeeklyHours | None:
    """The row of one range; None where a part of it cannot be read, or nothing was typed."""
    if not typed.values.get("from") and not typed.values.get("to"):
        return None
    before = len(parsed.errors)
    start = parse_clock(typed.values.get("from", ""))
    end = parse_clock(typed.values.get("to", ""), is_end=True)
    for part, minutes in (("from", start), ("to", end)):
        if minutes is None:
            parsed.add_error(typed, part, "invalid_time", _("Write a time such as 08:30."))
    if start is not None and end is not None and end <= start:
        parsed.add_error(typed, "to", InvalidHours.code, str(InvalidHours()))
    row = WeeklyHours(
        day_of_week=typed.day,
        start_minute=start or 0,
        end_minute=end or 0,
        mode=_read_mode(parsed, typed),
        office_id=_read_office(parsed, typed),
        slot_minutes=_read_number(parsed, typed, "slot", 5, 480),
        buffer_after_minutes=_read_number(parsed, typed, "buffer", 0, 240),
        maximum=_read_number(parsed, typed, "maximum", 1, 200),
    )
    return row if len(parsed.errors) == before else None


def _read_mode(parsed: ParsedHours, typed: TypedRange) -> str:
    mode = typed.values.get("mode") or RangeMode.BOTH.value
    if mode not in RangeMode.values:
        parsed.add_error(typed, "mode", "invalid_choice", _("Choose in person, video, or both."))
    return mode


def _read_office(parsed: ParsedHours, typed: TypedRange) -> UUID | None:
    text = typed.values.get("office", "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        parsed.add_error(typed, "office", "invalid_choice", _("Choose one of your offices."))
        return None


def _read_number(parsed: ParsedHours, typed: TypedRange, part: str, low: int, high: int) -> int | None:
    text = typed.values.get(part, "")
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    if not low <= number <= high:
        message = _("Write a number from %(low)s to %(high)s.") % {"low": low, "high": high}
        parsed.add_error(typed, part, "out_of_range", message)
        return None
    return number


def clashes(rows: Iterable[WeeklyHours]) -> list[tuple[WeeklyHours, WeeklyHours]]:
    """Ranges of one day that overlap an earlier one, each with the one that it runs into."""
    found = []
    longest: WeeklyHours | None = None
    for row in sorted(rows, key=lambda row: (row.day_of_week, row.start_minute, row.end_minute)):
        if longest is not None and longest.day_of_week == row.day_of_week:
            if row.start_minute < longest.end_minute:
                found.append((longest, row))
            if row.end_minute <= longest.end_minute:
                continue
        longest = row
    return found


def overlap(first: WeeklyHours, second: WeeklyHours) -> DomainError:
    return OverlappingHours(
        first=span(first.start_minute, first.end_minute),
        second=span(second.start_minute, second.end_minute),
        day=day_name(first.day_of_week),
    )


def form_of(rows: Sequence[WeeklyHours]) -> ParsedHours:
    """Saved hours as a form shows them."""
    parsed = ParsedHours(days={day: [] for day in WEEK})
    for row in rows:
        if not row.is_active:
            continue
        listed = parsed.days[row.day_of_week]
        listed.append(
            TypedRange(
                row.day_of_week,
                len(listed),
                {
                    "from": input_clock(row.start_minute),
                    "to": input_clock(row.end_minute),
                    "mode": row.mode,
                    "office": str(row.office_id or ""),
                    "slot": str(row.slot_minutes or ""),
                    "buffer": "" if row.buffer_after_minutes is None else str(row.buffer_after_minutes),
                    "maximum": str(row.maximum or ""),
                },
            )
        )
        parsed.active_days.add(row.day_of_week)
    parsed.rows = list(rows)
    return parsed


def differences(mine: Iterable[WeeklyHours], saved: Iterable[WeeklyHours]) -> list[tuple[str, str, str]]:
    """The days on which two sets of hours differ: the day, and what each says of it."""

    def by_day(rows: Iterable[WeeklyHours]) -> dict[int, str]:
        listed: dict[int, list[str]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.day_of_week, row.start_minute)):
            listed[row.day_of_week].append(
                f"{span(row.start_minute, row.end_minute)} ({_mode_name(row.mode)})"
            )
        return {day: ", ".join(texts) for day, texts in listed.items()}

    here, there, closed = by_day(mine), by_day(saved), _("closed")
    return [
        (day_name(day), here.get(day, closed), there.get(day, closed))
        for day in WEEK
        if here.get(day) != there.get(day)
    ]


def _mode_name(mode: str) -> str:
    return str(RangeMode(mode).label)
