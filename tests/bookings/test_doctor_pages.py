"""The doctor's portal: today, the calendar, visits, blocking time."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from bookings.models import Booking
from doctors.models import ScheduleException
from doctors.services import exceptions
from medai.common.identity import acting_as_system
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def portal(client, doctor):
    return make.sign_in(client, doctor.user)


@pytest.fixture
def booking(mariana, patient, doctor):
    return make.book(mariana, patient, doctor, patient_notes="Palpitaciones")


def status_of(booking):
    with acting_as_system("test"):
        booking.refresh_from_db()
    return booking.status


def on_day(booking):
    return {"date": booking.starts_at.date().isoformat()}


def test_the_calendar_shows_the_visits_of_a_week_day_and_month(portal, booking):
    for view in ("day", "week", "month"):
        page = portal.get(reverse("bookings:doctor-calendar"), {"view": view, **on_day(booking)})
        assert page.status_code == 200
        assert (booking.patient.full_name in page.content.decode()) is True


def test_a_month_is_drawn_in_whole_weeks_and_turned_as_one(portal, booking):
    first = booking.starts_at.date().replace(day=1)
    page = portal.get(reverse("bookings:doctor-calendar"), {"view": "month", **on_day(booking)})
    html = page.content.decode()
    # Each day leads to its own page; the visit is in its day.
    days = re.findall(r'class="monthdays__number" href="\?view=day&amp;date=([0-9-]+)"', html)
    assert len(days) == 42
    assert days[0] <= first.isoformat() <= days[6]
    assert len([day for day in days if day.startswith(first.isoformat()[:7])]) >= 28
    of_day = html[html.index(f'number" href="?view=day&amp;date={booking.starts_at.date()}') :].partition(
        "monthdays__day"
    )[0]
    assert booking.patient.full_name in of_day
    assert f"{booking.starts_at.astimezone(ZoneInfo('America/Bogota')):%-H:%M}" in of_day
    earlier, later = (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=31)).replace(day=1)
    for turned in (earlier, later):
        assert f"?view=month&amp;date={turned}" in html


def test_blocked_and_held_times_of_a_month_count_as_no_visits(portal, booking, doctor, mariana, patient):
    day = booking.starts_at.date()
    make.hold(mariana, patient, doctor, starts_at=booking.starts_at + timedelta(hours=1))
    with acting_as_system("test"):
        exceptions.add_exception(doctor_id=doctor.pk, date=day, until=day + timedelta(days=1), kind="blocked")
    page = portal.get(reverse("bookings:doctor-calendar"), {"view": "month", **on_day(booking)})
    counts = re.findall(r'class="monthdays__count" href="[^"]*date=([0-9-]+)">(\d+)<', page.content.decode())
    assert counts == [(day.isoformat(), "1")]


def test_the_script_reads_visits_blocks_and_hours(portal, booking, doctor):
    first = booking.starts_at.date()
    query = {"start": first.isoformat(), "end": (first + timedelta(days=7)).isoformat()}
    events = portal.get(reverse("bookings:doctor-events"), query).json()
    visits = [event for event in events if event.get("id") == str(booking.pk)]
    assert [(visit["title"], visit["start"][11:16]) for visit in visits] == [
        (booking.patient.full_name, "09:00")
    ]
    assert sum(event.get("groupId") == "working" for event in events) == 5


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"start": "2026-01-01", "end": "2027-12-31"},
        {"start": "x", "end": "y"},
        {"start": "2026-01-02", "end": "2026-01-01"},
    ],
)
def test_a_senseless_stretch_of_time_is_not_found(query, portal):
    assert portal.get(reverse("bookings:doctor-events"), query).status_code == 404


def test_a_hold_shows_no_name(portal, doctor):
    stranger = make.make_user()
    held = make.hold(stranger, make.make_patient(stranger, first_name="Quintiliano"), doctor)
    page = portal.get(reverse("bookings:doctor-calendar"), {"view": "day", **on_day(held)}).content.decode()
    assert "Quintiliano" not in page
    assert 'data-state="held"' in page
    assert portal.get(reverse("bookings:doctor-booking", args=[held.pk])).status_code == 404


def test_dragging_moves_a_visit_and_says_what_was_in_the_way(portal, booking, doctor):
    url = reverse("bookings:doctor-move", args=[booking.pk])
    later = {"date": on_day(booking)["date"], "time": "11:00"}
    assert portal.post(url, later, headers=JSON).status_code == 200
    with acting_as_system("test"):
        booking.refresh_from_db()
    assert booking.starts_at == make.MONDAY_9 + timedelta(hours=2)
    rival = make.make_user()
    make.book(rival, make.make_patient(rival), doctor)
    refused = portal.post(url, {**later, "time": "09:15"}, headers=JSON)
    assert (refused.status_code, bool(refused.json()["message"])) == (409, True)
    assert portal.post(url, {"date": "x", "time": ""}, headers=JSON).status_code == 422


@pytest.mark.parametrize("view", ["day", "week"])
def test_the_small_month_marks_the_chosen_day_and_every_day_of_visits(view, portal, booking):
    visit = booking.starts_at.date()
    chosen = visit + timedelta(days=8 if visit.day < 20 else -8)
    page = portal.get(reverse("bookings:doctor-calendar"), {"view": view, "date": chosen.isoformat()})
    marked = dict(re.findall(r'<a href="[^"]*date=([0-9-]+)"([^>]*aria-label[^>]*)>', page.text))
    assert [date for date, attributes in marked.items() if "aria-current" in attributes] == [str(chosen)]
    assert [date for date, attributes in marked.items() if "data-free" in attributes] == [str(visit)]
    assert "con citas" in marked[str(visit)]
    assert "con cupos" not in page.text


def test_the_small_month_is_the_one_of_the_chosen_day(portal):
    """The week of the first of December begins in November."""
    page = portal.get(reverse("bookings:doctor-calendar"), {"view": "week", "date": "2026-12-01"})
    assert 'date=2026-12-31"' in page.text


def test_blocked_time_cannot_be_booked_and_can_be_opened_again(portal, mariana, patient, doctor):
    day = make.MONDAY_9.date().isoformat()
    answer = portal.post(
        reverse("bookings:doctor-block"),
        {"date": day, "start": "09:00", "end": "10:00", "reason": "Congreso"},
        headers=JSON,
    )
    assert answer.status_code == 200
    from bookings import errors

    with pytest.raises(errors.SlotNotOffered):
        make.hold(mariana, patient, doctor)
    with acting_as_system("test"):
        block = ScheduleException.objects.get()
    portal.post(reverse("bookings:doctor-unblock", args=[block.pk]), headers=JSON)
    assert make.hold(mariana, patient, doctor).status == "held"


@pytest.mark.parametrize(
    "form",
    [{"start": "10:00", "end": "09:00"}, {"start": "10:00", "end": ""}, {"date": ""}, {"date": "2020-01-01"}],
)
def test_a_senseless_block_is_refused(form, portal, doctor):
    sent = {"date": make.MONDAY_9.date().isoformat(), "start": "09:00", "end": "10:00", **form}
    answer = portal.post(reverse("bookings:doctor-block"), sent, headers=JSON)
    assert (answer.status_code, bool(answer.json()["message"])) == (422, True)
    with acting_as_system("test"):
        assert not ScheduleException.objects.exists()


def test_a_visit_page_leads_from_confirming_to_what_became_of_it(client, mariana, patient):
    doctor = make.make_doctor(confirmation_mode="by_hand")
    booking = make.book(mariana, patient, doctor, patient_notes="Palpitaciones")
    portal = make.sign_in(client, doctor.user)
    page = portal.get(reverse("bookings:doctor-booking", args=[booking.pk])).content.decode()
    assert "Palpitaciones" in page
    portal.post(reverse("bookings:doctor-confirm", args=[booking.pk]))
    assert status_of(booking) == "confirmed"
    portal.post(reverse("bookings:doctor-complete", args=[booking.pk]))
    assert status_of(booking) == "confirmed"
    make.put_in_the_past(booking)
    portal.post(reverse("bookings:doctor-no-show", args=[booking.pk]))
    assert status_of(booking) == "no_show"


def test_cancelling_asks_first_and_keeps_the_reason(portal, booking):
    url = reverse("bookings:doctor-cancel", args=[booking.pk])
    assert portal.get(url).status_code == 200
    assert status_of(booking) == "confirmed"
    portal.post(url, {"reason": "Urgencia en cirugía"})
    assert status_of(booking) == "cancelled_by_doctor"


@pytest.mark.parametrize(
    ("method", "is_given_back"), [("at_clinic", False), ("free", False), ("online", True)]
)
def test_cancelling_speaks_of_money_only_where_it_was_paid_to_us(method, is_given_back, portal, booking):
    with acting_as_system("test"):
        Booking.objects.filter(pk=booking.pk).update(payment_method=method)
    page = portal.get(reverse("bookings:doctor-cancel", args=[booking.pk]))
    assert ("todo lo pagado" in page.text) is is_given_back


def test_visits_are_listed_and_found_by_name(portal, booking):
    url = reverse("bookings:doctor-bookings")
    assert booking.patient.full_name in portal.get(url).content.decode()
    found = portal.get(url, {"q": booking.patient.last_name}).content.decode()
    assert booking.patient.full_name in found
    assert booking.patient.full_name not in portal.get(url, {"q": "Nadie"}).content.decode()


def test_today_shows_figures(portal, booking):
    page = portal.get(reverse("bookings:today"))
    assert page.status_code == 200


def test_the_hours_being_typed_show_their_slots(portal, doctor):
    form = {"day-1-on": "on", "day-1-0-from": "08:00", "day-1-0-to": "09:00", "day-1-0-mode": "both"}
    page = portal.post(reverse("bookings:schedule-preview"), form).content.decode()
    assert page.count('class="slot"') == 4
    with acting_as_system("test"):
        assert doctor.weekly_hours.count() == 5


@pytest.mark.parametrize("name", ["doctor-booking", "doctor-cancel"])
def test_another_doctors_visit_does_not_exist(name, client, booking):
    other = make.sign_in(client, make.make_doctor().user)
    assert other.get(reverse(f"bookings:{name}", args=[booking.pk])).status_code == 404


def test_a_doctor_without_a_practice_is_led_to_set_it_up(client):
    newcomer = make.sign_in(client, make.make_user("doctor"))
    assert newcomer.get(reverse("bookings:today"))["Location"] == reverse("doctors:onboarding")
    with acting_as_system("test"):
        assert not Booking.objects.exists()


def test_whoever_is_refused_can_sign_out_and_come_back(portal, booking):
    page = portal.get("/patient/?from=mail")
    assert page.status_code == 403
    main = page.text.partition("<main")[2]
    assert 'action="/accounts/logout/"' in main
    assert '<input type="hidden" name="next" value="/patient/?from=mail">' in main
    assert (
        "?next="
        in portal.post("/accounts/logout/", {"next": "/patient/?from=mail"}, follow=True).redirect_chain[-1][
            0
        ]
    )
