"""A day or a week as columns of time: events that overlap share the width, closed hours are hatched.

Places are minutes of the doctor's wall clock (0 to 1440), rounded to the five-minute steps of the
stylesheet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

STEP = 5
MOST_LANES = 6


def _stepped(minutes: int) -> int:
    return round(minutes / STEP) * STEP


@dataclass(frozen=True)
class Event:
    """One visit. ``state`` is "", "done", "noshow" or "held"; ``tint`` 1 to 6."""

    start: int
    minutes: int
    title: str
    detail: str = ""
    url: str = ""
    tint: int = 1
    state: str = ""
    lane: str = ""

    @property
    def hour(self) -> int:
        return _stepped(self.start) // 60

    @property
    def minute(self) -> int:
        return _stepped(self.start) % 60

    @property
    def length(self) -> int:
        return max(_stepped(min(self.minutes, 1440 - self.start)), STEP * 3)


@dataclass(frozen=True)
class Closed:
    """Time that is not offered."""

    start: int
    minutes: int
    label: str = ""

    hour = Event.hour
    minute = Event.minute

    @property
    def length(self) -> int:
        steps = STEP if self.minutes <= 720 else 15
        return max(round(self.minutes / steps) * steps, STEP)


@dataclass(frozen=True)
class Column:
    """One day. ``now`` is the minute of the red line, where it is today."""

    events: Sequence[Event]
    closed: Sequence[Closed] = field(default_factory=tuple)
    heading: str = ""
    number: str = ""
    today: bool = False
    now: int | None = None

    @property
    def now_hour(self) -> int:
        return _stepped(self.now or 0) // 60

    @property
    def now_minute(self) -> int:
        return _stepped(self.now or 0) % 60


@dataclass(frozen=True)
class TimeGrid:
    columns: Sequence[Column]
    first_hour: int
    last_hour: int

    @property
    def hours(self) -> range:
        return range(self.first_hour, self.last_hour)

    @property
    def has_headings(self) -> bool:
        return any(column.heading for column in self.columns)


def _clusters(events: Iterable[Event]) -> Iterable[list[Event]]:
    """Runs of events that touch one another, directly or through a third."""
    run: list[Event] = []
    end = -1
    for event in sorted(events, key=lambda event: (event.start, -event.minutes)):
        if run and event.start >= end:
            yield run
            run = []
        run.append(event)
        end = max(end, event.start + event.minutes) if len(run) > 1 else event.start + event.minutes
    if run:
        yield run


def in_lanes(events: Iterable[Event]) -> list[Event]:
    """The events with the lane each takes ("2/3"), earliest first; lone events keep the whole width."""
    placed = []
    for run in _clusters(events):
        free_at: list[int] = []
        lanes = []
        for event in run:
            open_lane = next((i for i, free in enumerate(free_at) if free <= event.start), None)
            if open_lane is None:
                free_at.append(0)
                open_lane = len(free_at) - 1
            free_at[open_lane] = event.start + event.minutes
            lanes.append(open_lane)
        count = min(len(free_at), MOST_LANES)
        placed += [
            replace(event, lane=f"{min(lane, count - 1) + 1}/{count}" if count > 1 else "")
            for event, lane in zip(run, lanes, strict=True)
        ]
    return placed


def time_grid(columns: Sequence[Column], *, first_hour: int = 8, last_hour: int = 18) -> TimeGrid:
    """A grid that shows at least the given hours, and whatever lies outside of them."""
    starts = [event.start for column in columns for event in column.events]
    ends = [event.start + event.minutes for column in columns for event in column.events]
    first = min([first_hour, *(start // 60 for start in starts)])
    last = max([last_hour, *(-(-end // 60) for end in ends)])
    first, last = max(first, 0), min(last, 24)
    arranged = [
        replace(column, events=in_lanes(column.events), now=_within(column.now, first, last))
        for column in columns
    ]
    return TimeGrid(arranged, first, last)


def _within(minute: int | None, first_hour: int, last_hour: int) -> int | None:
    """The minute, if the grid has a place for it."""
    return minute if minute is not None and first_hour * 60 <= minute < last_hour * 60 else None
