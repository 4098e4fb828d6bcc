"""The notification centre: what it shows, to whom, and how things get read."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.identity import identity_for
from accounts.models import Guardianship, Role
from bookings.models import Booking
from medai.common import realtime
from medai.common.identity import ANONYMOUS, acting_as_system
from messaging.models import InboxNotice
from tests.factories import bookings as make
from tests.factories import messaging as told


@pytest.fixture
def booking(mariana: Any, patient: Any, doctor: Any) -> Booking:
    return make.book(mariana, patient, doctor)


@pytest.fixture
def notice(mariana: Any, booking: Booking) -> InboxNotice:
    return told.make_notice(mariana, booking)


def is_read(notice: InboxNotice) -> bool:
    with acting_as_system("test"):
        notice.refresh_from_db()
    return notice.read_at is not None


HTMX = {"HX-Request": "true"}


def test_the_list_says_what_happened_in_the_language_of_the_page(
    mariana: Any, notice: InboxNotice, doctor: Any
) -> None:
    page = told.browser(mariana).get(reverse("messaging:notices")).content.decode()
    assert "Your visit is confirmed" in page
    assert doctor.display_name in page
    page = told.browser(mariana, "es").get(reverse("messaging:notices")).content.decode()
    assert "Su cita está confirmada" in page


def test_a_visit_of_a_child_names_the_child(mariana: Any, doctor: Any) -> None:
    child = make.make_patient(mariana, relationship="child", first_name="Tomás", last_name="Rojas")
    told.make_notice(mariana, make.book(mariana, child, doctor))
    page = told.browser(mariana).get(reverse("messaging:notices")).content.decode()
    assert "The visit of Tomás Rojas is confirmed" in page


def test_a_doctor_reads_who_booked(mariana: Any, patient: Any, doctor: Any) -> None:
    told.make_notice(doctor.user, make.book(mariana, patient, doctor), kind="new_booking")
    page = told.browser(doctor.user).get(reverse("messaging:notices")).content.decode()
    assert patient.full_name in page


def test_an_empty_centre_says_so(mariana: Any) -> None:
    assert b"Nothing new" in told.browser(mariana).get(reverse("messaging:notices")).content


def test_the_bell_counts_what_is_unread(mariana: Any, notice: InboxNotice) -> None:
    client = told.browser(mariana)
    bell = client.get(reverse("messaging:bell"))
    assert "Notifications, 1 unread" in bell.content.decode()
    assert f"user-notices:{mariana.pk}" in bell.content.decode()
    client.post(reverse("messaging:read-all"))
    assert "unread" not in client.get(reverse("messaging:bell")).content.decode()


def test_opening_a_notice_marks_it_read_and_leads_to_the_visit(
    mariana: Any, notice: InboxNotice, booking: Booking
) -> None:
    client = told.browser(mariana)
    answer = client.get(reverse("messaging:open", args=[notice.pk]))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("bookings:booking", args=[booking.pk])
    assert is_read(notice)


def test_marking_read_works_with_and_without_scripts(mariana: Any, booking: Booking) -> None:
    first, second = (told.make_notice(mariana, booking, occasion=str(number)) for number in range(2))
    client = told.browser(mariana)
    answer = client.post(reverse("messaging:read", args=[first.pk]))
    assert answer["Location"] == reverse("messaging:notices")
    assert is_read(first)
    assert not is_read(second)
    answer = client.post(reverse("messaging:read", args=[second.pk]), headers=HTMX)
    assert answer.status_code == 200
    assert answer.content.decode().lstrip().startswith("<div")
    assert is_read(second)


@pytest.mark.parametrize("route", ["messaging:open", "messaging:read"])
def test_somebody_elses_notice_does_not_exist(notice: InboxNotice, route: str) -> None:
    client = told.browser(make.make_user())
    method = client.get if route == "messaging:open" else client.post
    assert method(reverse(route, args=[notice.pk])).status_code == 404
    assert not is_read(notice)
    client.post(reverse("messaging:read-all"))
    assert not is_read(notice)


def test_a_notice_outlives_the_right_to_see_the_visit_without_its_details(
    mariana: Any, notice: InboxNotice, doctor: Any
) -> None:
    with acting_as_system("test"):
        Guardianship.objects.all().delete()
    client = told.browser(mariana)
    page = client.get(reverse("messaging:notices")).content.decode()
    assert "Booking confirmed" in page
    assert doctor.display_name not in page
    assert client.get(reverse("messaging:open", args=[notice.pk]))["Location"] == reverse("messaging:notices")


def test_the_list_needs_the_same_number_of_queries_for_many_notices(
    mariana: Any, booking: Booking, django_assert_max_num_queries: Any
) -> None:
    client = told.browser(mariana)
    client.get(reverse("messaging:notices"))
    for number in range(20):
        told.make_notice(mariana, booking, occasion=str(number))
    with django_assert_max_num_queries(22):
        page = client.get(reverse("messaging:notices"))
    assert page.content.count(b'class="notice"') == 20


@pytest.mark.parametrize("route", ["messaging:notices", "messaging:bell", "messaging:settings"])
def test_visitors_are_asked_to_sign_in(client: Client, db: None, route: str) -> None:
    answer = client.get(reverse(route))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.PHARMACIST])
def test_everybody_who_is_signed_in_has_a_centre(db: None, role: str) -> None:
    client = told.browser(make.make_user(role))
    assert client.get(reverse("messaging:notices")).status_code == 200
    assert client.get(reverse("messaging:bell")).status_code == 200


def test_only_the_person_hears_of_their_notices(mariana: Any, doctor: Any) -> None:
    topic = f"user-notices:{mariana.pk}"
    assert realtime.is_allowed(identity_for(mariana), topic)
    assert not realtime.is_allowed(identity_for(doctor.user), topic)
    assert not realtime.is_allowed(ANONYMOUS, topic)
    assert not realtime.is_allowed(ANONYMOUS, "user-notices:None")


def test_a_new_notice_rings_the_bell_of_open_pages(
    mariana: Any, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(realtime, "changed", lambda *topics: heard.extend(topics))
    told.make_notification(mariana, booking, channel="in_app")
    assert told.send() == {"sent": 1}
    assert heard == [f"user-notices:{mariana.pk}"]
