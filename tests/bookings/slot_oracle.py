"""A second answer to "which starts can be booked", slow and plain, that shares no code with the engine.

It walks through time one UTC minute after the other, asks the zone what the clock on the wall shows,
and remembers the furthest that this clock has got. A minute is working time when that reading lies
within the hours; a slot is so many working minutes in a row. Works on whole minutes of the doctor's
clock; busy times may have seconds.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 24 * 60
MARGIN = 2 * DAY


def minute_number(moment):
    """The UTC minute in which a moment lies."""
    return (moment - EPOCH) // MINUTE


def moment_of(number):
    return EPOCH + number * MINUTE


@cache
def readings(zone_name, first, last):
    """What the doctor's clock shows at most up to each UTC minute from `first` to `last`."""
    zone = ZoneInfo(zone_name)
    furthest = datetime(1, 1, 1)  # noqa: DTZ001  # a reading of a wall clock has no zone
    seen = {}
    for number in range(first - MARGIN, last + 1):
        shown = moment_of(number).astimezone(zone).replace(tzinfo=None)
        furthest = max(furthest, shown)
        if number >= first:
            seen[number] = furthest
    return seen


def date_at(zone_name, moment):
    """The date that the clock has got to at a moment."""
    number = minute_number(moment)
    first = number // DAY * DAY
    return readings(zone_name, first, first + DAY)[number].date()


@cache
def calendar(zone_name, first, last):
    """For each date of the doctor's clock its UTC minutes in order, each with the minute that it shows."""
    days = {}
    for number, reading in readings(zone_name, first, last).items():
        days.setdefault(reading.date(), []).append((number, reading.hour * 60 + reading.minute))
    return days


def calendar_around(zone_name, first, last):
    """A calendar that holds at least the minutes from `first` to `last` and the whole of their days."""
    return calendar(zone_name, first // DAY * DAY - MARGIN, last // DAY * DAY + DAY + MARGIN)


def pick(own, general):
    return general if own is None else own


def minutes_within(days, day, start_minute, end_minute):
    """The UTC minutes, in order, at which the clock has got into this part of this day."""
    return [number for number, shown in days.get(day, ()) if start_minute <= shown < end_minute]


def whole_day_if_none(exception):
    if exception.start_minute is None:
        return 0, 24 * 60
    return exception.start_minute, exception.end_minute


def hours_of(rules, day):
    """The ranges of one date (with their own settings) and its blocked parts."""
    exceptions = rules.exceptions.get(day, ())
    day_of_week = (day.weekday() + 1) % 7
    ranges = [
        (each.start_minute, each.end_minute, each) for each in rules.weekly if each.day_of_week == day_of_week
    ]
    if any(each.kind == "custom_hours" for each in exceptions):
        ranges = []
    for each in exceptions:
        if each.kind in ("custom_hours", "extra_hours"):
            ranges.append((*whole_day_if_none(each), each))
    blocked = [whole_day_if_none(each) for each in exceptions if each.kind == "blocked"]
    return ranges, blocked


def minutes_of_busy(busy):
    """Every UTC minute that is touched."""
    touched = set()
    for start, end in busy:
        number = minute_number(start)
        while moment_of(number) < end:
            touched.add(number)
            number += 1
    return touched


def slots_of_range(rules, own, working, blocked):
    """Each slot on the range's grid as (start, minutes of the visit, minutes with its buffers)."""
    slot = pick(own.slot_minutes, rules.slot_minutes)
    step = pick(own.step_minutes, pick(rules.step_minutes, slot))
    before = pick(own.buffer_before_minutes, rules.buffer_before_minutes)
    after = pick(own.buffer_after_minutes, rules.buffer_after_minutes)
    for position in range(0, len(working), step):
        visit = working[position : position + slot]
        if len(visit) == slot and not blocked.intersection(visit):
            yield visit[0], visit, range(visit[0] - before, visit[-1] + 1 + after)


def offered(rules, first, last):
    """(day, own settings, working minutes, slots) for each range of the days around first … last."""
    days = calendar_around(str(rules.time_zone), first, last)
    for day in days:
        ranges, blocked_parts = hours_of(rules, day)
        blocked = {number for part in blocked_parts for number in minutes_within(days, day, *part)}
        for start_minute, end_minute, own in ranges:
            working = minutes_within(days, day, start_minute, end_minute)
            yield day, own, working, list(slots_of_range(rules, own, working, blocked))


def day_is_full(rules, busy, day):
    if rules.maximum_per_day is None:
        return False
    visits = [start + rules.buffer_before_minutes * MINUTE for start, _ in busy]
    return sum(date_at(str(rules.time_zone), visit) == day for visit in visits) >= rules.maximum_per_day


def range_is_full(rules, busy, own, working):
    if own.maximum is None:
        return False
    before = pick(own.buffer_before_minutes, rules.buffer_before_minutes)
    return sum(minute_number(start + before * MINUTE) in working for start, _ in busy) >= own.maximum


def too_far(rules, day, today):
    return rules.horizon_days is not None and (day - today).days > rules.horizon_days


def free_starts(rules, busy, *, window_start, window_end, now):
    touched = minutes_of_busy(busy)
    today = date_at(str(rules.time_zone), now)
    soonest = now + rules.minimum_notice * MINUTE
    found = set()
    for day, own, working, slots in offered(rules, minute_number(window_start), minute_number(window_end)):
        closed = too_far(rules, day, today) or day_is_full(rules, busy, day)
        if closed or range_is_full(rules, busy, own, working):
            continue
        for start, _, occupied in slots:
            moment = moment_of(start)
            asked_for = window_start <= moment < window_end and moment >= soonest
            if asked_for and not touched.intersection(occupied):
                found.add(moment)
    return sorted(found)


def offered_minutes(rules, *, window_start, window_end):
    first, last = minute_number(window_start), minute_number(window_end)
    covered = set()
    for _, _, _, slots in offered(rules, first, last):
        for _, visit, _ in slots:
            covered.update(visit)
    return sum(first <= number < last for number in covered)


def working_minutes(rules, day):
    """The UTC minutes that are worked on a date: hours, exceptions, nothing else."""
    number = minute_number(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    days = calendar_around(str(rules.time_zone), number, number)
    ranges, blocked_parts = hours_of(rules, day)
    working = set()
    for start_minute, end_minute, _ in ranges:
        working.update(minutes_within(days, day, start_minute, end_minute))
    for part in blocked_parts:
        working.difference_update(minutes_within(days, day, *part))
    return working
