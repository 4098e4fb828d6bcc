"""Quiet hours: what waits, what does not, and where a reminder goes that falls into them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.quiet_hours import QuietHours, news_at, reminder_at

NIGHT = QuietHours(21 * 60, 7 * 60, "America/Bogota")
SIESTA = QuietHours(13 * 60, 15 * 60, "America/Bogota")
NEVER = QuietHours(0, 0, "America/Bogota")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(hours=24), timedelta(hours=3)
TWO_HOURS = timedelta(hours=2), timedelta(hours=1)


def bogota(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}:00-05:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "quiet", "is_covered"),
    [
        ("20T20:59", NIGHT, False),
        ("20T21:00", NIGHT, True),
        ("21T00:00", NIGHT, True),
        ("21T06:59", NIGHT, True),
        ("21T07:00", NIGHT, False),
        ("20T12:59", SIESTA, False),
        ("20T13:00", SIESTA, True),
        ("20T15:00", SIESTA, False),
        ("20T00:00", NEVER, False),
        ("20T12:00", NEVER, False),
    ],
)
def test_the_first_minute_is_quiet_and_the_last_is_not(
    moment: str, quiet: QuietHours, is_covered: bool
) -> None:
    assert quiet.cover(bogota(moment)) is is_covered


@pytest.mark.parametrize(
    ("visit", "lead", "now", "expected"),
    [
        # Awake at that time: exactly when asked for.
        ("25T10:00", DAY, "20T10:00", "24T10:00"),
        ("25T10:00", TWO_HOURS, "20T10:00", "25T08:00"),
        # A day before an evening visit is quiet: the next morning is early enough.
        ("25T21:30", DAY, "20T10:00", "25T07:00"),
        ("25T05:00", DAY, "20T10:00", "24T07:00"),
        # Two hours before a morning visit is quiet: when the quiet hours end, an hour before is still of use.
        ("25T08:30", TWO_HOURS, "20T10:00", "25T07:00"),
        ("25T08:00", TWO_HOURS, "20T10:00", "25T07:00"),
        # Half an hour before is not: the evening before.
        ("25T07:30", TWO_HOURS, "20T10:00", "24T20:45"),
        ("25T06:30", TWO_HOURS, "20T10:00", "24T20:45"),
        # Booked after that evening: half an hour before is better than never.
        ("25T07:30", TWO_HOURS, "24T22:00", "25T07:00"),
        ("25T06:30", TWO_HOURS, "24T22:00", None),
        # Booked too late for a reminder.
        ("25T10:00", DAY, "24T11:00", None),
        ("25T10:00", TWO_HOURS, "25T08:00", None),
        ("25T10:00", TWO_HOURS, "25T07:59", "25T08:00"),
    ],
)
def test_where_a_reminder_goes(
    visit: str, lead: tuple[timedelta, timedelta], now: str, expected: str | None
) -> None:
    due_at = reminder_at(bogota(visit), NIGHT, lead=lead[0], latest=lead[1], now=bogota(now))
    assert due_at == (bogota(expected) if expected else None)


def test_an_answer_to_ones_own_action_is_never_held_back() -> None:
    now = bogota("20T23:00")
    assert news_at(now, NIGHT, deadline=bogota("25T10:00"), is_own_action=True) == now


def test_other_news_waits_for_the_morning_unless_the_visit_is_near() -> None:
    now = bogota("20T23:00")
    assert news_at(now, NIGHT, deadline=bogota("25T10:00")) == bogota("21T07:00")
    assert news_at(now, NIGHT, deadline=bogota("21T10:00")) == bogota("21T07:00")
    assert news_at(now, NIGHT, deadline=bogota("21T09:59")) == now
    assert news_at(now, NIGHT, deadline=None) == bogota("21T07:00")
    assert news_at(bogota("20T20:00"), NIGHT, deadline=None) == bogota("20T20:00")


def test_quiet_hours_end_by_the_wall_clock_on_the_day_the_clocks_change() -> None:
    quiet = QuietHours(21 * 60, 7 * 60, "Europe/Madrid")
    evening = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)  # 22:00 in Madrid, the night of 25 hours
    assert quiet.end_after(evening) == datetime(2026, 10, 25, 6, 0, tzinfo=UTC)
    assert quiet.start_before(datetime(2026, 10, 25, 4, 0, tzinfo=UTC)) == datetime(
        2026, 10, 24, 19, 0, tzinfo=UTC
    )


# How long an example takes says how busy the machine is, nothing more.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    moment=st.integers(0, 366 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes)),
    from_minute=st.integers(0, 1439),
    until_minute=st.integers(0, 1439),
    zone=st.sampled_from(["America/Bogota", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago"]),
    lead=st.sampled_from([DAY, TWO_HOURS]),
    ahead=st.integers(1, 10_000),
)
def test_a_reminder_is_always_ahead_and_before_the_visit(
    moment: datetime,
    from_minute: int,
    until_minute: int,
    zone: str,
    lead: tuple[timedelta, timedelta],
    ahead: int,
) -> None:
    quiet = QuietHours(from_minute, until_minute, zone)
    starts_at = moment + timedelta(minutes=ahead)
    due_at = reminder_at(starts_at, quiet, lead=lead[0], latest=lead[1], now=moment)
    if due_at is not None:
        assert moment < due_at < starts_at
    if quiet.cover(moment):
        assert quiet.start_before(moment) <= moment < quiet.end_after(moment) + timedelta(hours=1)
        assert quiet.end_after(moment) - quiet.start_before(moment) <= timedelta(hours=25)
