"""From an account to a public profile, page by page, and back after a rejection."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Profile, Role
from doctors.models import Doctor, Office, VisitType, WeeklyHours
from doctors.services import verification
from medai.common.identity import acting_as_system
from medai.common.outbox.models import OutboxEvent
from tests.factories import doctors as make
from tests.factories.accounts import make_user, signed_in

pytestmark = pytest.mark.django_db

NO_DEGREES = {"degrees-TOTAL_FORMS": "1", "degrees-INITIAL_FORMS": "0"}
FEES = {
    f"{kind}-{name}": value
    for kind in ("standard", "follow_up")
    for name, value in {
        "duration_minutes": "30",
        "fee": "180.000",
        "currency": "COP",
        "modes": "in_person",
    }.items()
}


def step(client: Client, name: str, data: dict[str, Any] | None = None) -> Any:
    path = f"/doctor/onboarding/{name}/" if name else "/doctor/onboarding/"
    return client.get(path) if data is None else client.post(path, data)


def profile_data(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Dra.",
        "first_name": "Laura",
        "last_name": "Rojas",
        "license_number": "52-777",
        "experience_years": "9",
        "languages": ["es"],
        "bio_es": "Acompaño a mujeres en cada etapa.",
        **NO_DEGREES,
        **changes,
    }


def own(user: Any) -> Doctor:
    with acting_as_system("test"):
        return Doctor.objects.get(user=user)


def test_the_whole_way_from_account_to_public_profile() -> None:
    specialty = make.make_specialty()
    user = make.make_doctor_user(first_name="Laura", last_name="Rojas")
    client = signed_in(user)
    assert step(client, "").headers["Location"] == "/doctor/onboarding/profile/"
    # Reading a page makes nothing.
    first = step(client, "profile")
    assert b'value="Laura"' in first.content
    with acting_as_system("test"):
        assert not Doctor.objects.filter(user=user).exists()

    sent = step(client, "profile", profile_data(specialty=str(specialty.pk)))
    assert sent.headers["Location"] == "/doctor/onboarding/credentials/"
    for kind in ("medical_degree", "medical_license"):
        uploaded = step(client, "credentials", {"document_type": kind, "file": make.pdf(text=kind)})
        assert uploaded.headers["Location"] == "/doctor/onboarding/credentials/"
    assert step(client, "credentials", {"continue": "1"}).headers["Location"] == "/doctor/onboarding/hours/"

    office = {
        "address": "Calle 116 # 9-72",
        "city": "Bogotá",
        "country": "CO",
        "position": "4.6950, -74.0330",
    }
    assert step(client, "hours", office).status_code == 302
    doctor = own(user)
    hours = {
        "version": str(doctor.schedule_version),
        "day-1-on": "1",
        "day-1-0-from": "08:00",
        "day-1-0-to": "12:00",
    }
    assert step(client, "hours", hours).headers["Location"] == "/doctor/onboarding/fees/"
    assert "reservan a más tardar 2\N{NO-BREAK SPACE}horas antes" in step(client, "fees").content.decode()
    assert step(client, "fees", FEES).headers["Location"] == "/doctor/onboarding/review/"
    # Left and taken up again: the wizard knows where.
    assert step(client, "").headers["Location"] == "/doctor/onboarding/review/"
    assert step(client, "review", {}).headers["Location"] == "/doctor/onboarding/"
    waiting = step(client, "")
    assert waiting.status_code == 200
    with acting_as_system("test"):
        assert OutboxEvent.objects.filter(kind="doctor.submitted", subject_id=doctor.pk).exists()
        assert VisitType.objects.get(doctor=doctor, kind="standard").fee_minor == 18_000_000
        office_row = Office.objects.get(doctor=doctor)
        assert (float(office_row.latitude), float(office_row.longitude)) == (4.695, -74.033)
        verification.review(doctor_id=doctor.pk, decision="verified")
    assert Client().get(f"/doctors/{doctor.slug}/").status_code == 200
    assert f"/doctors/{doctor.slug}/" in step(client, "").content.decode()


def test_a_step_that_is_wrong_keeps_what_was_typed_and_names_the_field() -> None:
    client = signed_in(make.make_practice().user)
    answer = step(
        client, "profile", profile_data(first_name="", bio_es="Mi texto largo", experience_years="99")
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Mi texto largo" in text
    assert 'aria-invalid="true"' in text
    assert text.count("field__error") >= 2


def test_no_name_no_practice() -> None:
    user = make.make_doctor_user()
    with acting_as_system("test"):
        Profile.objects.filter(user=user).update(first_name="", last_name="")
    answer = step(signed_in(user), "profile", profile_data(first_name="", last_name=""))
    assert answer.status_code == 422
    with acting_as_system("test"):
        assert not Doctor.objects.filter(user=user).exists()


def test_another_degree_is_a_new_row_and_saves_nothing() -> None:
    doctor = make.make_practice()
    client = signed_in(doctor.user)
    data = profile_data(**{"degrees-0-title_es": "Médica cirujana", "add_degree": "1"})
    answer = step(client, "profile", data)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'name="degrees-1-title_es"' in text
    assert "Médica cirujana" in text
    assert make.fresh(doctor).qualifications == []


def test_documents_that_lie_are_refused_on_the_page_too() -> None:
    doctor = make.make_practice()
    client = signed_in(doctor.user)
    fake = make.pdf()
    fake.file.seek(0)
    fake.file.write(b"MZ")
    fake.file.seek(0)
    answer = step(client, "credentials", {"document_type": "medical_degree", "file": fake})
    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()
    assert make.credentials_of(doctor) == []


def test_sending_too_early_names_the_steps() -> None:
    doctor = make.make_practice()
    answer = step(signed_in(doctor.user), "review", {})
    assert answer.status_code == 409
    assert "/doctor/onboarding/credentials/" in answer.content.decode()
    assert make.fresh(doctor).submitted_at is None


def test_after_a_rejection_the_notes_are_shown_and_the_profile_is_sent_again() -> None:
    doctor = make.make_submitted_doctor()
    client = signed_in(doctor.user)
    with acting_as_system("test"):
        verification.review(doctor_id=doctor.pk, decision="rejected", notes="El diploma no se lee.")
    shown = step(client, "")
    assert "El diploma no se lee." in shown.content.decode()
    assert "/doctor/onboarding/credentials/" in shown.content.decode()
    for kind in ("medical_degree", "medical_license"):
        step(client, "credentials", {"document_type": kind, "file": make.pdf(text=f"again {kind}")})
    assert step(client, "review", {}).status_code == 302
    assert make.fresh(doctor).credential_status == "pending_review"


def test_what_waits_for_review_is_not_edited_in_the_wizard() -> None:
    doctor = make.make_submitted_doctor()
    answer = step(signed_in(doctor.user), "profile", profile_data(first_name="Otra"))
    assert answer.headers["Location"] == "/doctor/onboarding/"
    assert make.fresh(doctor).first_name != "Otra"


def test_a_document_under_review_can_be_taken_back_until_it_is_reviewed() -> None:
    doctor = make.make_submitted_doctor()
    client = signed_in(doctor.user)
    first, second = make.credentials_of(doctor)
    gone = client.post(f"/doctor/practice/documents/{first.pk}/remove/", {"next": "onboarding"})
    assert gone.headers["Location"] == "/doctor/onboarding/credentials/"
    make.verify(doctor)
    kept = client.post(f"/doctor/practice/documents/{second.pk}/remove/")
    assert kept.status_code == 409
    assert [one.pk for one in make.credentials_of(doctor)] == [second.pk]


@pytest.mark.parametrize("role", [Role.PATIENT, Role.PHARMACIST])
def test_others_have_no_wizard(role: str) -> None:
    assert step(signed_in(make_user(role)), "").status_code == 403
    assert step(Client(), "profile").headers["Location"].startswith("/accounts/login/")


def test_unknown_steps_do_not_exist() -> None:
    assert step(signed_in(make.make_practice().user), "payment").status_code == 404


def test_without_a_practice_the_portal_leads_to_the_wizard() -> None:
    client = signed_in(make.make_doctor_user())
    for path in ("/doctor/schedule/", "/doctor/practice/", "/doctor/practice/offices/"):
        assert client.get(path).headers["Location"] == "/doctor/onboarding/"
    with acting_as_system("test"):
        assert not WeeklyHours.objects.exists()
