"""The rules of booking by named example; what the oracle holds for every case is said here for one."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bookings.slots import (
    DayException,
    Refusal,
    SlotRules,
    WeeklyRange,
    busy_window,
    day_ranges,
    first_free_start,
    free_starts,
    nearest_free_starts,
    offered_minutes,
    refusal,
    slot_at,
)

MONDAY = date(2026, 3, 2)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERY_DAY = range(7)


def clock(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def daily(start, end, **own):
    return tuple(WeeklyRange(day, clock(start), clock(end), **own) for day in EVERY_DAY)


def blocked(start, end):
    return DayException("blocked", clock(start), clock(end))


def rules(zone="UTC", weekly=None, **changes):
    """Nine to twelve every day in half hours, unless told otherwise."""
    settings = {"time_zone": zone, "slot_minutes": 30, "weekly": weekly or daily("9:00", "12:00")}
    return SlotRules(**{**settings, **changes})


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on(day, given, busy=(), *, now=LONG_AGO):
    """The starts of one day of the doctor's calendar as the doctor's clock shows them."""
    zone = ZoneInfo(str(given.time_zone))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
    span = timedelta(hours=40)
    starts = free_starts(given, busy, window_start=noon - span, window_end=noon + span, now=now)
    local = [start.astimezone(zone) for start in starts]
    return [start.strftime("%H:%M") for start in local if start.date() == day]


def taken(*times, day=MONDAY):
    """Busy intervals of one UTC day, written "9:00-9:30"."""
    found = []
    for span in times:
        start, end = (clock(part) for part in span.split("-"))
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        found.append((midnight + start * MINUTE, midnight + end * MINUTE))
    return found


# Clocks that change


def test_london_loses_an_hour_and_two_slots():
    given = rules("Europe/London", daily("0:00", "4:00"))
    day = date(2026, 3, 29)
    assert on(day, given) == ["00:00", "00:30", "02:00", "02:30", "03:00", "03:30"]


def test_london_gains_an_hour_and_two_slots():
    given = rules("Europe/London", daily("0:00", "4:00"))
    assert on(date(2026, 10, 25), given) == [
        *("00:00", "00:30", "01:00", "01:30"),
        *("01:00", "01:30", "02:00", "02:30", "03:00", "03:30"),
    ]


def test_every_result_is_distinct_utc_and_half_an_hour_apart():
    given = rules("Europe/London", daily("0:00", "4:00"))
    starts = free_starts(
        given, (), window_start=utc("2026-10-24T12:00"), window_end=utc("2026-10-25T12:00"), now=LONG_AGO
    )
    assert starts == [utc("2026-10-24T23:00") + number * 30 * MINUTE for number in range(10)]
    assert all(start.tzinfo is UTC for start in starts)


def test_hours_that_begin_in_the_skipped_hour_begin_when_it_is_over():
    given = rules("America/New_York", daily("2:30", "5:00"))
    assert on(date(2026, 3, 8), given) == ["03:00", "03:30", "04:00", "04:30"]


def test_hours_that_end_in_the_skipped_hour_end_when_it_begins():
    given = rules("America/New_York", daily("0:30", "2:30"))
    assert on(date(2026, 3, 8), given) == ["00:30", "01:00", "01:30"]


def test_hours_within_the_skipped_hour_have_no_slots():
    given = rules("America/New_York", daily("2:00", "3:00"))
    assert on(date(2026, 3, 8), given) == []


def test_hours_that_begin_in_the_repeated_hour_begin_at_its_first_coming():
    given = rules("America/New_York", daily("1:30", "3:00"))
    assert on(date(2026, 11, 1), given) == ["01:30", "01:00", "01:30", "02:00", "02:30"]


def test_hours_that_end_in_the_repeated_hour_end_at_its_first_coming():
    given = rules("America/New_York", daily("0:30", "1:30"))
    assert on(date(2026, 11, 1), given) == ["00:30", "01:00"]


def test_hours_that_meet_in_the_skipped_or_repeated_hour_do_not_overlap():
    weekly = daily("0:00", "1:30") + daily("1:30", "4:00")
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        working = day_ranges(rules("Europe/London", weekly), day)
        assert len(working) == 1
        assert working == day_ranges(rules("Europe/London", daily("0:00", "4:00")), day)


def test_working_hours_after_the_change_keep_to_the_clock():
    given = rules("Europe/Madrid", daily("9:00", "10:00"))
    assert on(date(2026, 3, 28), given) == on(date(2026, 3, 29), given) == ["09:00", "09:30"]
    assert day_ranges(given, date(2026, 3, 28))[0][0] == utc("2026-03-28T08:00")
    assert day_ranges(given, date(2026, 3, 29))[0][0] == utc("2026-03-29T07:00")


def test_a_long_slot_spans_the_change_in_elapsed_time():
    given = rules("Pacific/Auckland", daily("1:00", "5:00"), slot_minutes=90)
    assert on(date(2026, 9, 27), given) == ["01:00", "03:30"]  # 01:00 NZST + 90 minutes is 03:30 NZDT
    assert on(date(2026, 4, 5), given) == ["01:00", "02:30", "03:00"]  # 02:30 NZDT + 90 minutes is 03:00 NZST


def test_lord_howe_moves_by_half_an_hour():
    given = rules("Australia/Lord_Howe", daily("1:00", "4:00"))
    assert on(date(2026, 10, 4), given) == ["01:00", "01:30", "02:30", "03:00", "03:30"]
    assert on(date(2026, 4, 5), given) == ["01:00", "01:30", "01:30", "02:00", "02:30", "03:00", "03:30"]


def test_santiago_has_a_day_without_midnight():
    given = rules("America/Santiago", daily("0:00", "3:00"))
    assert on(date(2026, 9, 6), given) == ["01:00", "01:30", "02:00", "02:30"]
    assert on(date(2026, 9, 5), rules("America/Santiago", daily("23:00", "24:00"))) == ["23:00", "23:30"]


def test_santiago_has_a_last_hour_twice():
    given = rules("America/Santiago", daily("22:30", "24:00"))
    assert on(date(2026, 4, 4), given) == ["22:30", "23:00", "23:30", "23:00", "23:30"]


def test_st_johns_once_went_back_across_midnight():
    given = rules("America/St_Johns", daily("0:00", "24:00"), slot_minutes=60)
    before, day = (day_ranges(given, date(2010, 11, number))[0] for number in (6, 7))
    assert before[1] == day[0] == utc("2010-11-07T02:30")
    assert day[1] - day[0] == timedelta(hours=25)


def test_where_yesterday_comes_twice_its_second_end_belongs_to_today():
    given = rules("America/St_Johns", daily("0:00", "24:00"), horizon_days=0)
    repeated = utc("2010-11-07T03:00")  # 23:30 on 6 November, for the second time
    assert repeated.astimezone(ZoneInfo("America/St_Johns")).date() == date(2010, 11, 6)
    asked = {"window_start": repeated, "now": repeated}
    starts = free_starts(given, (), window_end=repeated + timedelta(days=3), **asked)
    assert starts[0] == repeated
    assert starts[-1] == utc("2010-11-08T03:00")  # 23:30 on 7 November
    assert free_starts(given, (), window_end=repeated + 20 * MINUTE, **asked) == [repeated]


def test_a_date_that_never_was_has_no_hours():
    given = rules("Pacific/Apia", daily("0:00", "24:00"))
    assert day_ranges(given, date(2011, 12, 30)) == []
    assert day_ranges(given, date(2011, 12, 29))[0][1] == day_ranges(given, date(2011, 12, 31))[0][0]


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        ("Asia/Kathmandu", "2026-03-02T03:15"),
        ("America/St_Johns", "2026-03-02T12:30"),
        ("Australia/Lord_Howe", "2026-03-01T22:00"),
        ("America/Bogota", "2026-03-02T14:00"),
    ],
)
def test_zones_off_the_hour(zone, opens):
    assert day_ranges(rules(zone), MONDAY)[0][0] == utc(opens)


def test_midnight_at_the_end_of_the_day_can_be_worked_to():
    assert on(MONDAY, rules(weekly=daily("23:00", "24:00"))) == ["23:00", "23:30"]


def test_sunday_is_day_zero():
    given = rules(weekly=(WeeklyRange(0, 540, 600), WeeklyRange(6, 600, 660)))
    assert on(date(2026, 3, 1), given) == ["09:00", "09:30"]
    assert on(date(2026, 3, 7), given) == ["10:00", "10:30"]
    assert on(MONDAY, given) == []


# The grid


def test_a_slot_must_fit_before_closing():
    assert on(MONDAY, rules(weekly=daily("9:00", "11:45"), slot_minutes=50)) == ["09:00", "09:50", "10:40"]


def test_steps_may_be_shorter_or_longer_than_the_slot():
    given = rules(weekly=daily("9:00", "10:00"), step_minutes=15)
    assert on(MONDAY, given) == ["09:00", "09:15", "09:30"]
    assert on(MONDAY, rules(step_minutes=60)) == ["09:00", "10:00", "11:00"]


def test_the_grid_begins_with_the_hours_whatever_is_booked_or_asked():
    given = rules(weekly=daily("9:10", "11:10"))
    assert on(MONDAY, given, taken("9:10-9:20")) == ["09:40", "10:10", "10:40"]
    starts = free_starts(
        given, (), window_start=utc("2026-03-02T09:41"), window_end=utc("2026-03-02T10:40"), now=LONG_AGO
    )
    assert starts == [utc("2026-03-02T10:10")]


def test_the_window_holds_its_start_and_not_its_end():
    window = {"window_start": utc("2026-03-02T09:30"), "window_end": utc("2026-03-02T10:30")}
    starts = free_starts(rules(), (), now=LONG_AGO, **window)
    assert starts == [utc("2026-03-02T09:30"), utc("2026-03-02T10:00")]
    window["window_end"] += timedelta.resolution
    assert free_starts(rules(), (), now=LONG_AGO, **window)[-1] == utc("2026-03-02T10:30")


def test_a_window_may_be_asked_in_any_zone():
    zone = ZoneInfo("Asia/Tokyo")
    window = {
        "window_start": utc("2026-03-02T00:00").astimezone(zone),
        "window_end": utc("2026-03-03T00:00").astimezone(zone),
        "now": LONG_AGO.astimezone(zone),
    }
    starts = free_starts(rules(), [tuple(each.astimezone(zone) for each in taken("9:00-11:00")[0])], **window)
    assert starts == [utc("2026-03-02T11:00"), utc("2026-03-02T11:30")]
    assert all(start.tzinfo is UTC for start in starts)


def test_an_empty_window_has_no_starts():
    moment = utc("2026-03-02T09:30")
    assert free_starts(rules(), (), window_start=moment, window_end=moment, now=LONG_AGO) == []


def test_a_range_may_have_its_own_slots():
    own = WeeklyRange(1, clock("14:00"), clock("16:00"), slot_minutes=60, buffer_before_minutes=15)
    given = rules(weekly=(WeeklyRange(1, clock("9:00"), clock("10:00")), own))
    assert on(MONDAY, given) == ["09:00", "09:30", "14:00", "15:00"]
    assert on(MONDAY, given, taken("13:40-13:50")) == ["09:00", "09:30", "15:00"]


def test_a_step_of_the_rules_also_holds_for_a_range_with_its_own_slots():
    given = rules(weekly=daily("9:00", "11:00", slot_minutes=60), step_minutes=30)
    assert on(MONDAY, given) == ["09:00", "09:30", "10:00"]


def test_overlapping_hours_give_no_start_twice():
    weekly = (WeeklyRange(1, clock("9:00"), clock("11:00")), WeeklyRange(1, clock("9:15"), clock("10:45")))
    expected = ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15", "10:30"]
    assert on(MONDAY, rules(weekly=weekly)) == expected
    assert on(MONDAY, rules(weekly=daily("9:00", "10:00") * 2)) == ["09:00", "09:30"]


def test_hours_are_listed_in_order_of_time():
    weekly = daily("14:00", "15:00") + daily("9:00", "10:00")
    assert on(MONDAY, rules(weekly=weekly)) == ["09:00", "09:30", "14:00", "14:30"]


# Busy time and buffers


def test_busy_time_hides_what_it_touches_and_nothing_else():
    busy = taken("9:30-10:00", "10:45-10:46")
    assert on(MONDAY, rules(), busy) == ["09:00", "10:00", "11:00", "11:30"]


def test_busy_time_counts_to_the_second_and_less():
    start = utc("2026-03-02T10:00")
    hidden = (start - timedelta.resolution, start + timedelta.resolution)
    assert on(MONDAY, rules(), [hidden]) == ["09:00", "10:30", "11:00", "11:30"]
    assert "10:00" in on(MONDAY, rules(), [(start - MINUTE, start)])


def test_busy_time_may_be_unsorted_and_overlap():
    busy = taken("11:00-11:30", "9:00-10:30", "9:30-10:00", "10:00-10:15")
    assert on(MONDAY, rules(), busy) == ["10:30", "11:30"]


def test_busy_time_may_come_from_a_generator_and_span_days():
    vacation = (utc("2026-03-01T00:00"), utc("2026-03-02T10:10"))
    assert on(MONDAY, rules(), iter([vacation])) == ["10:30", "11:00", "11:30"]
    endless = (utc("2026-03-02T10:30"), datetime.max.replace(tzinfo=UTC))
    assert on(MONDAY, rules(buffer_before_minutes=5), [endless]) == ["09:00", "09:30", "10:00"]


def test_buffers_of_neighbours_add_up():
    given = rules(slot_minutes=30, step_minutes=5, buffer_before_minutes=10, buffer_after_minutes=5)
    booked = taken("9:50-10:35")  # a visit from 10:00 to 10:30 with the same buffers
    free = on(MONDAY, given, booked)
    assert "09:15" in free
    assert "09:20" not in free  # its buffer ends at 9:55
    assert "10:45" in free
    assert "10:40" not in free  # its buffer begins at 10:30


def test_a_buffer_may_reach_outside_working_hours():
    given = rules(buffer_before_minutes=60, buffer_after_minutes=60)
    assert on(MONDAY, given) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
    assert on(MONDAY, given, taken("8:00-8:01")) == ["09:30", "10:00", "10:30", "11:00", "11:30"]
    assert on(MONDAY, given, taken("12:59-13:30")) == ["09:00", "09:30", "10:00", "10:30", "11:00"]


# Notice, horizon, maximum


def test_minimum_notice_is_inclusive():
    given = rules(minimum_notice=120)
    now = utc("2026-03-02T08:00")
    assert on(MONDAY, given, now=now) == ["10:00", "10:30", "11:00", "11:30"]
    assert on(MONDAY, given, now=now + timedelta.resolution) == ["10:30", "11:00", "11:30"]


def test_what_begins_now_can_be_booked_and_the_past_cannot():
    assert on(MONDAY, rules(), now=utc("2026-03-02T10:30")) == ["10:30", "11:00", "11:30"]


def test_a_single_start_can_be_booked_up_to_its_last_moment():
    start = utc("2026-03-02T10:30")
    assert slot_at(rules(), (), start, now=start).start == start
    assert slot_at(rules(minimum_notice=5), (), start, now=start - 5 * MINUTE).start == start
    assert refusal(rules(), (), start, now=start + timedelta.resolution) == Refusal.PAST


def test_notice_is_elapsed_time():
    given = rules("Europe/London", daily("0:00", "5:00"), minimum_notice=120)
    now = utc("2026-03-29T00:00")  # midnight; two hours later the clock shows three
    assert on(date(2026, 3, 29), given, now=now) == ["03:00", "03:30", "04:00", "04:30"]


def test_the_horizon_counts_days_of_the_doctors_calendar():
    given = rules("Pacific/Auckland", horizon_days=1)
    now = utc("2026-03-01T12:00")  # already Monday, 2 March, in Auckland
    assert on(date(2026, 3, 3), given, now=now) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
    assert on(date(2026, 3, 4), given, now=now) == []
    assert on(date(2026, 3, 3), given, now=utc("2026-03-01T10:59")) == []


def test_without_a_horizon_ten_years_can_be_asked():
    endless = {"window_start": utc("2036-02-28T00:00"), "window_end": datetime.max.replace(tzinfo=UTC)}
    starts = free_starts(rules(), (), now=utc("2026-03-01T00:00"), **endless)
    assert starts[0] == utc("2036-02-28T09:00")
    assert starts[-1] == utc("2036-03-08T11:30")


def test_a_full_day_has_no_more_slots():
    given = rules(maximum_per_day=2)
    assert len(on(MONDAY, given, taken("9:00-9:30"))) == 5
    assert on(MONDAY, given, taken("9:00-9:30", "18:00-18:30")) == []
    assert len(on(date(2026, 3, 3), given, taken("9:00-9:30", "18:00-18:30"))) == 6


def test_a_visit_counts_to_the_day_on_which_it_starts_without_its_buffer():
    given = rules(buffer_before_minutes=30, maximum_per_day=1)
    just_before = taken("23:30-24:30", day=date(2026, 3, 1))  # the visit begins on Monday at 0:00
    assert on(MONDAY, given, just_before) == []
    assert on(date(2026, 3, 1), given, just_before) != []


def test_the_day_of_a_visit_is_the_doctors():
    given = rules("America/Bogota", maximum_per_day=1)
    evening = taken("2:00-2:30", day=date(2026, 3, 3))  # Monday, 21:00, in Bogotá
    assert on(MONDAY, given, evening) == []
    assert on(date(2026, 3, 3), given, evening) != []


def test_a_range_may_have_its_own_maximum():
    weekly = (WeeklyRange(1, 540, 660, maximum=1), WeeklyRange(1, 840, 900))
    given = rules(weekly=weekly)
    assert on(MONDAY, given, taken("9:00-9:30")) == ["14:00", "14:30"]
    assert on(MONDAY, given, taken("14:00-14:30")) == ["09:00", "09:30", "10:00", "10:30", "14:30"]


def test_a_visit_counts_to_the_range_in_which_it_starts_without_its_buffer():
    weekly = (WeeklyRange(1, 540, 660, maximum=1, buffer_before_minutes=20), WeeklyRange(1, 840, 900))
    given = rules(weekly=weekly)
    assert on(MONDAY, given, taken("8:40-9:30")) == ["14:00", "14:30"]
    assert on(MONDAY, given, taken("8:39-8:41"))[:3] == ["09:30", "10:00", "10:30"]
    assert on(MONDAY, given, taken("10:39-11:00")) == ["14:00", "14:30"]
    assert on(MONDAY, given, taken("10:40-11:00"))[:3] == ["09:00", "09:30", "10:00"]


# Exceptions


def test_a_blocked_day_and_its_neighbours():
    given = rules(exceptions={MONDAY: (DayException("blocked"),)})
    assert on(MONDAY, given) == []
    assert day_ranges(given, MONDAY) == []
    assert len(on(date(2026, 3, 3), given)) == 6


def test_a_blocked_part_takes_each_slot_it_touches_and_leaves_the_grid():
    given = rules(exceptions={MONDAY: (blocked("10:10", "10:40"),)})
    assert on(MONDAY, given) == ["09:00", "09:30", "11:00", "11:30"]


def test_a_buffer_may_reach_into_blocked_time():
    given = rules(
        buffer_before_minutes=20, buffer_after_minutes=20, exceptions={MONDAY: (blocked("10:00", "10:30"),)}
    )
    assert on(MONDAY, given) == ["09:00", "09:30", "10:30", "11:00", "11:30"]


def test_custom_hours_replace_the_day():
    custom = (DayException("custom_hours", 840, 900), DayException("custom_hours", 1200, 1230))
    assert on(MONDAY, rules(exceptions={MONDAY: custom})) == ["14:00", "14:30", "20:00"]


def test_extra_hours_add_to_the_day_and_may_overlap_it():
    extra = (DayException("extra_hours", clock("11:00"), clock("13:00")),)
    given = rules(weekly=daily("10:00", "12:00"), exceptions={MONDAY: extra})
    assert on(MONDAY, given) == ["10:00", "10:30", "11:00", "11:30", "12:00", "12:30"]


def test_extra_hours_open_a_day_off_with_slots_of_their_own():
    sunday = date(2026, 3, 1)
    extra = (DayException("extra_hours", 600, 720, slot_minutes=60),)
    given = rules(weekly=(WeeklyRange(1, 540, 600),), exceptions={sunday: extra})
    assert on(sunday, given) == ["10:00", "11:00"]


def test_all_kinds_of_exception_together():
    listed = (
        DayException("custom_hours", clock("8:00"), clock("10:00")),
        DayException("extra_hours", clock("15:00"), clock("16:00")),
        blocked("8:30", "9:00"),
        blocked("15:00", "15:15"),
    )
    assert on(MONDAY, rules(exceptions={MONDAY: listed})) == ["08:00", "09:00", "09:30", "15:30"]
    assert day_ranges(rules(exceptions={MONDAY: listed}), MONDAY) == taken(
        "8:00-8:30", "9:00-10:00", "15:15-16:00"
    )


def test_extra_hours_without_minutes_are_the_whole_day():
    given = rules(exceptions={MONDAY: (DayException("custom_hours"),)}, slot_minutes=480)
    assert on(MONDAY, given) == ["00:00", "08:00", "16:00"]


# What else is asked


def test_the_first_free_start():
    window = {"window_start": utc("2026-03-01T12:00"), "window_end": utc("2026-03-09T00:00")}
    busy = taken("9:00-11:00")
    assert first_free_start(rules(), busy, now=LONG_AGO, **window) == utc("2026-03-02T11:00")
    assert first_free_start(rules(horizon_days=0), busy, now=LONG_AGO, **window) is None


def test_the_nearest_free_starts_in_order_of_time():
    starts = [utc(f"2026-03-02T{hour:02}:00") for hour in (8, 9, 11, 12, 17)]
    wanted = utc("2026-03-02T10:00")
    assert nearest_free_starts(starts, wanted, 1) == starts[1:2]
    assert nearest_free_starts(starts, wanted, 3) == starts[0:3]
    assert nearest_free_starts(starts, wanted, 4) == starts[0:4]
    assert nearest_free_starts(starts, wanted, 99) == starts
    assert nearest_free_starts(starts, utc("2026-03-03T00:00"), 2) == starts[3:]
    assert nearest_free_starts(starts, LONG_AGO, 2) == starts[:2]
    assert nearest_free_starts(starts, starts[2], 1) == starts[2:3]
    assert nearest_free_starts([], wanted, 3) == []
    assert nearest_free_starts(starts, wanted, 0) == []


def test_a_slot_says_what_it_occupies():
    given = rules(buffer_before_minutes=10, buffer_after_minutes=5)
    slot = slot_at(given, (), utc("2026-03-02T10:00"), now=LONG_AGO)
    assert (slot.start, slot.end) == (utc("2026-03-02T10:00"), utc("2026-03-02T10:30"))
    assert (slot.occupied_from, slot.occupied_until) == (utc("2026-03-02T09:50"), utc("2026-03-02T10:35"))


def test_of_overlapping_hours_the_longest_free_slot_is_taken():
    extra = (DayException("extra_hours", 540, 720, slot_minutes=60),)
    given = rules(exceptions={MONDAY: extra})
    start = utc("2026-03-02T10:00")
    assert slot_at(given, (), start, now=LONG_AGO).end == utc("2026-03-02T11:00")
    assert slot_at(given, taken("10:30-11:00"), start, now=LONG_AGO).end == utc("2026-03-02T10:30")


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("2026-03-01T11:30", Refusal.PAST),
        ("2026-03-02T09:30", Refusal.TOO_SOON),
        ("2026-03-05T09:00", Refusal.TOO_FAR),
        ("2026-03-02T10:10", Refusal.NOT_OFFERED),  # off the grid
        ("2026-03-02T12:00", Refusal.NOT_OFFERED),  # after hours
        ("2026-03-03T10:00", Refusal.NOT_OFFERED),  # blocked
        ("2026-03-02T11:00", Refusal.TAKEN),
        ("2026-03-04T09:00", Refusal.FULL),
        ("2026-03-02T10:00", None),
    ],
)
def test_a_refusal_has_its_reason(start, reason):
    given = rules(
        minimum_notice=60,
        horizon_days=3,
        maximum_per_day=2,
        exceptions={date(2026, 3, 3): (blocked("10:00", "11:00"),)},
    )
    busy = taken("11:00-11:30") + taken("10:00-10:30", "11:00-11:30", day=date(2026, 3, 4))
    now = utc("2026-03-02T09:00") if start != "2026-03-05T09:00" else utc("2026-03-01T09:00")
    assert refusal(given, busy, utc(start), now=now) == reason


def test_offered_time_counts_whole_slots_once():
    week = {"window_start": utc("2026-03-02T00:00"), "window_end": utc("2026-03-09T00:00")}
    assert offered_minutes(rules(), **week) == 7 * 180
    assert offered_minutes(rules(slot_minutes=50), **week) == 7 * 150
    assert offered_minutes(rules(step_minutes=10), **week) == 7 * 180
    assert offered_minutes(rules(minimum_notice=99999, horizon_days=0, maximum_per_day=1), **week) == 7 * 180
    closed = rules(exceptions={MONDAY: (blocked("9:00", "9:10"),)})
    assert offered_minutes(closed, **week) == 7 * 180 - 30
    part = {"window_start": utc("2026-03-02T09:10"), "window_end": utc("2026-03-02T10:00")}
    assert offered_minutes(rules(), **part) == 50


def test_the_busy_window_is_whole_days_and_the_widest_buffers():
    weekly = (*daily("9:00", "12:00"), WeeklyRange(1, 840, 900, buffer_before_minutes=45))
    given = rules("America/Bogota", weekly, buffer_after_minutes=10)
    span = {"window_start": utc("2026-03-02T15:00"), "window_end": utc("2026-03-02T16:00")}
    assert busy_window(given, **span) == (utc("2026-03-02T04:15"), utc("2026-03-03T05:10"))


# Wrong input


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: WeeklyRange(7, 540, 600), "day_of_week"),
        (lambda: WeeklyRange(-1, 540, 600), "day_of_week"),
        (lambda: WeeklyRange(1, -1, 600), "start_minute"),
        (lambda: WeeklyRange(1, 1440, 1441), "start_minute"),
        (lambda: WeeklyRange(1, 540, 1441), "end_minute"),
        (lambda: WeeklyRange(1, 600, 600), "end_minute must be after"),
        (lambda: WeeklyRange(1, 600, 540), "end_minute must be after"),
        (lambda: WeeklyRange(1, 540.0, 600), "whole number"),
        (lambda: WeeklyRange(1, True, 600), "whole number"),
        (lambda: WeeklyRange(1, 540, 600, slot_minutes=0), "slot_minutes"),
        (lambda: WeeklyRange(1, 540, 600, step_minutes=0), "step_minutes"),
        (lambda: WeeklyRange(1, 540, 600, buffer_after_minutes=-1), "buffer_after_minutes"),
        (lambda: WeeklyRange(1, 540, 600, maximum=0), "maximum"),
        (lambda: DayException("closed"), "kind"),
        (lambda: DayException("blocked", 540), "together"),
        (lambda: DayException("blocked", None, 540), "together"),
        (lambda: DayException("blocked", 600, 540), "end_minute must be after"),
        (lambda: DayException("extra_hours", 600, 660, slot_minutes=1441), "slot_minutes"),
        (lambda: rules("Mars/Olympus"), "time_zone"),
        (lambda: rules("../../etc/passwd"), "time_zone|normalized|keys"),
        (lambda: rules(slot_minutes=0), "slot_minutes"),
        (lambda: rules(slot_minutes=None), "slot_minutes"),
        (lambda: rules(step_minutes=0), "step_minutes"),
        (lambda: rules(buffer_before_minutes=-5), "buffer_before_minutes"),
        (lambda: rules(buffer_after_minutes=1441), "buffer_after_minutes"),
        (lambda: rules(minimum_notice=-1), "minimum_notice"),
        (lambda: rules(horizon_days=-1), "horizon_days"),
        (lambda: rules(horizon_days=999999), "horizon_days"),
        (lambda: rules(maximum_per_day=0), "maximum_per_day"),
        (lambda: rules(exceptions={datetime(2026, 3, 2, tzinfo=UTC): ()}), "keyed by date"),
        (lambda: rules(exceptions={"2026-03-02": ()}), "keyed by date"),
    ],
)
def test_impossible_rules_are_refused_with_the_name_of_what_is_wrong(make, says):
    with pytest.raises(ValueError, match=says):
        make()


NAIVE = datetime(2026, 3, 2, 9)  # noqa: DTZ001  # what must be refused
AWARE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("busy", "changes", "says"),
    [
        ((), {"window_start": NAIVE}, "window_start"),
        ((), {"window_end": NAIVE}, "window_end"),
        ((), {"now": NAIVE}, "now"),
        ((), {"now": date(2026, 3, 2)}, "now"),
        ((), {"window_start": AWARE + timedelta(days=9)}, "window_end must not be before"),
        ([(NAIVE, AWARE)], {}, "busy start"),
        ([(AWARE, NAIVE)], {}, "busy end"),
        ([(AWARE, AWARE)], {}, "must end after its start"),
        ([(AWARE, AWARE - MINUTE)], {}, "must end after its start"),
    ],
)
def test_impossible_questions_are_refused(busy, changes, says):
    asked = {"window_start": AWARE, "window_end": AWARE + timedelta(days=1), "now": AWARE, **changes}
    with pytest.raises(ValueError, match=says):
        free_starts(rules(), busy, **asked)


# The server


PROGRAM = """
import json, sys, time
from datetime import UTC, datetime, timedelta
from bookings.slots import SlotRules, WeeklyRange, day_ranges, free_starts

