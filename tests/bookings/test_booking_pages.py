"""The way of a patient through the pages, as a browser without scripts would go it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Guardianship
from bookings import services
from bookings.models import Booking
from doctors.models import Doctor
from medai.common.identity import acting_as_system
from tests.factories import accounts as people
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, mariana, patient):
    return make.sign_in(client, mariana)


def only_booking():
    with acting_as_system("test"):
        return Booking.objects.select_related("doctor", "patient").get()


def picker_url(doctor, **query):
    return reverse("bookings:choose", args=[doctor.slug]), {"from": make.MONDAY_9.date().isoformat(), **query}


def a_slot(client, doctor):
    """The address behind the first time of the page."""
    url, query = picker_url(doctor)
    page = client.get(url, query).content.decode()
    return re.search(rf'href="(/book/{doctor.slug}/start/[^"]+)"', page)[1].replace("&amp;", "&")


def reserve(client, slot):
    return client.post(slot, _form(client.get(slot)))


def answers(form_page, **changes):
    return {"consent": "on", "payment_method": "at_clinic", "policy_number": "", **changes}


def test_anybody_sees_the_free_times(client, doctor):
    url, query = picker_url(doctor)
    page = client.get(url, query)
    assert page.status_code == 200
    assert page.content.decode().count('class="slot"') >= 5 * 16
    assert client.get(reverse("bookings:picker", args=[doctor.pk]), query).status_code == 200


def test_a_month_shows_the_days_with_free_times(client, doctor):
    url, query = picker_url(doctor, view="month")
    assert b"data-free" in client.get(url, query).content


def test_the_cards_of_the_directory_get_their_times_in_one_request(client, doctor):
    other = make.make_doctor()
    answer = client.get(reverse("bookings:card-slots"), {"doctors": f"{doctor.pk},{other.pk},nonsense"})
    page = answer.content.decode()
    assert f'id="slots-{doctor.pk}"' in page
    assert f'id="slots-{other.pk}"' in page


def test_a_visitor_signs_in_and_comes_back_to_the_same_time(client, doctor):
    slot = a_slot(client, doctor)
    answer = client.get(slot)
    assert answer.status_code == 302
    assert "next=" in answer["Location"]
    assert "start" in answer["Location"]


def test_from_a_time_to_a_booking(signed_in, doctor, patient):
    slot = a_slot(signed_in, doctor)
    page = signed_in.get(slot)
    assert page.status_code == 200
    with acting_as_system("test"):
        assert not Booking.objects.exists()
    held = signed_in.post(slot, _form(page))
    booking = only_booking()
    assert (held.status_code, booking.status) == (302, "held")
    details = signed_in.get(held["Location"])
    assert b"data-countdown" in details.content
    done = signed_in.post(
        held["Location"],
        answers(details, patient=str(patient.pk), patient_notes="Palpitaciones"),
        follow=True,
    )
    assert done.status_code == 200
    assert booking.reference in done.content.decode()
    confirmed = only_booking()
    assert (confirmed.status, confirmed.patient_notes) == ("confirmed", "Palpitaciones")
    assert booking.doctor.display_name in signed_in.get(reverse("bookings:patient-home")).content.decode()


def _form(page):
    hidden = r'<input type="hidden" name="(start|visit_type|visit_mode)" value="([^"]+)"'
    return dict(re.findall(hidden, page.content.decode()))


def test_what_was_typed_stays_when_something_is_missing(signed_in, mariana, patient, doctor):
    booking = make.hold(mariana, patient, doctor)
    url = reverse("bookings:details", args=[booking.pk])
    answer = signed_in.post(url, {"patient": str(patient.pk), "patient_notes": "Me duele la rodilla"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Me duele la rodilla" in page
    assert 'aria-invalid="true"' in page
    assert only_booking().status == "held"


def test_a_visit_too_close_to_cancel_for_nothing_says_what_cancelling_costs(
    signed_in, mariana, patient, doctor
):
    url = reverse("bookings:details", args=[make.hold(mariana, patient, doctor).pk])
    with acting_as_system("test"):
        Booking.objects.update(late_fee_percent=30, free_cancellation_hours=24)
    assert "después se cobra el 30 %" in signed_in.get(url).content.decode()
    with acting_as_system("test"):
        Booking.objects.update(free_cancellation_hours=24 * 60)
    page = signed_in.get(url).content.decode()
    assert "cancelarla cuesta el 30 %" in page
    assert "después se cobra" not in page


def test_a_booking_for_a_child_goes_to_the_child(signed_in, mariana, patient, doctor):
    child = make.make_patient(mariana, "child", first_name="Tomás")
    booking = make.hold(mariana, patient, doctor)
    url = reverse("bookings:details", args=[booking.pk])
    signed_in.post(url, answers(None, patient=str(child.pk)))
    assert (only_booking().patient_id, only_booking().status) == (child.pk, "confirmed")


def test_whoever_is_elsewhere_then_books_for_a_child(signed_in, mariana, patient, doctor):
    child = make.make_patient(mariana, "child", first_name="Tomás")
    slot = a_slot(signed_in, doctor)
    elsewhere = make.book(mariana, patient, make.make_doctor())
    held = reserve(signed_in, slot)
    assert held.status_code == 302
    with acting_as_system("test"):
        booking = Booking.objects.exclude(pk=elsewhere.pk).get()
    assert (booking.starts_at, booking.patient_id) == (elsewhere.starts_at, child.pk)
    form = answers(signed_in.get(held["Location"]), patient=child.pk)
    assert signed_in.post(held["Location"], form).status_code == 302
    assert reserve(signed_in, a_slot(signed_in, make.make_doctor())).status_code == 409


def test_where_only_known_patients_are_seen_one_books_for_whom_the_doctor_knows(signed_in, mariana, patient):
    child = make.make_patient(mariana, "child")
    doctor = make.make_doctor(is_accepting_new_patients=False)
    slot = a_slot(signed_in, doctor)
    assert reserve(signed_in, slot).status_code == 409
    with acting_as_system("test"):
        assert not Booking.objects.exists()
        Doctor.objects.filter(pk=doctor.pk).update(is_accepting_new_patients=True)
    make.put_in_the_past(make.book(mariana, child, doctor, make.MONDAY_9 + timedelta(days=1)))
    with make.as_user(doctor.user):
        services.complete(booking_id=only_booking().pk)
    with acting_as_system("test"):
        Doctor.objects.filter(pk=doctor.pk).update(is_accepting_new_patients=False)
    assert reserve(signed_in, slot).status_code == 302
    with acting_as_system("test"):
        assert Booking.objects.get(status="held").patient_id == child.pk


def test_oneself_comes_first_also_in_a_record_taken_over_later(signed_in, mariana, patient, doctor):
    make.make_patient(mariana, "child")
    with acting_as_system("test"):
        Guardianship.objects.filter(patient=patient).delete()
    own = make.make_patient(mariana)
    reserve(signed_in, a_slot(signed_in, doctor))
    assert only_booking().patient_id == own.pk


def test_numbers_of_policies_on_file_need_not_be_typed_again(signed_in, mariana, patient, doctor):
    own = people.make_policy(patient, policy_number="SURA-0042")
    people.make_policy(people.make_patient_without_account(), own.provider, policy_number="SURA-9999")
    with acting_as_system("test"):
        doctor.accepted_insurers.add(own.provider)
    page = signed_in.get(reverse("bookings:details", args=[make.hold(mariana, patient, doctor).pk]))
    assert '<option value="SURA-0042">' in page.text
    assert "SURA-9999" not in page.text


def test_a_double_click_books_once(signed_in, mariana, patient, doctor):
    booking = make.hold(mariana, patient, doctor)
    url = reverse("bookings:details", args=[booking.pk])
    for _click in range(2):
        answer = signed_in.post(url, answers(None, patient=str(patient.pk)))
        assert answer["Location"] == reverse("bookings:done", args=[booking.pk])
    assert only_booking().status == "confirmed"


def test_somebody_elses_patient_is_not_offered(signed_in, mariana, patient, doctor):
    stranger = make.make_patient(make.make_user())
    booking = make.hold(mariana, patient, doctor)
    answer = signed_in.post(
        reverse("bookings:details", args=[booking.pk]), answers(None, patient=str(stranger.pk))
    )
    assert answer.status_code == 422
    assert only_booking().patient_id == patient.pk


def test_a_taken_time_offers_others(signed_in, doctor):
    slot = a_slot(signed_in, doctor)
    form = _form(signed_in.get(slot))
    rival = make.make_user()
    make.book(rival, make.make_patient(rival), doctor)
    answer = signed_in.post(slot, form | {"start": make.MONDAY_9.isoformat()})
    assert answer.status_code == 409
    assert answer.content.decode().count("/start/?") >= 3


def test_a_hold_that_ran_out_offers_to_start_again(signed_in, mariana, patient, doctor):
    booking = make.hold(mariana, patient, doctor, lifetime=-timedelta(seconds=1))
    answer = signed_in.get(reverse("bookings:details", args=[booking.pk]))
    assert answer.status_code == 409
    assert "/start/?" in answer.content.decode()


@pytest.mark.parametrize("start", ["", "tomorrow", "2030-99-99T00:00:00Z", "2026-12-01T09:00"])
def test_a_link_with_a_broken_time_leads_back_to_the_picker(start, signed_in, doctor):
    url = reverse("bookings:start", args=[doctor.slug])
    answer = signed_in.get(url, {"start": start, "visit_type": str(make.visit_type_of(doctor).pk)})
    assert answer["Location"] == reverse("bookings:choose", args=[doctor.slug])


def test_cancelling_asks_once_more(signed_in, mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    url = reverse("bookings:cancel", args=[booking.pk])
    assert signed_in.get(url).status_code == 200
    assert only_booking().status == "confirmed"
    signed_in.post(url, {"reason": "Viaje"})
    assert (only_booking().status, only_booking().cancellation_reason) == ("cancelled_by_patient", "Viaje")


def test_moving_shows_free_times_and_keeps_the_old_one_until_then(signed_in, mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    url = reverse("bookings:reschedule", args=[booking.pk])
    offered = re.findall(r'name="start" value="([^"]*)"', signed_in.get(url).content.decode())
    wrong = signed_in.post(url, {"start": (make.MONDAY_9 + timedelta(minutes=7)).isoformat()})
    assert (wrong.status_code, only_booking().starts_at) == (400, make.MONDAY_9)
    later = make.MONDAY_9 + timedelta(hours=2)
    assert later.isoformat() in offered
    assert make.MONDAY_9.isoformat() not in offered  # where it is already
    assert signed_in.post(url, {"start": later.isoformat()}).status_code == 302
    assert only_booking().starts_at == later


def test_whoever_moves_without_end_is_told_when_to_come_back(
    signed_in, mariana, patient, doctor, monkeypatch
):
    monkeypatch.setattr("bookings.services.limits.MAXIMUM_MOVES_AN_HOUR", 1)
    booking = make.book(mariana, patient, doctor)
    url = reverse("bookings:reschedule", args=[booking.pk])
    first, second = ((make.MONDAY_9 + timedelta(hours=hour)).isoformat() for hour in (1, 2))
    assert signed_in.post(url, {"start": first}).status_code == 302
    refused = signed_in.post(url, {"start": second})
    assert (refused.status_code, only_booking().starts_at.isoformat()) == (429, first)
    assert 3500 < int(refused["Retry-After"]) <= 3600
    assert "movido citas" in refused.content.decode()


@pytest.mark.parametrize("name", ["booking", "cancel", "reschedule", "calendar-entry", "details", "done"])
def test_a_stranger_finds_nothing(name, client, mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    stranger = make.make_user()
    make.make_patient(stranger)
    make.sign_in(client, stranger)
    assert client.get(reverse(f"bookings:{name}", args=[booking.pk])).status_code == 404


def test_the_calendar_file_names_the_visit(signed_in, mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    answer = signed_in.get(reverse("bookings:calendar-entry", args=[booking.pk]))
    assert answer["Content-Type"].startswith("text/calendar")
    assert b"METHOD:REQUEST" in answer.content
    assert str(booking.pk).encode() in answer.content.replace(b"\r\n ", b"")


@pytest.mark.parametrize(
    ("mode", "words"),
    [("in_person", "se paga en el consultorio"), ("video", "se paga directamente al médico")],
)
def test_nobody_seen_by_video_is_told_to_pay_at_an_office(signed_in, mariana, patient, doctor, mode, words):
    booking = make.book(mariana, patient, doctor)
    with acting_as_system("test"):
        Booking.objects.update(visit_mode=mode)
    page = signed_in.get(reverse("bookings:booking", args=[booking.pk])).content.decode()
    assert words in page
    assert f"con la {doctor.display_name}" in page or f"con el {doctor.display_name}" in page


def test_a_visit_that_is_not_there_is_said_to_be_missing(signed_in):
    missing = reverse("bookings:booking", args=["00000000-0000-4000-8000-000000000000"])
    page = signed_in.get(missing)
    assert page.status_code == 404
    assert "Cita no encontrada</h1>" in " ".join(page.content.decode().split())
