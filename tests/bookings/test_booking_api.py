"""The bookings' part of the JSON API: what a mobile client relies on."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from bookings.models import Booking
from medai.common.identity import acting_as_system
from tests.factories import bookings as make
from tests.factories.accounts import bearer

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def app(mariana, patient):
    """Mariana's phone, which asks in English."""
    return Client(headers={"Accept-Language": "en", **bearer(mariana)})


def wish(doctor, patient, **changes):
    return {
        "doctor": str(doctor.pk),
        "patient": str(patient.pk),
        "visit_type": str(make.visit_type_of(doctor).pk),
        "visit_mode": "in_person",
        "starts_at": make.MONDAY_9.isoformat(),
        **changes,
    }


def post(client, path, body=None, **headers):
    return client.post(f"{API}{path}", body or {}, content_type="application/json", headers=headers)


def errors(answer):
    body = answer.json()
    assert body["success"] is False
    assert body["statusCode"] == answer.status_code
    return [(error["field"], error["code"]) for error in body["errors"]]


def bookings():
    with acting_as_system("test"):
        return list(Booking.objects.values_list("status", flat=True))


def test_a_month_of_slots_day_by_day(client, doctor):
    day = make.MONDAY_9.date().isoformat()
    answer = client.get(f"{API}/public/slots/", {"doctor": doctor.slug, "date_from": day, "days": 7})
    data = answer.json()["data"]
    assert [len(each["starts_at"]) for each in data["days"]] == [16] * 5
    assert data["days"][0]["starts_at"][0] == make.MONDAY_9.isoformat().replace("+00:00", "Z")
    assert (data["time_zone"], data["duration_minutes"]) == ("America/Bogota", 30)


def test_a_doctor_moves_a_visit_to_a_whole_minute(doctor, patient, mariana):
    booking = make.book(mariana, patient, doctor)
    later = make.MONDAY_9 + timedelta(hours=3, seconds=59, microseconds=999_999)
    practice = Client(headers=bearer(doctor.user))
    moved = post(practice, f"/doctor/bookings/{booking.pk}/reschedule/", {"starts_at": later.isoformat()})
    assert moved.status_code == 200
    assert moved.json()["data"]["starts_at"] == (make.MONDAY_9 + timedelta(hours=3)).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    # A patient chooses from what is offered, where no time has seconds.
    own = Client(headers=bearer(mariana))
    refused = post(own, f"/patient/bookings/{booking.pk}/reschedule/", {"starts_at": later.isoformat()})
    assert errors(refused) == [("starts_at", "slot_not_offered")]


def test_a_few_queries_answer_a_month(client, doctor, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):  # six of its own, and what a transaction and its identity take
        client.get(f"{API}/public/slots/", {"doctor": str(doctor.pk), "days": 31})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ("doctor", "required")),
        ({"doctor": "nobody"}, ("doctor", "not_found")),
        ({"days": "900"}, ("days", "max_value")),
        ({"visit_mode": "phone"}, ("visit_mode", "invalid_choice")),
        ({"visit_type": str(uuid.uuid4())}, ("visit_type", "visit_type_not_offered")),
        ({"date_from": "31/12/2026"}, ("date_from", "invalid")),
    ],
)
def test_wrong_questions_name_the_field(query, expected, client, doctor):
    given = {"doctor": str(doctor.pk)} | query if query else {}
    assert expected in errors(client.get(f"{API}/public/slots/", given))


def test_hold_book_move_and_cancel(app, patient, doctor):
    held = post(app, "/patient/holds/", wish(doctor, patient, patient_notes="Palpitations"))
    assert held.status_code == 201
    booking = held.json()["data"]
    assert (booking["status"], booking["price"]["display"]) == ("held", "COP\N{NO-BREAK SPACE}180,000")
    booked = post(app, "/patient/bookings/", {"hold": booking["id"]})
    assert (booked.status_code, booked.json()["data"]["status"]) == (201, "confirmed")
    later = (make.MONDAY_9 + timedelta(hours=1)).isoformat()
    moved = post(app, f"/patient/bookings/{booking['id']}/reschedule/", {"starts_at": later})
    assert moved.json()["data"]["starts_at"] == later.replace("+00:00", "Z")
    cancelled = post(app, f"/patient/bookings/{booking['id']}/cancel/", {"reason": "Travel"})
    assert cancelled.json()["data"]["status"] == "cancelled_by_patient"
    assert app.get(f"{API}/patient/bookings/").json()["data"]["total"] == 1


