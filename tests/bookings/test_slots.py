"""The rules of booking by named example; what the oracle holds for every case is said here for one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.slots import DayException, Refusal, WeeklyRange, day_ranges, free_starts, refusal, slot_at
from tests.bookings.slot_examples import (
    LONG_AGO,
    MINUTE,
    MONDAY,
    blocked,
    clock,
    daily,
    on,
    rules,
    taken,
    utc,
)

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
