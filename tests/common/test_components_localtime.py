"""Dates and times as people read them, in both languages."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import translation

from medai.common import localtime

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
BOGOTA, MADRID, KOLKATA = "America/Bogota", "Europe/Madrid", "Asia/Kolkata"

pytestmark = pytest.mark.usefixtures("_friday")


@pytest.fixture
def _friday():
    with time_machine.travel(datetime(2026, 11, 20, 15, 0, tzinfo=UTC), tick=False):
        yield


@pytest.mark.parametrize(
    ("function", "spanish", "english"),
    [
        (localtime.clock, "8:00 a. m.", "8:00 AM"),
        (localtime.clock24, "8:00", "8:00"),
        (localtime.long_date, "lunes 23 de noviembre", "Monday, November 23"),
        (localtime.day_date, "23 de noviembre", "November 23"),
        (localtime.short_date, "23 nov", "Nov 23"),
        (localtime.month_name, "noviembre de 2026", "November 2026"),
        (localtime.short_month, "nov", "Nov"),
        (localtime.weekday, "lunes", "Monday"),
        (localtime.short_weekday, "lun", "Mon"),
        (localtime.date_time, "lunes 23 de noviembre, 8:00 a. m.", "Monday, November 23, 8:00 AM"),
        (localtime.short_date_time, "23 nov, 8:00 a. m.", "Nov 23, 8:00 AM"),
        (localtime.zone_label, "Hora de Bogotá (GMT-5)", "Bogota time (GMT-5)"),
    ],
)
def test_each_form_in_both_languages(function, spanish, english):
    for code, expected in (("es", spanish), ("en", english)):
        with translation.override(code):
            assert function(MONDAY, BOGOTA).replace("\N{NO-BREAK SPACE}", " ") == expected


def test_a_time_never_breaks_between_the_hour_and_its_half_of_the_day():
    with translation.override("es"):
        assert " " not in localtime.clock(MONDAY, BOGOTA)


@pytest.mark.parametrize(("code", "said"), [("es", "23\xa0nov"), ("en", "Nov\xa023")])
def test_a_day_never_breaks_from_its_month(code, said):
    with translation.override(code):
        assert localtime.short_date(MONDAY, BOGOTA) == said


def test_the_zone_may_be_a_name_a_zone_or_the_current_one():
    assert localtime.clock24(MONDAY, ZoneInfo(MADRID)) == "14:00"
    assert localtime.clock24(MONDAY, MADRID) == "14:00"
    assert localtime.clock24(MONDAY) == "13:00"


def test_a_moment_falls_on_another_day_elsewhere():
    late = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
    with translation.override("en"):
        assert localtime.weekday(late, BOGOTA) == "Monday"
        assert localtime.weekday(late, MADRID) == "Tuesday"


def test_the_year_is_said_only_when_it_is_another_one():
    with translation.override("es"):
        assert localtime.long_date(date(2027, 1, 4)) == "lunes 4\xa0de enero de 2027"
        assert localtime.short_date(date(2026, 1, 5)) == "5\xa0ene"


@pytest.mark.parametrize(
    ("day", "expected"), [(19, "ayer"), (20, "hoy"), (21, "mañana"), (22, "domingo 22\xa0de noviembre")]
)
def test_near_days_have_names(day, expected):
    with translation.override("es"):
        assert localtime.relative_day(date(2026, 11, day), BOGOTA) == expected


@pytest.mark.parametrize(
    ("zone", "expected"), [(BOGOTA, "GMT-5"), (MADRID, "GMT+1"), (KOLKATA, "GMT+5:30"), ("UTC", "GMT")]
)
def test_offsets(zone, expected):
    assert localtime.offset(MONDAY, zone) == expected


def test_offsets_follow_summer_time():
    assert localtime.offset(datetime(2026, 7, 1, tzinfo=UTC), MADRID) == "GMT+2"


@pytest.mark.parametrize("zone", ["UTC", UTC, "Etc/GMT+5", "America/Argentina/Buenos_Aires"])
def test_every_zone_has_a_label(zone):
    with translation.override("es"):
        assert localtime.zone_label(MONDAY, zone).startswith("Hora de ")


def test_the_tag_names_the_zone_where_clocks_disagree():
    template = Template("{% when at mine 'date_time' theirs %}")
    with translation.override("en"):
        same = template.render(Context({"at": MONDAY, "mine": BOGOTA, "theirs": "America/Lima"}))
        other = template.render(Context({"at": MONDAY, "mine": MADRID, "theirs": BOGOTA}))
    assert "time (" not in same
    assert other == (
        '<time datetime="2026-11-23T14:00:00+01:00">Monday, November\xa023, 2:00\xa0PM · Madrid time (GMT+1)</time>'
    )
