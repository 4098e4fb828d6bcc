"""What opens without signing in: the links of messages and private calendar feeds; and what does not."""

from datetime import timedelta

import pytest
from django.core import signing
from django.urls import reverse
from icalendar import Calendar

from bookings import errors, links
from bookings.calendars import feeds
from bookings.calendars.ics import booking_ics
from bookings.links import booking_url
from bookings.models import Booking
from medai.common.identity import acting_as_system
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(mariana, patient, doctor):
    return make.book(mariana, patient, doctor)


def address(booking, purpose="view"):
    return booking_url(booking, purpose).partition("//")[2].partition("/")[2].join(["/", ""])


def reloaded(booking):
    with acting_as_system("test"):
        return Booking.objects.select_related("doctor", "patient", "visit_type", "office").get(pk=booking.pk)


def test_a_link_shows_the_visit_and_tells_nobody_where_it_came_from(client, booking):
    page = client.get(address(booking))
    assert booking.reference in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"  # as little as the forms of the page can do with


def test_a_link_cancels_and_moves(client, booking):
    later = make.MONDAY_9 + timedelta(hours=3)
    client.post(address(booking, "reschedule"), {"do": "reschedule", "start": later.isoformat()})
    assert reloaded(booking).starts_at == later
    client.post(address(booking, "cancel"), {"do": "cancel", "reason": "Viaje"})
    assert reloaded(booking).status == "cancelled_by_patient"


def test_whoever_may_see_a_visit_by_its_link_finds_how_to_move_it(client, booking):
    page = client.get(address(booking))
    assert page.context["may_reschedule"]
    assert 'href="?move=1#move"' in page.content.decode()
    moving = client.get(address(booking), {"move": "1"}).content.decode()
    later = make.MONDAY_9 + timedelta(hours=3)
    assert 'name="start"' in moving
    assert 'href="?move=1#move"' not in moving
    client.post(address(booking), {"do": "reschedule", "start": later.isoformat()})
    assert reloaded(booking).starts_at == later


@pytest.mark.parametrize("purpose", ["view", "reschedule"])
def test_whoever_is_about_to_move_a_visit_by_its_link_can_keep_its_time(client, booking, purpose):
    moving = client.get(address(booking, purpose), {"move": "1"}).content.decode()
    assert 'href="?keep=1"' in moving
    kept = client.get(address(booking, purpose), {"keep": "1"}).content.decode()
    assert 'name="start"' not in kept
    assert booking.reference in kept


def test_a_link_moves_a_visit_so_many_times_within_an_hour(client, booking, monkeypatch):
    monkeypatch.setattr("bookings.services.limits.MAXIMUM_MOVES_AN_HOUR", 1)
    path, starts = address(booking, "reschedule"), [make.MONDAY_9 + timedelta(hours=hour) for hour in (3, 4)]
    answers = [client.post(path, {"do": "reschedule", "start": start.isoformat()}) for start in starts]
    assert [answer.status_code for answer in answers] == [302, 429]
    assert 3500 < int(answers[1]["Retry-After"]) <= 3600
    assert reloaded(booking).starts_at == starts[0]


def test_opening_a_cancel_link_cancels_nothing(client, booking):
    assert client.get(address(booking, "cancel")).status_code == 200
    assert reloaded(booking).status == "confirmed"


@pytest.mark.parametrize(
    "spoil", [lambda url: url[:-5] + "xxxx/", lambda url: url.replace("/visit/", "/visit/a")]
)
def test_a_tampered_link_opens_nothing(spoil, client, booking):
    page = client.get(spoil(address(booking)))
    assert page.status_code == 404
    assert f'<h1 class="h-lg">{errors.LinkInvalid.title}</h1>' in page.content.decode()


@pytest.mark.parametrize(
    "said",
    [
        lambda booking: [str(booking.pk), "view"],
        lambda booking: [str(booking.pk)],
        lambda booking: str(booking.pk),
        lambda booking: {"booking": str(booking.pk)},
        lambda booking: 7,
        lambda booking: ["7", "view", ""],
        lambda booking: [7, "view", ""],
        lambda booking: [str(booking.pk), "view", 7],
        lambda booking: [str(booking.pk), "view", "nobody"],
    ],
)
def test_a_link_of_an_older_kind_opens_nothing(said, client, booking):
    """Signed by us, and yet not as links are made today."""
    token = signing.dumps(said(booking), salt=links.SALT, compress=True)
    page = client.get(reverse("bookings:link", args=[token]))
    assert page.status_code == 404
    assert str(errors.LinkInvalid.message) in page.content.decode()


def test_a_link_runs_out_after_the_visit(client, booking):
    url = address(booking)
    make.put_in_the_past(booking, hours=48)
    assert client.get(url).status_code == 410


def test_a_feed_holds_ones_own_visits_until_it_is_revoked(client, mariana, booking):
    stranger = make.make_user()
    make.book(stranger, make.make_patient(stranger), make.make_doctor())
    with make.as_user(mariana):
        _, secret = feeds.create_feed(user=mariana)
    url = reverse("bookings:feed", args=[secret])
    calendar = Calendar.from_ical(client.get(url).content)
    assert [str(event["uid"]).partition("@")[0] for event in calendar.walk("VEVENT")] == [str(booking.pk)]
    with make.as_user(mariana):
        feeds.revoke_feed(user=mariana)
    assert client.get(url).status_code == 404


def test_a_new_feed_ends_the_old_one_and_a_ban_ends_both(client, mariana):
    with make.as_user(mariana):
        (_, first), (_, second) = feeds.create_feed(user=mariana), feeds.create_feed(user=mariana)
    assert client.get(reverse("bookings:feed", args=[first])).status_code == 404
    assert client.get(reverse("bookings:feed", args=[second])).status_code == 200
    with acting_as_system("test"):
        type(mariana).objects.filter(pk=mariana.pk).update(is_active=False)
    assert client.get(reverse("bookings:feed", args=[second])).status_code == 404


def test_a_calendar_entry_moves_and_disappears_with_its_visit(mariana, booking):
    def entry():
        calendar = Calendar.from_ical(booking_ics(reloaded(booking), audience="patient"))
        event = calendar.walk("VEVENT")[0]
        return str(calendar["method"]), int(event["sequence"]), event.decoded("dtstart"), str(event["status"])

    from bookings import services

    assert entry() == ("REQUEST", 0, make.MONDAY_9, "CONFIRMED")
    later = make.MONDAY_9 + timedelta(hours=1)
    with make.as_user(mariana):
        services.reschedule(booking_id=booking.pk, starts_at=later)
    assert entry() == ("REQUEST", 1, later, "CONFIRMED")
    with make.as_user(mariana):
        services.cancel(booking_id=booking.pk)
    assert entry() == ("CANCEL", 2, later, "CANCELLED")


def test_a_doctors_calendar_names_patients_by_initials_only(booking):
    ics = booking_ics(reloaded(booking), audience="doctor").decode()
    assert booking.patient.first_name not in ics
