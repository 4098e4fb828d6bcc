"""What a doctor offers: weekly hours, exceptions by date, and the rules of booking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .clock import DAY_MINUTES, minutes

BLOCKED, CUSTOM_HOURS, EXTRA_HOURS = "blocked", "custom_hours", "extra_hours"
LONGEST_HORIZON = 3660
OWN_LIMITS = (
    ("slot_minutes", 1, DAY_MINUTES),
    ("step_minutes", 1, DAY_MINUTES),
    ("buffer_before_minutes", 0, DAY_MINUTES),
    ("buffer_after_minutes", 0, DAY_MINUTES),
    ("maximum", 1, None),
)


def _check(name: str, value: object, low: int, high: int | None) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    if value < low or (high is not None and value > high):
        bounds = f"at least {low}" if high is None else f"between {low} and {high}"
        raise ValueError(f"{name} must be {bounds}, not {value}")


def _check_span(start_minute: object, end_minute: object) -> None:
    _check("start_minute", start_minute, 0, DAY_MINUTES - 1)
    _check("end_minute", end_minute, 1, DAY_MINUTES)
    if end_minute <= start_minute:  # type: ignore[operator]  # both were just found to be integers
        raise ValueError(f"end_minute must be after start_minute, not {start_minute} to {end_minute}")


@dataclass(frozen=True, kw_only=True)
class OwnSettings:
    """What a range may set for itself; None takes the doctor's rule.

    A step that is given nowhere is the length of the slot. `maximum` limits the visits that start
    within the range, beside the day's own limit.
    """

    slot_minutes: int | None = None
    step_minutes: int | None = None
    buffer_before_minutes: int | None = None
    buffer_after_minutes: int | None = None
    maximum: int | None = None

    def __post_init__(self) -> None:
        for name, low, high in OWN_LIMITS:
            value = getattr(self, name)
            if value is not None:
                _check(name, value, low, high)


@dataclass(frozen=True)
class WeeklyRange(OwnSettings):
    """Working hours on one day of the week (0 = Sunday), in minutes of that day (1440 = 24:00)."""

    day_of_week: int
    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("day_of_week", self.day_of_week, 0, 6)
        _check_span(self.start_minute, self.end_minute)


@dataclass(frozen=True)
class DayException(OwnSettings):
    """What is different on one date: time `blocked`, `custom_hours` instead, or `extra_hours` besides.

    Without minutes it means the whole day.
    """

    kind: str
    start_minute: int | None = None
    end_minute: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in (BLOCKED, CUSTOM_HOURS, EXTRA_HOURS):
            raise ValueError(f"kind must be blocked, custom_hours or extra_hours, not {self.kind!r}")
        if (self.start_minute is None) != (self.end_minute is None):
            raise ValueError("start_minute and end_minute must be given together, or neither")
        if self.start_minute is not None:
            _check_span(self.start_minute, self.end_minute)

    @property
    def span(self) -> tuple[int, int]:
        if self.start_minute is None or self.end_minute is None:
            return 0, DAY_MINUTES
        return self.start_minute, self.end_minute


class Opening(NamedTuple):
    """A range of hours as clock times, every setting resolved; `reach` is the visit and the buffer after."""

    opens: timedelta
    closes: timedelta
    slot: timedelta
    step: timedelta
    before: timedelta
    reach: timedelta
    maximum: int | None


class DayPlan(NamedTuple):
    """The hours of a day, in order of their start, and the parts of it that are blocked.

    `is_plain`: the ranges lie apart, none has a maximum, and nothing is blocked.
    """

    openings: tuple[Opening, ...]
    blocked: tuple[tuple[timedelta, timedelta], ...]
    is_plain: bool


def _day_plan(openings: list[Opening], blocked: list[tuple[int, int]]) -> DayPlan:
    ordered = tuple(sorted(openings, key=_opens))
    lie_apart = all(one.closes <= other.opens for one, other in pairwise(ordered))
    unlimited = all(opening.maximum is None for opening in ordered)
    spans = tuple((minutes(start), minutes(end)) for start, end in blocked)
    return DayPlan(ordered, spans, lie_apart and unlimited and not spans)


def _opens(opening: Opening) -> timedelta:
    return opening.opens


@dataclass(frozen=True, kw_only=True)
class SlotRules:
    """Everything that decides when a doctor can be booked, apart from what is booked already.

    `step_minutes` is the grid (None: one slot after the other). `minimum_notice` is in minutes.
    `horizon_days` counts from today in the doctor's zone, today being 0 (None: ten years).
    `maximum_per_day` is the number of visits that may start on one day of the doctor's calendar.
    """

    time_zone: str | ZoneInfo
    slot_minutes: int
    weekly: tuple[WeeklyRange, ...] = ()
    exceptions: Mapping[date, tuple[DayException, ...]] = field(default_factory=dict)
    step_minutes: int | None = None
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    minimum_notice: int = 0
    horizon_days: int | None = None
    maximum_per_day: int | None = None

    def __post_init__(self) -> None:
        _check("slot_minutes", self.slot_minutes, 1, DAY_MINUTES)
        _check("buffer_before_minutes", self.buffer_before_minutes, 0, DAY_MINUTES)
        _check("buffer_after_minutes", self.buffer_after_minutes, 0, DAY_MINUTES)
        if self.step_minutes is not None:
            _check("step_minutes", self.step_minutes, 1, DAY_MINUTES)
        _check("minimum_notice", self.minimum_notice, 0, LONGEST_HORIZON * DAY_MINUTES)
        if self.horizon_days is not None:
            _check("horizon_days", self.horizon_days, 0, LONGEST_HORIZON)
        if self.maximum_per_day is not None:
            _check("maximum_per_day", self.maximum_per_day, 1, None)
        for day in self.exceptions:
            if not isinstance(day, date) or isinstance(day, datetime):
                raise ValueError(f"exceptions must be keyed by date, not {day!r}")
        _ = self.zone  # an unknown zone fails here, not at the first question

    @cached_property
    def zone(self) -> ZoneInfo:
        if isinstance(self.time_zone, ZoneInfo):
            return self.time_zone
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, OSError, TypeError) as error:
            raise ValueError(f"time_zone must be an IANA zone, not {self.time_zone!r}") from error

    @cached_property
    def before(self) -> timedelta:
        return minutes(self.buffer_before_minutes)

    @cached_property
    def week(self) -> tuple[DayPlan, ...]:
        """The ordinary plan of each day of the week."""
        days: list[list[Opening]] = [[] for _ in range(7)]
        for hours in self.weekly:
            days[hours.day_of_week].append(self._opening(hours, hours.start_minute, hours.end_minute))
        return tuple(_day_plan(openings, []) for openings in days)

    @cached_property
    def special(self) -> dict[int, DayPlan]:
        """The plan of each day that has an exception, by ordinal."""
        return {day.toordinal(): self._special(day, listed) for day, listed in self.exceptions.items()}

    def _special(self, day: date, listed: tuple[DayException, ...]) -> DayPlan:
        kinds: dict[str, list[DayException]] = {BLOCKED: [], CUSTOM_HOURS: [], EXTRA_HOURS: []}
        for exception in listed:
            kinds[exception.kind].append(exception)
        openings = [self._opening(each, *each.span) for each in kinds[CUSTOM_HOURS] + kinds[EXTRA_HOURS]]
        if not kinds[CUSTOM_HOURS]:
            openings += self.week[day.toordinal() % 7].openings
        return _day_plan(openings, [each.span for each in kinds[BLOCKED]])

    def _opening(self, own: OwnSettings, start_minute: int, end_minute: int) -> Opening:
        slot = _first(own.slot_minutes, self.slot_minutes)
        after = _first(own.buffer_after_minutes, self.buffer_after_minutes)
        return Opening(
            opens=minutes(start_minute),
            closes=minutes(end_minute),
            slot=minutes(slot),
            step=minutes(_first(own.step_minutes, _first(self.step_minutes, slot))),
            before=minutes(_first(own.buffer_before_minutes, self.buffer_before_minutes)),
            reach=minutes(slot + after),
            maximum=own.maximum,
        )

    def plan(self, day: int) -> DayPlan:
        """The hours and blocked parts of one day, given as ordinal."""
        return self.special.get(day) or self.week[day % 7]


def _first(own: int | None, default: int) -> int:
    return default if own is None else own
