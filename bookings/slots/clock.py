"""A doctor's wall clock and UTC.

One rule turns what a wall clock should show into an instant: **the first moment at which the clock
shows that time or a later one**. So an hour that a clock change skips has no length, an hour that
comes twice is counted from its first coming, ranges that meet on the clock meet in time, and each
day begins where the one before it ends, also where midnight is skipped or comes twice.

Days are proleptic ordinals (`date.toordinal()`): cheap to step through and to look up.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
DAY_MINUTES = 24 * 60
SECOND = timedelta(seconds=1)


@lru_cache(maxsize=4096)
def minutes(count: int) -> timedelta:
    """The timedelta of so many minutes; building one costs more than most sums done with it."""
    return timedelta(minutes=count)


def as_utc(value: datetime, name: str) -> datetime:
    """`value` in UTC; a ValueError that says `name` where it carries no zone."""
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise ValueError(f"{name} must be a datetime with a time zone, not {value!r}")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def instant(zone: ZoneInfo, day: int, time: timedelta) -> datetime:
    """The first moment, in UTC, at which the clock shows `time` (0 to 24 hours) of `day` or later."""
    wall = datetime.fromordinal(day) + time
    first = wall.replace(tzinfo=zone, fold=0).utcoffset()
    second = wall.replace(tzinfo=zone, fold=1).utcoffset()
    if first is None or second is None:  # a named zone always has an offset; this is for the type checker
        raise ValueError(f"{zone} gives no offset for {wall}")
    if first >= second:  # an ordinary time, or one that comes twice
        return (wall - first).replace(tzinfo=UTC)
    return _end_of_gap(zone, wall, wall - second, wall - first)


def _end_of_gap(zone: ZoneInfo, wall: datetime, low: datetime, high: datetime) -> datetime:
    """The change itself: the only jump between `low`, when `wall` is not yet reached, and `high`."""
    low, high, wall = low.replace(tzinfo=UTC), high.replace(tzinfo=UTC), wall.replace(tzinfo=UTC)
    while high - low > SECOND:
        middle = low + (high - low) // (2 * SECOND) * SECOND
        if middle.astimezone(zone).replace(tzinfo=UTC) >= wall:
            high = middle
        else:
            low = middle
    return high


@lru_cache(maxsize=16384)
def midnight(zone: ZoneInfo, day: int) -> datetime:
    """When `day` begins, in UTC."""
    return instant(zone, day, timedelta())


@lru_cache(maxsize=16384)
def even_midnight(zone: ZoneInfo, day: int) -> datetime | None:
    """When `day` begins, if its clock runs evenly, so that minutes may simply be added; else None."""
    start = midnight(zone, day)
    return start if midnight(zone, day + 1) - start == DAY else None


def day_at(zone: ZoneInfo, moment: datetime) -> int:
    """The day that `moment` belongs to.

    Where clocks go back across midnight, the repeated end of yesterday counts to the day that had
    already begun: a day never comes twice.
    """
    day = moment.astimezone(zone).toordinal()
    return day + 1 if moment >= midnight(zone, day + 1) else day
