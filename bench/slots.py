"""Slots of one doctor for 30 days, beside a bare loop that does only the arithmetic.

`python -m bench.slots [file.json]`
"""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from bench.harness import Row, run
from bookings.slots import DayException, SlotRules, WeeklyRange, clock, free_starts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST = date(2026, 3, 2)
WINDOW_START = datetime(2026, 3, 2, tzinfo=UTC)
WINDOW_END = WINDOW_START + timedelta(days=30)
HALF_HOUR = timedelta(minutes=30)
ZONES = ("America/Bogota", "America/New_York")  # the second changes its clocks within the window


def rules(zone: str) -> SlotRules:
    return SlotRules(
        time_zone=zone,
        slot_minutes=30,
        weekly=tuple(WeeklyRange(day, 9 * 60, 17 * 60) for day in range(1, 6)),
        horizon_days=60,
    )


def bare_starts(
    busy: Iterable[tuple[datetime, datetime]], first: date, days: int, offset: timedelta, now: datetime
) -> list[datetime]:
    """The same days, slots and overlap test for sorted busy time, and nothing else.

    No zone (one fixed offset), buffer, exception, maximum, validation or disorder.
    """
    ordered = list(busy)
    ordered.append((datetime.max.replace(tzinfo=UTC),) * 2)
    index = 0
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        if day.weekday() > 4:
            continue
        start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) - offset
        closes = start + timedelta(hours=8)
        while (end := start + HALF_HOUR) <= closes:
            while ordered[index][1] <= start:
                index += 1
            if ordered[index][0] >= end and start >= now:
                found.append(start)
            start = end
    return found


def naive_starts(
    busy: Iterable[tuple[datetime, datetime]], first: date, days: int, offset: timedelta, now: datetime
) -> list[datetime]:
    """The bare loop as one would first write it: each slot against the busy times of its day."""
    by_day: dict[date, list[tuple[datetime, datetime]]] = {}
    for start, end in busy:
        by_day.setdefault((start + offset).date(), []).append((start, end))
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        if day.weekday() > 4:
            continue
        taken = by_day.get(day, [])
        start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) - offset
        closes = start + timedelta(hours=8)
        while (end := start + HALF_HOUR) <= closes:
            if start >= now and not any(since < end and start < until for since, until in taken):
                found.append(start)
            start = end
    return found


def busy_practice(zone: str) -> SlotRules:
    """Two ranges a day, buffers, notice, maximum and exceptions: nearly all that the engine knows."""
    return SlotRules(
        time_zone=zone,
        slot_minutes=30,
        weekly=tuple(
            WeeklyRange(day, start * 60, end * 60)
            for day in range(1, 6)
            for start, end in ((9, 13), (13, 17))
        ),
        exceptions={
            date(2026, 3, 10): (DayException("blocked", 600, 720),),
            date(2026, 3, 17): (DayException("custom_hours", 840, 1200),),
            date(2026, 3, 21): (DayException("extra_hours", 540, 720),),
        },
        buffer_before_minutes=5,
        buffer_after_minutes=5,
        minimum_notice=120,
        horizon_days=60,
        maximum_per_day=12,
    )


def bookings(zone: str) -> list[tuple[datetime, datetime]]:
    """120 of the window's slots, in order of time."""
    starts = free_starts(rules(zone), (), window_start=WINDOW_START, window_end=WINDOW_END, now=NOW)
    chosen = sorted(Random(20260302).sample(starts, 120))
    return [(start, start + HALF_HOUR) for start in chosen]


def sides(zone: str) -> dict[str, Callable[[], list[datetime]]]:
    busy, offset = bookings(zone), timedelta(hours=-5)
    shuffled = Random(1).sample(busy, len(busy))
    ordinary, everything = rules(zone), busy_practice(zone)

    def starts(given: SlotRules, taken: list[tuple[datetime, datetime]]) -> list[datetime]:
        return free_starts(given, taken, window_start=WINDOW_START, window_end=WINDOW_END, now=NOW)

    def from_nothing() -> list[datetime]:
        """New rules, unsorted busy time and nothing remembered of the zone's days."""
        clock.midnight.cache_clear()
        clock.even_midnight.cache_clear()
        return starts(rules(zone), shuffled)

    return {
        "engine": lambda: starts(ordinary, busy),
        "engine, cold": from_nothing,
        "engine, every rule": lambda: starts(everything, busy),
        "bare loop": lambda: bare_starts(busy, FIRST, 30, offset, NOW),
        "plain loop": lambda: naive_starts(busy, FIRST, 30, offset, NOW),
    }


def rows() -> list[Row]:
    made = {zone: sides(zone) for zone in ZONES}
    for side in ("engine, cold", "bare loop", "plain loop"):  # where no clock changes, all must agree
        if made[ZONES[0]][side]() != made[ZONES[0]]["engine"]():
            raise AssertionError(f"{side} does not give the engine's starts")
    return [
        Row(f"slots of 30 days, {zone}", calls, "engine", "bare loop", limit=1.5)
        for zone, calls in made.items()
    ]


if __name__ == "__main__":
    results = run(rows(), json_path=Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    sys.exit(not all(result.passed for result in results))
