"""Bookings in the staff's console: the latest first, and what happened to one in words."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role
from bookings.models import Booking
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
