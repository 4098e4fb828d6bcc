"""A person sees times by their own clock, and is told whose clock it is where the doctor's differs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Profile
from medai.common.identity import acting_as_system
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "clock", "named"), [("America/Bogota", "9:00", False), ("Europe/Madrid", "3:00", True)]
)
def test_a_visit_is_shown_by_the_patients_clock(zone, clock, named, client):
    user = make.make_user()
    with acting_as_system("test"):
        Profile.objects.filter(user=user).update(time_zone=zone)
    booking = make.book(user, make.make_patient(user), make.make_doctor())
    page = make.sign_in(client, user).get(reverse("bookings:booking", args=[booking.pk])).content.decode()
    assert f"{clock}\N{NO-BREAK SPACE}" in page
    assert ("Madrid" in page) is named


def test_the_clock_and_the_menu_share_one_look_at_the_profile(client):
    make.sign_in(client, make.make_user())
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/patient/").content.decode()
    assert "Persona" in page
    assert sum('FROM "accounts_profile"' in one["sql"] for one in captured) == 1
