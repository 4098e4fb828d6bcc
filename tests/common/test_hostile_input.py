"""What nobody types by mistake: the ends of the calendar, numbers without end, text that is no text."""

import json

import pytest
from django.urls import reverse

from bookings.models import Booking
from doctors.models import ScheduleException
from medai.common.identity import acting_as_system
from tests.doctors.api import call, codes
from tests.factories import accounts as people
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db

FAR_DATES = ["0001-01-01", "0001-01-02", "9999-12-01", "9999-12-31"]
FAR_MOMENTS = ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]


@pytest.fixture
def mariana():
    return make.make_user()


@pytest.fixture
def patient(mariana):
    return make.make_patient(mariana)


@pytest.fixture
def doctor():
    return make.make_doctor()


@pytest.fixture
def booking(mariana, patient, doctor):
    return make.book(mariana, patient, doctor)


def where(booking):
    with acting_as_system("test"):
        return Booking.objects.get(pk=booking.pk).starts_at


@pytest.mark.parametrize("day", FAR_DATES)
def test_public_dates_at_the_ends_of_the_calendar(client, doctor, day):
    slots = call(None, "get", f"public/slots/?doctor={doctor.pk}&days=62&date_from={day}")
    assert (slots.status_code, codes(slots)) == (400, [("date_from", "year_out_of_reach")])
    assert call(None, "get", f"public/doctors/?date={day}").status_code == 400
    assert client.get(reverse("doctors:directory"), {"date": day}).status_code == 200
    for view in ("week", "month"):
        query = {"from": day, "view": view}
        assert client.get(reverse("bookings:choose", args=[doctor.slug]), query).status_code == 200


@pytest.mark.parametrize("day", FAR_DATES)
def test_a_doctors_dates_at_the_ends_of_the_calendar(client, doctor, booking, day):
    before = where(booking)
    make.sign_in(client, doctor.user)
    for view in ("day", "week", "month"):
        query = {"view": view, "date": day}
        assert client.get(reverse("bookings:doctor-calendar"), query).status_code == 200
    for query in ({"start": day, "end": "9999-12-31"}, {"start": "0001-01-01", "end": day}):
        assert client.get(reverse("bookings:doctor-events"), query).status_code == 404
    move = reverse("bookings:doctor-move", args=[booking.pk])
    answer = client.post(move, {"date": day, "time": "23:59"}, headers={"Accept": "application/json"})
    assert (answer.status_code, where(booking)) == (422, before)
    client.post(reverse("bookings:doctor-block"), {"date": day})
    with acting_as_system("test"):
        assert not ScheduleException.objects.exists()


@pytest.mark.parametrize("moment", FAR_MOMENTS)
def test_moments_at_the_ends_of_the_calendar(client, mariana, patient, doctor, booking, moment):
    before, visit_type = where(booking), booking.visit_type
    wish = {
        "doctor": str(doctor.pk),
        "patient": str(patient.pk),
        "visit_type": str(visit_type.pk),
        "visit_mode": "in_person",
        "starts_at": moment,
    }
    assert call(mariana, "post", "patient/holds/", wish).status_code == 400
    for user, side in ((mariana, "patient"), (doctor.user, "doctor")):
        path = f"{side}/bookings/{booking.pk}/reschedule/"
        assert call(user, "post", path, {"starts_at": moment}).status_code == 400
    make.sign_in(client, mariana)
    query = {"start": moment, "visit_type": visit_type.pk, "visit_mode": "in_person"}
    start = reverse("bookings:start", args=[doctor.slug])
    chosen_again = reverse("bookings:choose", args=[doctor.slug])
    assert client.get(start, query)["Location"] == chosen_again
    assert client.post(start, query)["Location"] == chosen_again
    moved = client.post(reverse("bookings:reschedule", args=[booking.pk]), {"start": moment})
    assert moved.status_code == 400
    with acting_as_system("test"):
        assert Booking.objects.count() == 1
    assert where(booking) == before


@pytest.mark.parametrize("first", FAR_DATES)
@pytest.mark.parametrize("last", [*FAR_DATES, "2026-11-20"])
def test_the_platforms_figures_at_the_ends_of_the_calendar(first, last):
    staff = people.make_staff()
    assert call(staff, "get", f"admin/metrics/?first={first}&last={last}").status_code == 200


@pytest.mark.parametrize("day", FAR_DATES)
def test_the_console_at_the_ends_of_the_calendar(client, day):
    make.sign_in(client, people.make_staff())
    for name in ("occurred_at_from", "occurred_at_until"):
        assert client.get("/admin/accounts/adminauditlog/", {name: day}).status_code == 200


@pytest.mark.parametrize("year", ["0", "10000", "9" * 23])
@pytest.mark.parametrize(
    ("page", "day"), [("bookings/booking", "starts_at"), ("messaging/notification", "due_at")]
)
def test_years_that_no_calendar_has_in_the_console(client, page, day, year):
    make.sign_in(client, people.make_staff())
    assert client.get(f"/admin/{page}/", {f"{day}__year": year}).status_code in (302, 400)


