"""What else the product asks of the slot engine, and questions that it refuses."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bookings.slots import (
    DayException,
    Refusal,
    WeeklyRange,
    busy_window,
    first_free_start,
    free_starts,
    nearest_free_starts,
    offered_minutes,
    refusal,
    slot_at,
)
from tests.bookings.slot_examples import LONG_AGO, MINUTE, MONDAY, blocked, daily, rules, taken, utc

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
