"""How people choose by what and when they are told: on the page and by the API."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from bookings.models import Booking
from medai.common.identity import acting_as_system
from messaging.models import NotificationPreferences
from tests.factories import bookings as make
from tests.factories import messaging as told

URL = "messaging:settings"
ALL_ON = {
    "email": "on",
    "reminder_24_hours": "on",
    "reminder_2_hours": "on",
    "has_quiet_hours": "on",
    "quiet_from": "22:00",
    "quiet_until": "06:30",
}


@pytest.fixture
def booking(mariana: Any, patient: Any, doctor: Any) -> Booking:
    booking = make.book(mariana, patient, doctor)
    told.plan()
    return booking


@pytest.fixture
def page(mariana: Any) -> Client:
    return told.browser(mariana)


def chosen(user: Any) -> NotificationPreferences | None:
    with acting_as_system("test"):
        return NotificationPreferences.objects.filter(user=user).first()


def test_the_page_shows_the_defaults_before_anything_was_chosen(page: Client, mariana: Any) -> None:
    html = page.get(reverse(URL)).content.decode()
    assert 'value="21:00"' in html
    assert 'value="07:00"' in html
    assert "Times are those of Bogot" in html
    assert mariana.email in html
    assert "WhatsApp" not in html, "a channel that does not work yet is not offered"
    assert chosen(mariana) is None


def test_a_choice_is_kept_and_shown(page: Client, mariana: Any) -> None:
    data = {**ALL_ON}
    del data["reminder_24_hours"]
    answer = page.post(reverse(URL), data)
    assert answer.status_code == 302
    kept = chosen(mariana)
    assert kept is not None
    assert (kept.email, kept.reminder_24_hours, kept.reminder_2_hours) == (True, False, True)
    assert (kept.quiet_from_minute, kept.quiet_until_minute) == (22 * 60, 6 * 60 + 30)
    assert 'value="22:00"' in page.get(reverse(URL)).content.decode()


def test_quiet_hours_can_be_switched_off_and_on_again(page: Client, mariana: Any) -> None:
    page.post(reverse(URL), {"email": "on"})
    kept = chosen(mariana)
    assert kept is not None
    assert kept.quiet_from_minute == kept.quiet_until_minute
    html = page.get(reverse(URL)).content.decode()
    assert 'value="21:00"' in html, "the usual hours are proposed again"


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"quiet_from": ""}, "quiet_from", "Enter a time"),
        ({"quiet_until": "25:00"}, "quiet_until", "Enter a valid time"),
        ({"quiet_until": "22:00"}, "quiet_until", "must differ"),
    ],
)
def test_a_wrong_hour_is_answered_at_its_field_and_changes_nothing(
    page: Client, mariana: Any, change: dict[str, str], field: str, says: str
) -> None:
    answer = page.post(reverse(URL), {**ALL_ON, **change})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert says in html
    assert f'id="id_{field}_error"' in html
    assert 'value="06:30"' in html or field == "quiet_until"
    assert chosen(mariana) is None


def test_reminders_already_planned_follow_a_new_choice(page: Client, mariana: Any, booking: Booking) -> None:
    assert "reminder_24_hours/email" in told.kinds(user=mariana)
    page.post(reverse(URL), {"reminder_2_hours": "on"})
    told.plan()
    due = [row for row in told.planned(user=mariana, status="due") if "reminder" in row.kind]
    assert [f"{row.kind}/{row.channel}" for row in due] == ["reminder_2_hours/in_app"]
    page.post(reverse(URL), ALL_ON)
    told.plan()
    due = [row for row in told.planned(user=mariana, status="due") if "reminder" in row.kind]
    assert len(due) == 4


def test_a_doctor_is_not_asked_about_reminders(doctor: Any) -> None:
    client = told.browser(doctor.user)
    html = client.get(reverse(URL)).content.decode()
    assert "One day before" not in html
    assert client.post(reverse(URL), {"email": "on"}).status_code == 302


# --- API -------------------------------------------------------------------------------------------------

API = "/api/v1/patient/notifications/settings/"


def patch(client: Client, data: dict[str, Any]) -> Any:
    return client.patch(API, data, content_type="application/json")


def test_the_api_gives_and_changes_the_same_settings(page: Client, mariana: Any) -> None:
    assert page.get(API).json()["data"] == {
        "email": True,
        "reminder_24_hours": True,
        "reminder_2_hours": True,
        "quiet_from": "21:00",
        "quiet_until": "07:00",
    }
    answer = patch(page, {"email": False, "quiet_from": "22:30", "quiet_until": "05:00"})
    assert answer.status_code == 200
    assert answer.json()["data"]["quiet_from"] == "22:30"
    kept = chosen(mariana)
    assert kept is not None
    assert (kept.email, kept.reminder_2_hours, kept.quiet_until_minute) == (False, True, 300)
    assert patch(page, {"quiet_from": None, "quiet_until": None}).json()["data"]["quiet_from"] is None


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"quiet_from": "22:00"}, "quiet_from"),
        ({"quiet_from": "22:00", "quiet_until": None}, "quiet_from"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until"),
        ({"quiet_from": "late", "quiet_until": "07:00"}, "quiet_from"),
        ({"email": "sometimes"}, "email"),
    ],
)
def test_the_api_names_what_is_wrong_and_changes_nothing(
    page: Client, mariana: Any, data: dict[str, Any], field: str
) -> None:
    answer = patch(page, data)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert chosen(mariana) is None


def test_the_settings_of_the_api_are_for_patients(client: Client, doctor: Any) -> None:
    assert client.get(API).status_code == 401
    assert told.browser(doctor.user).get(API).status_code == 403


def test_the_api_lists_notifications_and_marks_them_read(
    page: Client, mariana: Any, booking: Booking
) -> None:
    first = told.make_notice(mariana, booking, occasion="one")
    told.make_notice(mariana, booking, occasion="two")
    data = page.get("/api/v1/notifications/", headers={"Accept-Language": "en"}).json()["data"]
    assert data["total"] == 2
    assert data["results"][0]["title"] == "Your visit is confirmed"
    assert data["results"][0]["booking"] == str(booking.pk)
    answer = page.post(f"/api/v1/notifications/{first.pk}/read/")
    assert answer.json()["data"]["is_read"] is True
    assert page.post("/api/v1/notifications/read/").json()["data"] == {"read": 1}


def test_the_api_keeps_notifications_to_their_owner(mariana: Any, booking: Booking) -> None:
    notice = told.make_notice(mariana, booking)
    client = told.browser(make.make_user(Role.PATIENT))
    assert client.get("/api/v1/notifications/").json()["data"]["total"] == 0
    answer = client.post(f"/api/v1/notifications/{notice.pk}/read/")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "notice_not_found")
    with acting_as_system("test"):
        notice.refresh_from_db()
    assert notice.read_at is None
