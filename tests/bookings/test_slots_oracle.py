"""The engine against the minute-by-minute oracle, around every change of the clocks that matters."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.slots import (
    DayException,
    SlotRules,
    WeeklyRange,
    busy_window,
    day_ranges,
    first_free_start,
    free_starts,
    offered_minutes,
    refusal,
    slot_at,
)
from tests.bookings import slot_oracle

ZONES = (
    "America/New_York",
    "Europe/Madrid",
    "Europe/London",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Kathmandu",
    "America/Bogota",
)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def changes(zone_name, first_year, last_year):
    """The local dates on which the offset changes."""
    zone, found = ZoneInfo(zone_name), []
    moment = datetime(first_year, 1, 1, tzinfo=UTC)
    while moment.year <= last_year:
        if moment.astimezone(zone).utcoffset() != (moment + HOUR).astimezone(zone).utcoffset():
            found.append((zone_name, (moment + HOUR).astimezone(zone).date()))
        moment += HOUR
    return found


CHANGES = [change for zone_name in ZONES for change in changes(zone_name, 2026, 2027)]
ODD_DAYS = [
    ("America/St_Johns", date(2011, 3, 13)),  # clocks go forward at 00:01
    ("America/St_Johns", date(2010, 11, 7)),  # and back across midnight: yesterday comes twice
    ("Asia/Kathmandu", date(1986, 1, 1)),  # a quarter of an hour, at midnight, for good
    ("America/Bogota", date(1992, 5, 3)),
    ("America/Bogota", date(1993, 2, 6)),
    ("Pacific/Apia", date(2011, 12, 30)),  # a date that never was
    ("Africa/Casablanca", date(2026, 2, 15)),  # the clocks go back before Ramadan
]
ORDINARY_DAYS = [
    ("Asia/Kathmandu", date(2026, 3, 4)),
    ("America/Bogota", date(2026, 3, 4)),
    ("America/Bogota", date(2028, 2, 29)),
]
DAYS = CHANGES + ODD_DAYS + ORDINARY_DAYS


def test_the_list_holds_every_change_of_the_named_zones():
    assert len(CHANGES) == 7 * 4
    assert not [zone for zone, _ in CHANGES if zone in ("Asia/Kathmandu", "America/Bogota")]


# Lengths that rarely divide an hour, boundaries that often lie where clocks change.
lengths = st.sampled_from([5, 10, 15, 20, 25, 30, 45, 50, 60, 90, 240])
buffers = st.sampled_from([0, 0, 0, 5, 10, 15, 60])
clock_minutes = st.one_of(
    st.sampled_from([0, 1, 30, 60, 90, 105, 120, 135, 150, 180, 240, 540, 1380, 1410, 1425]),
    st.integers(0, 1439),
)


def seldom(strategy, otherwise=None):
    """Rare enough that rules which hide everything do not hide everything in most examples."""
    return st.integers(0, 4).flatmap(lambda number: strategy if number == 4 else st.just(otherwise))


@st.composite
def spans(draw, longest=1440):
    start = draw(clock_minutes)
    lengths_of_span = st.one_of(st.just(longest), st.integers(1, longest))
    return start, min(1440, start + draw(lengths_of_span))


own_settings = st.fixed_dictionaries(
    {},
    optional={
        "slot_minutes": lengths,
        "step_minutes": lengths,
        "buffer_before_minutes": buffers,
        "buffer_after_minutes": buffers,
        "maximum": st.integers(1, 4),
    },
)


@st.composite
def weekly_ranges(draw, day_of_week):
    return WeeklyRange(draw(day_of_week), *draw(spans()), **draw(seldom(own_settings, {})))


@st.composite
def day_exceptions(draw):
    kind = draw(st.sampled_from(["blocked", "custom_hours", "extra_hours"]))
    span = draw(seldom(st.just((None, None)), draw(spans(300 if kind == "blocked" else 1440))))
    return DayException(kind, *span, **draw(seldom(own_settings, {})))


@st.composite
def questions(draw, zone_name, day):
    """Rules, busy time, window and moment of asking around one date."""
    near = st.integers(-1, 1).map(lambda offset: day + timedelta(days=offset))
    weekdays = [(day.weekday() + offset) % 7 for offset in range(3)]  # the date in their middle
    rules = SlotRules(
        time_zone=zone_name,
        slot_minutes=draw(lengths),
        weekly=(
            *(draw(weekly_ranges(st.just(weekday))) for weekday in weekdays),
            *draw(st.lists(weekly_ranges(st.integers(0, 6)), max_size=3)),
        ),
        exceptions=draw(
            st.dictionaries(near, st.lists(day_exceptions(), min_size=1, max_size=3).map(tuple), max_size=2)
        ),
        step_minutes=draw(seldom(lengths)),
        buffer_before_minutes=draw(buffers),
        buffer_after_minutes=draw(buffers),
        minimum_notice=draw(seldom(st.sampled_from([1, 30, 119, 1440]), 0)),
        horizon_days=draw(seldom(st.sampled_from([0, 1, 2, 60]))),
        maximum_per_day=draw(seldom(st.sampled_from([1, 2, 5]))),
    )
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone_name)).astimezone(UTC)
    minutes = st.one_of(
        st.integers(-36 * 60, 36 * 60).map(lambda offset: noon + offset * MINUTE),
        st.integers(-36 * 4, 36 * 4).map(lambda quarter: noon + quarter * 15 * MINUTE),
    )
    spans_of_busy = st.one_of(st.sampled_from([15, 30, 60]), st.integers(1, 240), seldom(st.just(2000), 45))
    pairs = draw(st.lists(st.tuples(minutes, spans_of_busy), max_size=8))
    busy = [(start, start + length * MINUTE) for start, length in pairs]
    everything = noon - 36 * HOUR, noon + 36 * HOUR
    first, last = sorted(draw(seldom(st.tuples(minutes, minutes), everything)))
    now = draw(seldom(minutes, noon - 48 * HOUR))
    return rules, busy, {"window_start": first, "window_end": last, "now": now}


def around(zone_name, day):
    """The window of three days whose middle is `day`."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone_name)).astimezone(UTC)
    return {"window_start": noon - 36 * HOUR, "window_end": noon + 36 * HOUR, "now": noon - 48 * HOUR}


