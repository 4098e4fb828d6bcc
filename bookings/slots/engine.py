"""Which starts can be booked."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .clock import as_utc, day_at, even_midnight, instant, midnight, minutes
from .rules import LONGEST_HORIZON, Opening, SlotRules

Interval = tuple[datetime, datetime]
RESOLUTION = timedelta.resolution
FOREVER = datetime.max.replace(tzinfo=UTC)


class Occupied(NamedTuple):
    """Busy time in order: merged, with one interval at the end of time so that a walk always meets one.

    `began` is every interval's start before merging, for counting visits.
    """

    starts: list[datetime]
    ends: list[datetime]
    began: list[datetime]


Busy = Iterable[Interval] | Occupied
NOBODY = Occupied([FOREVER], [FOREVER], [])


class OpenRange(NamedTuple):
    """An opening on a certain day, in UTC."""

    opens: datetime
    closes: datetime
    opening: Opening


class OpenDay(NamedTuple):
    ranges: list[OpenRange]
    blocked: list[Interval]


def in_order(starts: list[datetime], ends: list[datetime]) -> Occupied:
    """Busy intervals that are known to be in UTC, in order and apart, as those of one calendar in the database are."""
    return Occupied([*starts, FOREVER], [*ends, FOREVER], starts)


def occupied(busy: Busy) -> Occupied:
    """Busy intervals, in any order and overlapping or not, made ready to walk along."""
    if isinstance(busy, Occupied):
        return busy
    starts: list[datetime] = []
    ends: list[datetime] = []
    is_in_order = True
    previous_end = None
    for start, end in busy:
        if start.tzinfo is not UTC or end.tzinfo is not UTC:
            start, end = as_utc(start, "busy start"), as_utc(end, "busy end")
        if end <= start:
            raise ValueError(f"a busy interval must end after its start, not {start} to {end}")
        if previous_end is not None and start < previous_end:
            is_in_order = False
        starts.append(start)
        ends.append(end)
        previous_end = end
    if is_in_order:
        return in_order(starts, ends)
    return _merged(sorted(zip(starts, ends, strict=True)))


def _merged(intervals: list[Interval]) -> Occupied:
    starts: list[datetime] = []
    ends: list[datetime] = []
    for start, end in intervals:
        if not ends or start > ends[-1]:
            starts.append(start)
            ends.append(end)
        elif end > ends[-1]:
            ends[-1] = end
    return Occupied([*starts, FOREVER], [*ends, FOREVER], [start for start, _ in intervals])


def open_day(rules: SlotRules, day: int) -> OpenDay:
    """The ranges of one day and the blocked time within it."""
    plan = rules.plan(day)
    base = even_midnight(rules.zone, day)

    def at(after_midnight: timedelta) -> datetime:
        return instant(rules.zone, day, after_midnight) if base is None else base + after_midnight

    return OpenDay(
        [OpenRange(at(opening.opens), at(opening.closes), opening) for opening in plan.openings],
        [(at(start), at(end)) for start, end in plan.blocked],
    )


def walk(
    opens: datetime, closes: datetime, opening: Opening, taken: Occupied, first: datetime, last: datetime
) -> list[datetime]:
    """The free starts of one range from `first` to `last`, both included, where nothing is blocked."""
    _, _, slot, step, before, reach, _ = opening
    start = opens
    if start < first:
        start -= (start - first) // step * step
    closes -= slot
    if closes < last:
        last = closes
    found: list[datetime] = []
    if start > last:
        return found
    busy_starts, busy_ends, _ = taken
    index = bisect_right(busy_ends, start - before)
    while True:
        # Free until the last start whose visit and buffer are over when the next busy time begins.
        free_until = busy_starts[index] - reach
        if free_until > last:
            free_until = last
        while start <= free_until:
            found.append(start)
            start += step
        resume = busy_ends[index]
        if resume > last:
            return found
        resume += before
        index += 1
        if start < resume:
            start += step  # most busy times hide one start: cheaper than dividing
            if start < resume:
                start -= (start - resume) // step * step


def starts_in(
    open_range: OpenRange, blocked: list[Interval], taken: Occupied, first: datetime, last: datetime
) -> list[datetime]:
    """`walk`, without the visits that a blocked part of the day touches; buffers may."""
    opens, closes, opening = open_range
    found = walk(opens, closes, opening, taken, first, last)
    slot = opening.slot
    for start, end in blocked:
        found = [each for each in found if each >= end or each + slot <= start]
    return found


def _count(taken: Occupied, since: datetime, until: datetime, before: timedelta) -> int:
    """How many visits begin in [since, until); a visit begins `before` after its busy period does."""
    began = taken.began
    return bisect_left(began, until - before) - bisect_left(began, since - before)


def day_is_full(rules: SlotRules, taken: Occupied, day: int) -> bool:
    if rules.maximum_per_day is None:
        return False
    since, until = midnight(rules.zone, day), midnight(rules.zone, day + 1)
    return _count(taken, since, until, rules.before) >= rules.maximum_per_day


def range_is_full(open_range: OpenRange, taken: Occupied) -> bool:
    opens, closes, opening = open_range
    if opening.maximum is None:
        return False
    return _count(taken, opens, closes, opening.before) >= opening.maximum


def _starts_of_day(
    rules: SlotRules, taken: Occupied, day: int, first: datetime, last: datetime
) -> list[datetime]:
    """The sorted free starts of any day from `first` to `last`, both included, its maximum left aside."""
    ranges, blocked = open_day(rules, day)
    found = [
        start
        for open_range in ranges
        if not range_is_full(open_range, taken)
        for start in starts_in(open_range, blocked, taken, first, last)
    ]
    return sorted(set(found))


def end_of_horizon(rules: SlotRules, now: datetime) -> datetime:
    """The first moment of the first day that is too far ahead."""
    ahead = LONGEST_HORIZON if rules.horizon_days is None else rules.horizon_days
    return midnight(rules.zone, day_at(rules.zone, now) + ahead + 1)


def days_of_starts(
    rules: SlotRules,
    busy: Busy,
    window_start: datetime,
    window_end: datetime,
    now: datetime,
) -> Iterator[list[datetime]]:
    """The free starts of the window, in sorted lists that follow each other."""
    window_start = as_utc(window_start, "window_start")
    window_end = as_utc(window_end, "window_end")
    now = as_utc(now, "now")
    if window_end < window_start:
        raise ValueError(f"window_end must not be before window_start, not {window_start} to {window_end}")
    taken = occupied(busy)
    first = max(window_start, now + minutes(rules.minimum_notice))
    last = min(window_end, end_of_horizon(rules, now)) - RESOLUTION
    if first > last:
        return
    zone, week, special = rules.zone, rules.week, rules.special
    limited = rules.maximum_per_day is not None
    for day in range(day_at(zone, first), day_at(zone, last) + 1):
        plan = special.get(day) or week[day % 7]
        if not plan.openings or (limited and day_is_full(rules, taken, day)):
            continue
        base = even_midnight(zone, day) if plan.is_plain else None
        if base is None:
            yield _starts_of_day(rules, taken, day, first, last)
            continue
        for opening in plan.openings:  # an ordinary day, as nearly all are
            yield walk(base + opening.opens, base + opening.closes, opening, taken, first, last)