def test_the_same_hold_sent_twice_holds_once(app, patient, doctor):
    key = str(uuid.uuid4())
    answers = [
        post(app, "/patient/holds/", wish(doctor, patient), **{"Idempotency-Key": key}) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    other = wish(doctor, patient, starts_at=(make.MONDAY_9 + timedelta(hours=1)).isoformat())
    reused = post(app, "/patient/holds/", other, **{"Idempotency-Key": key})
    assert errors(reused) == [(None, "idempotency_key_reused")]
    assert bookings() == ["held"]


def test_whoever_reserves_without_end_is_told_when_to_come_back(app, patient, doctor, monkeypatch):
    monkeypatch.setattr("bookings.services.limits.MAXIMUM_HOLDS_AN_HOUR", 2)
    starts = [(make.MONDAY_9 + timedelta(minutes=30 * turn)).isoformat() for turn in range(3)]
    answers = [post(app, "/patient/holds/", wish(doctor, patient, starts_at=start)) for start in starts]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert errors(answers[-1]) == [(None, "holds_too_often")]
    assert 3500 < int(answers[-1]["Retry-After"]) <= 3600
    assert sorted(bookings()) == ["cancelled_by_patient", "held"]


def test_whoever_moves_a_visit_without_end_is_told_when_to_come_back(
    app, mariana, patient, doctor, monkeypatch
):
    monkeypatch.setattr("bookings.services.limits.MAXIMUM_MOVES_AN_HOUR", 2)
    booking = make.book(mariana, patient, doctor)
    path = f"/patient/bookings/{booking.pk}/reschedule/"
    starts = [(make.MONDAY_9 + timedelta(minutes=30 * turn)).isoformat() for turn in (1, 2, 3)]
    answers = [post(app, path, {"starts_at": start}) for start in starts]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert errors(answers[-1]) == [(None, "moves_too_often")]
    assert 3500 < int(answers[-1]["Retry-After"]) <= 3600
    # Where it is, it may be put any number of times.
    assert post(app, path, {"starts_at": starts[1]}).status_code == 200


def test_a_taken_time_lists_the_nearest_free_ones(app, patient, doctor):
    rival = make.make_user()
    make.book(rival, make.make_patient(rival), doctor)
    answer = post(app, "/patient/holds/", wish(doctor, patient))
    assert (answer.status_code, errors(answer)) == (409, [("starts_at", "slot_taken")])
    alternatives = answer.json()["errors"][0]["alternatives"]
    assert (make.MONDAY_9 + timedelta(minutes=30)).isoformat().replace("+00:00", "Z") in alternatives


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"starts_at": "2020-01-06T14:00:00Z"}, 400, ("starts_at", "slot_in_the_past")),
        (
            {"starts_at": (make.MONDAY_9 + timedelta(minutes=1)).isoformat()},
            400,
            ("starts_at", "slot_not_offered"),
        ),
        ({"starts_at": "tomorrow"}, 400, ("starts_at", "invalid")),
        ({"doctor": str(uuid.uuid4())}, 409, (None, "doctor_unavailable")),
        ({"patient": str(uuid.uuid4())}, 404, ("patient", "patient_not_found")),
        ({"visit_mode": "telepathy"}, 400, ("visit_mode", "invalid_choice")),
        ({"payment_method": "online"}, 400, ("payment_method", "payment_method_not_offered")),
        ({"insurance": {"provider": str(uuid.uuid4())}}, 400, ("insurance", "insurance_not_accepted")),
        ({"patient_notes": "x" * 2001}, 400, ("patient_notes", "max_length")),
    ],
)
def test_each_wrong_value_has_its_own_answer_and_changes_nothing(
    change, status, expected, app, patient, doctor
):
    answer = post(app, "/patient/holds/", wish(doctor, patient) | change)
    assert (answer.status_code, errors(answer)) == (status, [expected])
    assert bookings() == []


def test_refusals_are_in_the_language_of_the_request(mariana, patient, doctor):
    phone = Client(headers={"Accept-Language": "es", **bearer(mariana)})
    answer = post(phone, "/patient/holds/", wish(doctor, patient, starts_at="2020-01-06T14:00:00Z"))
    assert answer.json()["message"] == "Esa hora ya pasó. Elija una posterior."


def test_what_belongs_to_others_does_not_exist(app, doctor):
    rival = make.make_user()
    foreign = make.book(rival, make.make_patient(rival), doctor)
    assert app.get(f"{API}/patient/bookings/{foreign.pk}/").status_code == 404
    assert post(app, f"/patient/bookings/{foreign.pk}/cancel/").status_code == 404
    assert post(app, "/patient/bookings/", {"hold": str(foreign.pk)}).status_code == 404
    assert bookings() == ["confirmed"]


def test_a_doctor_confirms_completes_and_reads_figures(mariana, patient):
    doctor = make.make_doctor(confirmation_mode="by_hand")
    booking = make.book(mariana, patient, doctor)
    portal = Client(headers=bearer(doctor.user))
    confirmed = post(portal, f"/doctor/bookings/{booking.pk}/confirm/")
    assert confirmed.json()["data"]["status"] == "confirmed"
    assert errors(post(portal, f"/doctor/bookings/{booking.pk}/complete/")) == [(None, "visit_not_begun")]
    make.put_in_the_past(booking)
    assert post(portal, f"/doctor/bookings/{booking.pk}/complete/").json()["data"]["status"] == "completed"
    assert errors(post(portal, f"/doctor/bookings/{booking.pk}/no-show/")) == [
        (None, "transition_not_allowed")
    ]
    assert portal.get(f"{API}/doctor/dashboard-kpis/").status_code == 200
    assert portal.get(f"{API}/doctor/bookings/", {"status": "completed"}).json()["data"]["total"] == 1


def test_another_doctor_finds_nothing(mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    other = Client(headers=bearer(make.make_doctor().user))
    for verb in ("confirm", "complete", "no-show", "cancel"):
        assert post(other, f"/doctor/bookings/{booking.pk}/{verb}/").status_code == 404
    assert bookings() == ["confirmed"]
