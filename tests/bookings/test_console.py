"""Bookings in the staff's console: the latest first, and what happened to one in words."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role
from bookings.models import Booking
from medai.common.identity import acting_as_system
from tests.factories import bookings as make
from tests.factories.accounts import make_staff, signed_in
from tests.factories.bookings import MONDAY_9

LIST = "/admin/bookings/booking/"


@pytest.fixture
def booking(mariana: Any, patient: Any, doctor: Any) -> Booking:
    return make.book(mariana, patient, doctor)


@pytest.fixture
def staff(db: None) -> Client:
    browser = signed_in(make_staff(Role.ADMIN))
    browser.cookies["language"] = "es"
    return browser


def test_the_latest_visits_come_first(
    staff: Client, mariana: Any, patient: Any, doctor: Any, booking: Booking
) -> None:
    later = make.book(mariana, patient, doctor, starts_at=MONDAY_9 + timedelta(hours=2))
    page = staff.get(LIST).content.decode()
    assert page.index(later.reference) < page.index(booking.reference)


def test_a_cell_names_its_column_for_where_there_is_no_head(staff: Client, booking: Booking) -> None:
    page = staff.get(LIST).content.decode()
    assert f"{LIST}{booking.pk}/change/" in page
    assert 'data-label="Código"' in page
    assert 'data-label="Paciente"' in page
    assert 'data-label="<' not in page


def test_who_changed_a_booking_stands_there_in_words(staff: Client, mariana: Any, booking: Booking) -> None:
    page = staff.get(f"{LIST}{booking.pk}/change/").content.decode()
    assert f"Paciente, {mariana.email}" in page
    assert ">patient<" not in page
    assert str(mariana.pk) not in page


def wish(patient: Any, doctor: Any, **changes: str) -> dict[str, str]:
    local = {"date": MONDAY_9.strftime("%Y-%m-%d"), "time": "09:00"}
    kind = {"kind": "standard", "visit_mode": "in_person", "channel": "phone", "patient_notes": "Tos"}
    return {"patient": str(patient.pk), "doctor": str(doctor.pk), **local, **kind, **changes}


def test_staff_book_for_whoever_calls_and_a_second_click_says_what_is_free(
    staff: Client, patient: Any, doctor: Any
) -> None:
    booked = staff.post(f"{LIST}add/", wish(patient, doctor))
    assert booked.status_code == 302
    again = staff.post(f"{LIST}add/", wish(patient, doctor))
    assert again.status_code == 422
    assert "Tos" in again.content.decode()
    assert "9:30" in again.content.decode()
    with acting_as_system("test"):
        only = Booking.objects.get()
    assert (only.status, only.channel, only.starts_at) == ("confirmed", "phone", MONDAY_9)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_refused_at_its_field(
    staff: Client, patient: Any, doctor: Any, day: str
) -> None:
    refused = staff.post(f"{LIST}add/", wish(patient, doctor, date=day, time="23:59"))
    assert refused.status_code == 422
    assert "Elija un año entre 1900 y 2200." in refused.content.decode()
    with acting_as_system("test"):
        assert not Booking.objects.exists()