def test_numbers_with_thousands_of_digits(mariana, patient):
    for path in ("patient/bookings/", "public/doctors/"):
        for name in ("page", "page_size"):
            answer = call(mariana, "get", f"{path}?{name}={'9' * 5000}")
            assert (answer.status_code, [field for field, _ in codes(answer)]) == (400, [name])


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"email": NaN}'])
def test_what_is_no_json_is_said_to_be_none_in_the_callers_language(client, body):
    said = [
        client.post(
            "/api/v1/auth/login/",
            body,
            content_type="application/json",
            headers={"Accept-Language": language},
        )
        for language in ("en", "es")
    ]
    assert [answer.status_code for answer in said] == [400, 400]
    assert [answer.json()["errors"][0]["message"] for answer in said] == [
        "The request must be valid JSON in UTF-8.",
        "La solicitud debe ser JSON válido en UTF-8.",
    ]


def test_json_without_a_bottom(client, mariana):
    deep = "[" * 100_000 + "]" * 100_000
    for path in ("auth/login/", "patient/holds/"):
        answer = client.post(f"/api/v1/{path}", deep, content_type="application/json")
        assert answer.status_code in (400, 401)
    assert client.post("/api/v1/auth/login/", deep, content_type="application/json").status_code == 400


def test_letters_that_the_database_does_not_hold(client, mariana, patient, doctor):
    make.sign_in(client, doctor.user)
    assert client.get(reverse("bookings:doctor-bookings"), {"q": "a\x00b"}).status_code == 200
    policy = {"patient": str(patient.pk), "provider": str(people.make_insurer().pk), "policy_number": "1"}
    for details in ({"plan": "a\x00b"}, {"a\x00": 1}, {"plan": "\ud800"}, {"plan": "x" * 5000}):
        answer = call(mariana, "post", "patient/insurance/", {**policy, "details": details})
        assert (answer.status_code, codes(answer)[0][0]) == (400, "details")
    assert call(mariana, "post", "patient/insurance/", policy).status_code == 201


@pytest.mark.parametrize("credential", [{"id": [1]}, {"id": "a", "response": {"userHandle": 1}}, [], "x", 1])
def test_a_passkey_that_is_none(credential):
    flow = call(None, "post", "auth/login/passkey/options/", {}).json()["data"]["flow"]
    sent = {"flow": flow, "credential": json.loads(json.dumps(credential))}
    assert call(None, "post", "auth/login/passkey/", sent).status_code == 400


def test_the_last_days_of_a_doctor_who_has_nothing_free(client):
    doctor = make.make_doctor(horizon_days=20, is_accepting_new_patients=True)
    with acting_as_system("test"):
        doctor.weekly_hours.all().delete()
    page = client.get(reverse("bookings:choose", args=[doctor.slug]), {"from": "2100-01-01"})
    assert page.status_code == 200


def test_a_time_that_the_clocks_skip(client, mariana, patient):
    doctor = make.make_doctor(time_zone="America/New_York")
    booking = make.book(mariana, patient, doctor)
    before = where(booking)
    make.sign_in(client, doctor.user)
    move, script = reverse("bookings:doctor-move", args=[booking.pk]), {"Accept": "application/json"}
    # On the second Sunday of March the clocks go from 2:00 to 3:00.
    skipped = client.post(move, {"date": "2029-03-11", "time": "02:30"}, headers=script)
    assert (skipped.status_code, where(booking)) == (422, before)
    assert client.post(move, {"date": "2029-03-11", "time": "03:30:59"}, headers=script).status_code == 200
    assert where(booking).isoformat() == "2029-03-11T07:30:00+00:00"


@pytest.mark.parametrize(
    "address",
    [
        "admin/bookings/booking/?status__exact=%00",
        "admin/messaging/notification/?status__exact=%00",
        "admin/autocomplete/?app_label=bookings&model_name=booking&field_name=patient&term=%00",
    ],
)
def test_letters_that_the_database_does_not_hold_in_the_console(address):
    assert people.signed_in(people.make_staff()).get(f"/{address}").status_code == 400


def test_the_console_has_no_ways_of_its_own_out_of_it():
    console = people.signed_in(people.make_staff())
    assert console.get("/admin/r/1/x/").status_code in (302, 404)
    assert console.get("/admin/password_change/")["Location"] == reverse("account_change_password")


@pytest.mark.parametrize("field", ["payment_method", "visit_mode", "patient_notes", "starts_at", "doctor"])
def test_half_a_letter_is_refused_under_its_field(mariana, patient, doctor, field):
    wish = {
        "doctor": str(doctor.pk),
        "patient": str(patient.pk),
        "visit_type": str(make.visit_type_of(doctor).pk),
        "visit_mode": "in_person",
        "starts_at": make.MONDAY_9.isoformat(),
    }
    answer = call(mariana, "post", "patient/holds/", {**wish, field: "\ud800"})
    assert (answer.status_code, codes(answer)[0][0]) == (400, field)
    with acting_as_system("test"):
        assert not Booking.objects.exists()
    assert call(mariana, "post", "patient/holds/", {**wish, "patient_notes": "\U0001f600"}).status_code == 201


def test_half_a_letter_in_a_choice_of_somebody_new():
    form = {"email": "a@example.com", "password": "x" * 12, "first_name": "A", "last_name": "B"}
    assert call(None, "post", "auth/signup/", {**form, "role": "\ud800"}).status_code == 400
