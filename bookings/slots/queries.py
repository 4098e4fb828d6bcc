"""What the rest of the product asks of the engine."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from .clock import as_utc, day_at, minutes
from .engine import (
    NOBODY,
    Busy,
    OpenRange,
    day_is_full,
    days_of_starts,
    end_of_horizon,
    occupied,
    open_day,
    range_is_full,
    starts_in,
)
from .rules import SlotRules


def free_starts(
    rules: SlotRules,
    busy: Busy,
    *,
    window_start: datetime,
    window_end: datetime,
    now: datetime,
) -> list[datetime]:
    """The sorted UTC starts in [window_start, window_end) that can be booked.

    `busy` holds (start, end) of occupied periods, buffers included, in any order; those beyond the
    window do no harm, and `busy_window` says which ones are needed. `in_order` spares the sorting where it is done.
    """
    return list(chain.from_iterable(days_of_starts(rules, busy, window_start, window_end, now)))


def first_free_start(
    rules: SlotRules,
    busy: Busy,
    *,
    window_start: datetime,
    window_end: datetime,
    now: datetime,
) -> datetime | None:
    """The soonest of `free_starts`, without computing the days after it."""
    days = days_of_starts(rules, busy, window_start, window_end, now)
    return next(chain.from_iterable(days), None)


def nearest_free_starts(starts: Sequence[datetime], wanted: datetime, count: int) -> list[datetime]:
    """The `count` of the sorted `starts` that lie nearest to `wanted`, in order of time.

    Of two that are equally near the earlier one is nearer.
    """
    high = bisect_left(starts, wanted)
    low = high
    while high - low < count and (low > 0 or high < len(starts)):
        if high == len(starts) or (low > 0 and wanted - starts[low - 1] <= starts[high] - wanted):
            low -= 1
        else:
            high += 1
    return list(starts[low:high])


class Slot(NamedTuple):
    """A visit that can be booked and the period that it occupies, buffers included; all in UTC."""

    start: datetime
    end: datetime
    occupied_from: datetime
    occupied_until: datetime


class Refusal(StrEnum):
    """Why a start cannot be booked."""

    PAST = "past"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    NOT_OFFERED = "not_offered"
    TAKEN = "taken"
    FULL = "full"


def slot_at(rules: SlotRules, busy: Busy, start: datetime, *, now: datetime) -> Slot | None:
    """The slot that begins at `start` if it can be booked: just then `free_starts` gives it too.

    Where overlapping hours offer several lengths, the longest that is free.
    """
    answer = _answer(rules, busy, start, now)
    return answer if isinstance(answer, Slot) else None


def refusal(rules: SlotRules, busy: Busy, start: datetime, *, now: datetime) -> Refusal | None:
    """Why `start` cannot be booked; None if it can."""
    answer = _answer(rules, busy, start, now)
    return answer if isinstance(answer, Refusal) else None


def _answer(rules: SlotRules, busy: Busy, start: datetime, now: datetime) -> Slot | Refusal:
    start, now, taken = as_utc(start, "start"), as_utc(now, "now"), occupied(busy)
    if start < now:
        return Refusal.PAST
    if start < now + minutes(rules.minimum_notice):
        return Refusal.TOO_SOON
    if start >= end_of_horizon(rules, now):
        return Refusal.TOO_FAR
    day = day_at(rules.zone, start)
    ranges, blocked = open_day(rules, day)
    offered = [each for each in ranges if starts_in(each, blocked, NOBODY, start, start)]
    if not offered:
        return Refusal.NOT_OFFERED
    free = [each for each in offered if starts_in(each, blocked, taken, start, start)]
    if not free:
        return Refusal.TAKEN
    open_to_more = [each for each in free if not range_is_full(each, taken)]
    if not open_to_more or day_is_full(rules, taken, day):
        return Refusal.FULL
    return _slot(start, max(open_to_more, key=_length))


def _length(open_range: OpenRange) -> timedelta:
    return open_range.opening.slot


def _slot(start: datetime, open_range: OpenRange) -> Slot:
    opening = open_range.opening
    return Slot(start, start + opening.slot, start - opening.before, start + opening.reach)
