"""The schedule editor's pages: plain forms that keep what was typed, stale versions, exceptions, rules."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from doctors.models import Doctor, ScheduleException
from medai.common.identity import acting_as_system
from tests.factories import doctors as make
from tests.factories.accounts import signed_in

pytestmark = pytest.mark.django_db

SOON = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()


@pytest.fixture
def doctor(db: None) -> Doctor:
    return make.make_practice()


@pytest.fixture
def client(doctor: Doctor) -> Client:
    return signed_in(doctor.user)


def hours(doctor: Doctor, **fields: str) -> dict[str, str]:
    return {"version": str(make.fresh(doctor).schedule_version), **fields}


def ranges(day: int, *spans: tuple[str, str]) -> dict[str, str]:
    data = {f"day-{day}-on": "1"}
    for number, (start, end) in enumerate(spans):
        data |= {f"day-{day}-{number}-from": start, f"day-{day}-{number}-to": end}
    return data


def test_hours_are_replaced_as_a_whole(client: Client, doctor: Doctor) -> None:
    data = hours(doctor, **ranges(3, ("08:00", "12:00"), ("22:00", "00:00")))
    answer = client.post("/doctor/schedule/", data)
    assert answer.headers["Location"] == "/doctor/schedule/"
    assert make.stored_hours(doctor) == [(3, 480, 720), (3, 1320, 1440)]


def test_every_part_of_a_range_is_kept(client: Client, doctor: Doctor) -> None:
    data = hours(
        doctor,
        **ranges(6, ("08:00", "11:00")),
        **{"day-6-0-mode": "video", "day-6-0-slot": "20", "day-6-0-buffer": "5", "day-6-0-maximum": "4"},
    )
    client.post("/doctor/schedule/", data)
    with acting_as_system("test"):
        row = doctor.weekly_hours.get()
    assert (row.mode, row.slot_minutes, row.buffer_after_minutes, row.maximum) == ("video", 20, 5, 4)


def test_the_clock_of_the_hours_is_named_as_people_do(client: Client, doctor: Doctor) -> None:
    client.cookies["language"] = "es"
    page = client.get("/doctor/schedule/").content.decode()
    assert "En la hora de Bogotá." in page
    assert '<option value="both" selected>Consultorio o video</option>' in page
    rules = client.get("/doctor/schedule/rules/").content.decode()
    assert '<option value="America/Bogota" selected>Bogotá, Colombia</option>' in rules


def test_a_range_for_nobody_is_not_kept(client: Client, doctor: Doctor) -> None:
    before = make.stored_hours(doctor)
    data = hours(doctor, **ranges(6, ("08:00", "11:00")), **{"day-6-0-maximum": "0"})
    assert client.post("/doctor/schedule/", data).status_code == 422
    assert make.stored_hours(doctor) == before
    with acting_as_system("test"), pytest.raises(IntegrityError, match="weekly_hours_maximum_is_positive"):
        doctor.weekly_hours.update(maximum=0)


def test_overlap_is_marked_and_what_was_typed_stays(client: Client, doctor: Doctor) -> None:
    before = make.stored_hours(doctor)
    data = hours(doctor, **ranges(3, ("07:30", "12:00"), ("11:30", "17:30")))
    answer = client.post("/doctor/schedule/", data)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="07:30"' in text
    assert 'value="17:30"' in text
    assert 'aria-describedby="day-3-0-error"' in text
    assert 'id="day-3-1-error"' in text
    assert "07:30–12:00" in text
    assert make.stored_hours(doctor) == before


@pytest.mark.parametrize(
    ("fields", "marked"),
    [
        ({"day-1-0-from": "25:00", "day-1-0-to": "26:00"}, "day-1-0-error"),
        ({"day-1-0-from": "12:00", "day-1-0-to": "08:00"}, "day-1-0-error"),
        ({"day-1-0-from": "08:00"}, "day-1-0-error"),
        ({"day-1-0-from": "08:00", "day-1-0-to": "09:00", "day-1-0-slot": "abc"}, "day-1-0-error"),
        ({"day-1-0-from": "08:00", "day-1-0-to": "09:00", "day-1-0-mode": "nap"}, "day-1-0-error"),
        ({"day-1-0-from": "08:00", "day-1-0-to": "09:00", "day-1-0-office": "x"}, "day-1-0-error"),
        ({}, "day-1-0-error"),
    ],
)
def test_wrong_times_are_marked(client: Client, doctor: Doctor, fields: dict[str, str], marked: str) -> None:
    before = make.stored_hours(doctor)
    answer = client.post("/doctor/schedule/", hours(doctor, **{"day-1-on": "1", **fields}))
    assert answer.status_code == 422
    assert f'id="{marked}"' in answer.content.decode()
    assert make.stored_hours(doctor) == before


def test_a_stale_form_shows_both_versions_and_can_be_sent_again(client: Client, doctor: Doctor) -> None:
    mine = hours(doctor, **ranges(1, ("09:00", "10:00")))
    client.post("/doctor/schedule/", hours(doctor, **ranges(2, ("14:00", "15:00"))))
    answer = client.post("/doctor/schedule/", mine)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert 'value="09:00"' in text
    assert "09:00–10:00" in text
    assert "14:00–15:00" in text
    assert make.stored_hours(doctor) == [(2, 840, 900)]
    now = str(make.fresh(doctor).schedule_version)
    assert f'name="version" value="{now}"' in text
    assert client.post("/doctor/schedule/", {**mine, "version": now}).status_code == 302
    assert make.stored_hours(doctor) == [(1, 540, 600)]


def test_a_form_without_its_version_is_stale(client: Client, doctor: Doctor) -> None:
    for version in ("", "abc", "-1", "9" * 20):
        data = {**ranges(1, ("09:00", "10:00")), "version": version}
        assert client.post("/doctor/schedule/", data).status_code == 409


@pytest.mark.parametrize(
    ("button", "shown", "hidden"),
    [
        ({"add": "6"}, "day-6-0-from", None),
        ({"add": "1"}, "day-1-1-from", None),
        ({"remove": "1-0"}, "day-2-0-from", 'id="day-1-on" name="day-1-on" value="1" checked'),
        ({"copy": "1"}, 'id="day-5-on" name="day-5-on" value="1" checked', None),
        # The hours that a closed day was sent with open it again.
        ({"add": "0", "day-0-0-from": "07:45"}, 'name="day-0-0-from" value="07:45"', 'id="day-0-1-from"'),
    ],
)
def test_buttons_of_the_form_work_without_a_script_and_save_nothing(
    client: Client, doctor: Doctor, button: dict[str, str], shown: str, hidden: str | None
) -> None:
    before = make.stored_hours(doctor)
    data = hours(doctor, **ranges(1, ("08:15", "12:00")), **ranges(2, ("09:15", "12:00")), **button)
    answer = client.post("/doctor/schedule/", data)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert shown in text
    assert hidden is None or hidden not in text
    assert 'value="09:15"' in text or "copy" in button
    assert make.stored_hours(doctor) == before


def test_a_closed_day_has_hours_ready_and_saves_them_once_it_is_switched_on(
    client: Client, doctor: Doctor
) -> None:
    client.post("/doctor/schedule/", hours(doctor, **ranges(1, ("08:15", "12:00"))))
    page = client.get("/doctor/schedule/").content.decode()
    sent = dict(re.findall(r'name="(day-[^"]*-(?:from|to))" value="([^"]*)"', page))
    assert sent["day-0-0-from"] == "08:00"
    closed = hours(doctor, **sent, **{f"day-{day}-0-mode": "both" for day in range(7)}, **{"day-1-on": "1"})
    assert client.post("/doctor/schedule/", closed).status_code == 302
    assert make.stored_hours(doctor) == [(1, 495, 720)]
    opened = {**closed, **hours(doctor), "day-0-on": "1"}
    assert client.post("/doctor/schedule/", opened).status_code == 302
    assert make.stored_hours(doctor) == [(0, 480, 720), (1, 495, 720)]


def test_htmx_gets_the_form_alone_and_is_sent_on_when_saved(client: Client, doctor: Doctor) -> None:
    headers = {"HX-Request": "true"}
    part = client.post("/doctor/schedule/", hours(doctor, add="6"), headers=headers)
    assert b"<html" not in part.content
    saved = client.post("/doctor/schedule/", hours(doctor, **ranges(1, ("08:00", "09:00"))), headers=headers)
    assert saved.headers["HX-Redirect"] == "/doctor/schedule/"


def test_ranges_of_a_day_switched_off_are_not_saved(client: Client, doctor: Doctor) -> None:
    data = hours(doctor, **{"day-1-0-from": "08:00", "day-1-0-to": "12:00"}, **ranges(2, ("08:00", "09:00")))
    client.post("/doctor/schedule/", data)
    assert make.stored_hours(doctor) == [(2, 480, 540)]


# --- Exceptions ---


def block(client: Client, **fields: str) -> Any:
    return client.post(
        "/doctor/schedule/exceptions/", {"kind": "blocked", "date": SOON, "mode": "both", **fields}
    )


def test_an_exception_is_added_changed_and_removed(client: Client, doctor: Doctor) -> None:
    assert block(client, start_minute="07:00", end_minute="12:00", reason="Congreso").status_code == 302
    page = client.get("/doctor/schedule/exceptions/").content.decode()
    assert "Congreso" in page
    assert "07:00–12:00" in page
    with acting_as_system("test"):
        row = ScheduleException.objects.get(doctor=doctor)
    assert b'value="07:00"' in client.get(f"/doctor/schedule/exceptions/{row.pk}/").content
    changed = {
        "kind": "extra_hours",
        "date": SOON,
        "start_minute": "13:00",
        "end_minute": "00:00",
        "mode": "video",
    }
    assert client.post(f"/doctor/schedule/exceptions/{row.pk}/", changed).status_code == 302
    with acting_as_system("test"):
        row = ScheduleException.objects.get(doctor=doctor)
    assert (row.kind, row.start_minute, row.end_minute, row.mode) == ("extra_hours", 780, 1440, "video")
    assert client.post(f"/doctor/schedule/exceptions/{row.pk}/remove/").status_code == 302
    assert make.fresh(row) is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"date": "2020-01-01"}, "date"),
        ({"date": "yesterday"}, "date"),
        ({"start_minute": "10:00"}, "end_minute"),
        ({"start_minute": "10:00", "end_minute": "09:00"}, "end_minute"),
        ({"kind": "extra_hours"}, "start_minute"),
        ({"kind": "nap"}, "kind"),
    ],
)
def test_a_wrong_exception_is_marked_at_its_field(
    client: Client, doctor: Doctor, fields: dict[str, str], field: str
) -> None:
    answer = block(client, **{"reason": "Lo que escribí", **fields})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'id="id_{field}_error"' in text
    assert "Lo que escribí" in text
    with acting_as_system("test"):
        assert not ScheduleException.objects.filter(doctor=doctor).exists()


def test_another_doctors_exception_does_not_exist(client: Client) -> None:
    other = make.make_public_doctor()
    block(signed_in(other.user))
    with acting_as_system("test"):
        row = ScheduleException.objects.get(doctor=other)
    assert client.get(f"/doctor/schedule/exceptions/{row.pk}/").status_code == 404
    assert client.post(f"/doctor/schedule/exceptions/{row.pk}/remove/").status_code == 404
    assert make.fresh(row) is not None


# --- Rules ---


def rules(doctor: Doctor, **changes: str) -> dict[str, str]:
    return {
        "version": str(make.fresh(doctor).schedule_version),
        "slot_minutes": "30",
        "buffer_before_minutes": "0",
        "buffer_after_minutes": "10",
        "minimum_notice_minutes": "240",
        "horizon_days": "90",
        "maximum_per_day": "16",
        "confirmation_mode": "by_hand",
        "confirmation_deadline_hours": "12",
        "free_cancellation_hours": "48",
        "late_fee_percent": "50",
        "time_zone": "America/Bogota",
        **changes,
    }


def test_rules_are_saved_and_told(client: Client, doctor: Doctor) -> None:
    before = make.fresh(doctor).schedule_version
    assert client.post("/doctor/schedule/rules/", rules(doctor)).status_code == 302
    saved = make.fresh(doctor)
    assert (saved.buffer_after_minutes, saved.maximum_per_day, saved.late_fee_percent) == (10, 16, 50)
    assert (saved.accepts_payment_at_clinic, saved.is_accepting_new_patients) == (False, False)
    assert saved.schedule_version == before + 1


def test_stale_rules_are_refused_and_keep_what_was_typed(client: Client, doctor: Doctor) -> None:
    mine = rules(doctor)
    block(client)
    answer = client.post("/doctor/schedule/rules/", mine)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert 'value="16"' in text
    assert f'value="{make.fresh(doctor).schedule_version}"' in text
    assert make.fresh(doctor).maximum_per_day is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("maximum_per_day", "0"),
        ("slot_minutes", "7"),
        ("time_zone", "Mars/Olympus"),
        ("confirmation_mode", "maybe"),
    ],
)
def test_wrong_rules_are_marked(client: Client, doctor: Doctor, field: str, value: str) -> None:
    answer = client.post("/doctor/schedule/rules/", rules(doctor, **{field: value}))
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert make.fresh(doctor).buffer_after_minutes == 0
