"""Which pages ask the browser to keep them for the way: those of coming visits, for their own person only."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from bookings import services
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db


def marks(client: Client, path: str) -> list[str]:
    return re.findall(r' data-offline="(\w+)"', client.get(path).content.decode())


def test_a_coming_visit_and_the_pages_that_lead_to_it(
    client: Client, mariana: User, patient: Any, doctor: Any
) -> None:
    booking = make.book(mariana, patient, doctor)
    make.sign_in(client, mariana)
    home, visit = reverse("bookings:patient-home"), reverse("bookings:booking", args=[booking.pk])
    listed = reverse("bookings:patient-bookings")
    [mark] = marks(client, home)
    assert marks(client, visit) == marks(client, listed) == [mark]
    assert f'href="{visit}" data-offline-too' in client.get(home).content.decode()
    assert marks(client, f"{listed}?show=past") == []
    assert marks(client, reverse("accounts:profile")) == []
    stranger = Client()
    other = make.make_user()
    make.make_patient(other)
    make.sign_in(stranger, other)
    assert marks(stranger, home) not in ([], [mark])


def test_a_visit_that_is_off_is_not_kept(client: Client, mariana: User, patient: Any, doctor: Any) -> None:
    booking = make.book(mariana, patient, doctor)
    with make.as_user(mariana):
        services.cancel(booking_id=booking.pk)
    make.sign_in(client, mariana)
    page = client.get(reverse("bookings:booking", args=[booking.pk]))
    assert page.status_code == 200
    assert b"data-offline" not in page.content
