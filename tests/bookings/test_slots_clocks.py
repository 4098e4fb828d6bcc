"""Days on which the clocks change, zones off the hour, and a server that stands anywhere."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bookings.slots import WeeklyRange, day_ranges, free_starts
from tests.bookings.slot_examples import LONG_AGO, MINUTE, MONDAY, daily, on, rules, utc

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
