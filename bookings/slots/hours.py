"""Working hours as intervals of time, for calendars, figures and for loading busy time."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from .clock import as_utc, day_at, midnight
from .engine import NOBODY, RESOLUTION, Interval, open_day, starts_in
from .rules import SlotRules

MINUTE = timedelta(minutes=1)


def _union(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _without(intervals: list[Interval], hole: Interval) -> list[Interval]:
    pieces = []
    for start, end in intervals:
        pieces += [(start, min(end, hole[0])), (max(start, hole[1]), end)]
    return [(start, end) for start, end in pieces if start < end]


def day_ranges(rules: SlotRules, day: date) -> list[Interval]:
    """The working time of one date in UTC, sorted and apart: hours and exceptions, nothing else."""
    ranges, blocked = open_day(rules, day.toordinal())
    working = _union((each.opens, each.closes) for each in ranges)
    for hole in blocked:
        working = _without(working, hole)
    return working


def offered_minutes(rules: SlotRules, *, window_start: datetime, window_end: datetime) -> int:
    """How many minutes of the window are covered by slots, were nothing booked.

    Notice, horizon and maximum play no part: it is what the doctor's time could hold, the
    denominator of utilisation. Time that belongs to several slots counts once; what is left at the
    end of a range because no whole slot fits does not count.
    """
    window_start = as_utc(window_start, "window_start")
    window_end = as_utc(window_end, "window_end")
    if window_end < window_start:
        raise ValueError(f"window_end must not be before window_start, not {window_start} to {window_end}")
    if window_end == window_start:
        return 0
    total = timedelta()
    days = range(day_at(rules.zone, window_start), day_at(rules.zone, window_end - RESOLUTION) + 1)
    for day in days:
        ranges, blocked = open_day(rules, day)
        visits = _union(
            (start, start + each.opening.slot)
            for each in ranges
            for start in starts_in(each, blocked, NOBODY, each.opens, each.closes)
        )
        for start, end in visits:
            total += max(min(end, window_end) - max(start, window_start), timedelta())
    return total // MINUTE


def busy_window(rules: SlotRules, *, window_start: datetime, window_end: datetime) -> Interval:
    """The UTC span whose busy periods decide the starts of a window: load all that overlap it.

    Whole days of the doctor's calendar, because of the maximum per day, and the buffers around.
    """
    window_start = as_utc(window_start, "window_start")
    window_end = max(as_utc(window_end, "window_end"), window_start)
    openings = [each for plan in (*rules.week, *rules.special.values()) for each in plan.openings]
    before = max((each.before for each in openings), default=timedelta())
    after = max((each.reach - each.slot for each in openings), default=timedelta())
    first_day, last_day = day_at(rules.zone, window_start), day_at(rules.zone, window_end)
    return midnight(rules.zone, first_day) - before, midnight(rules.zone, last_day + 1) + after