quietly = settings(
    max_examples=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize(("zone_name", "day"), DAYS, ids=str)
@given(data=st.data())
@quietly
def test_engine_and_oracle_agree(zone_name, day, data):
    rules, busy, asked = data.draw(questions(zone_name, day))
    expected = slot_oracle.free_starts(rules, busy, **asked)
    assert free_starts(rules, busy, **asked) == expected
    assert first_free_start(rules, busy, **asked) == (expected[0] if expected else None)


@pytest.mark.parametrize(("zone_name", "day"), DAYS, ids=str)
@given(data=st.data())
@settings(quietly, max_examples=10)
def test_working_and_offered_time_agree_with_the_oracle(zone_name, day, data):
    rules, _, asked = data.draw(questions(zone_name, day))
    span = {"window_start": asked["window_start"], "window_end": asked["window_end"]}
    assert offered_minutes(rules, **span) == slot_oracle.offered_minutes(rules, **span)
    ranges = day_ranges(rules, day)
    worked = [
        slot_oracle.minute_number(start) + number
        for start, end in ranges
        for number in range((end - start) // MINUTE)
    ]
    assert worked == sorted(slot_oracle.working_minutes(rules, day))


@pytest.mark.parametrize(("zone_name", "day"), DAYS, ids=str)
def test_every_start_of_hours_near_a_change(zone_name, day):
    """Hours that begin at each quarter of the night and that end at each, and the whole day."""
    nights = [(start, 360) for start in range(0, 300, 15)] + [(0, end) for end in range(15, 300, 15)]
    for start, end in [*nights, (0, 1440), (1200, 1440)]:
        for slot in (15, 20, 30, 60):
            rules = SlotRules(
                time_zone=zone_name,
                slot_minutes=slot,
                weekly=tuple(WeeklyRange(weekday, start, end) for weekday in range(7)),
            )
            window = around(zone_name, day)
            assert free_starts(rules, (), **window) == slot_oracle.free_starts(rules, (), **window)


@pytest.mark.parametrize(("zone_name", "day"), CHANGES[::3] + ODD_DAYS, ids=str)
@given(data=st.data())
@settings(quietly, max_examples=15)
def test_no_question_moves_the_grid(zone_name, day, data):
    """A part of the window, a later moment of asking or the order of busy time only leave starts out."""
    rules, busy, asked = data.draw(questions(zone_name, day))
    everything = free_starts(rules, busy, **asked)
    span = asked["window_end"] - asked["window_start"]
    since = asked["window_start"] + data.draw(st.floats(0, 1)) * span
    part = {**asked, "window_start": since}
    assert free_starts(rules, busy, **part) == [start for start in everything if start >= since]
    part = {**asked, "window_end": since}
    assert free_starts(rules, busy, **part) == [start for start in everything if start < since]
    if rules.horizon_days is None:
        later = asked["now"] + timedelta(minutes=data.draw(st.integers(0, 3000)), seconds=17)
        soonest = later + rules.minimum_notice * MINUTE
        expected = [start for start in everything if start >= soonest]
        assert free_starts(rules, busy, **{**asked, "now": later}) == expected
    shuffled = data.draw(st.permutations(busy))
    assert free_starts(rules, shuffled, **asked) == everything


@pytest.mark.parametrize(("zone_name", "day"), CHANGES[::3] + ODD_DAYS, ids=str)
@given(data=st.data())
@settings(quietly, max_examples=15)
def test_a_single_start_is_judged_as_in_the_list(zone_name, day, data):
    rules, busy, asked = data.draw(questions(zone_name, day))
    free = set(free_starts(rules, busy, **asked))
    minutes = (asked["window_end"] - asked["window_start"]) // MINUTE
    for number in range(0, minutes, 5):
        start = asked["window_start"] + number * MINUTE
        slot = slot_at(rules, busy, start, now=asked["now"])
        assert (slot is not None) == (start in free)
        assert (refusal(rules, busy, start, now=asked["now"]) is None) == (start in free)
        if slot:
            assert slot.start == start
            assert not [
                1 for since, until in busy if since < slot.occupied_until and slot.occupied_from < until
            ]


@pytest.mark.parametrize(("zone_name", "day"), CHANGES[::3] + ODD_DAYS, ids=str)
@given(data=st.data())
@settings(quietly, max_examples=15)
def test_the_busy_window_holds_all_that_matters(zone_name, day, data):
    rules, busy, asked = data.draw(questions(zone_name, day))
    since, until = busy_window(rules, window_start=asked["window_start"], window_end=asked["window_end"])
    needed = [(start, end) for start, end in busy if start < until and end > since]
    assert free_starts(rules, needed, **asked) == free_starts(rules, busy, **asked)