weekly = tuple(WeeklyRange(day, start, 1440) for day in range(7) for start in (30, 150))
answers = []
for zone in ("America/New_York", "Europe/London", "America/Santiago", "Australia/Lord_Howe"):
    rules = SlotRules(time_zone=zone, slot_minutes=50, weekly=weekly, minimum_notice=90, horizon_days=300)
    for day in (datetime(2026, 3, 8), datetime(2026, 3, 29), datetime(2026, 4, 5), datetime(2026, 9, 6)):
        noon = day.replace(tzinfo=UTC)
        busy = [(noon + timedelta(hours=3), noon + timedelta(hours=5))]
        answers.append([str(start) for start in free_starts(
            rules, busy, window_start=noon - timedelta(days=2), window_end=noon + timedelta(days=2), now=noon
        )])
        answers.append([str(edge) for span in day_ranges(rules, day.date()) for edge in span])
frameworks = [name for name in sys.modules if name.split(".")[0] in ("django", "medai", "celery")]
print(json.dumps({"answers": answers, "server": time.tzname, "frameworks": frameworks}))
"""


def run_on_server_in(zone):
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "TZ": zone, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def test_the_servers_zone_changes_nothing_and_nothing_else_is_loaded():
    results = [
        run_on_server_in(zone) for zone in ("UTC", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu")
    ]
    assert len({tuple(result["server"]) for result in results}) == 4
    assert all(sum(map(len, result["answers"])) > 500 for result in results)
    assert all(result["answers"] == results[0]["answers"] for result in results)
    assert all(result["frameworks"] == [] for result in results)
