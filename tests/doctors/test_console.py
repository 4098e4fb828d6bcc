"""Doctors in the staff's console and on the command line: the same services, the same log, admins only."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.models import AdminAuditLog, Role, User
from doctors.models import Doctor, Specialty
from medai.common.identity import acting_as_system
from tests.factories import doctors as make
from tests.factories.accounts import make_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> User:
    return make_staff(Role.ADMIN)


@pytest.fixture
def client(admin: User) -> Client:
    return signed_in(admin)


def queue(doctor: Doctor | None = None) -> str:
    base = "/admin/doctors/doctorverification/"
    return f"{base}{doctor.pk}/change/" if doctor else base


def actions() -> list[str]:
    with acting_as_system("test"):
        return list(AdminAuditLog.objects.order_by("sequence").values_list("action", flat=True))


def test_the_queue_holds_who_waits_and_shows_their_documents(client: Client) -> None:
    waiting, draft, public = make.make_submitted_doctor(), make.make_practice(), make.make_public_doctor()
    page = client.get(queue()).content.decode()
    assert str(waiting.pk) in page
    assert str(draft.pk) not in page
    assert str(public.pk) not in page
    detail = client.get(queue(waiting)).content.decode()
    assert detail.count("<iframe") == 2
    link = detail.partition('<iframe src="')[2].partition('"')[0]
    assert b"".join(client.get(link).streaming_content).startswith(b"%PDF-")
    assert client.get(queue(draft)).status_code == 404
    assert client.get("/admin/doctors/doctorverification/nonsense/change/").status_code == 404


def test_the_first_page_says_how_many_wait(client: Client) -> None:
    make.make_submitted_doctor()
    make.make_practice()
    client.cookies["language"] = "en"
    page = client.get("/admin/").content.decode()
    assert "<dt>Doctors to verify</dt><dd>1</dd>" in page
    assert f'<a href="{queue()}">See the queue</a>' in page


def test_a_doctor_stands_in_the_console_in_the_reader_s_words(client: Client) -> None:
    doctor = make.make_public_doctor()
    client.cookies["language"] = "es"
    page = client.get(f"/admin/doctors/doctor/{doctor.pk}/change/").content.decode()
    for foreign in ("Is public", "in_person", "Acerca de usted"):
        assert foreign not in page
    for word in ("Público:", "Consultorio, Video", "30 minutos"):
        assert word in page


def test_verifying_in_the_console_publishes(client: Client) -> None:
    doctor = make.make_submitted_doctor()
    assert client.post(queue(doctor), {"decision": "verified"}).status_code == 302
    assert make.fresh(doctor).is_public
    assert actions() == ["verified_doctor"]
    assert Client().get(f"/doctors/{doctor.slug}/").status_code == 200


def test_sending_back_needs_notes(client: Client) -> None:
    doctor = make.make_submitted_doctor()
    assert client.post(queue(doctor), {"decision": "rejected"}).status_code == 422
    assert client.post(queue(doctor), {}).status_code == 422
    assert make.fresh(doctor).credential_status == "pending_review"
    assert client.post(queue(doctor), {"decision": "rejected", "notes": "No se lee."}).status_code == 302
    assert make.fresh(doctor).verification_notes == "No se lee."


def test_super_admins_do_not_verify() -> None:
    doctor = make.make_submitted_doctor()
    client = signed_in(make_staff(Role.SUPER_ADMIN))
    assert client.get(queue()).status_code == 403
    assert client.post(queue(doctor), {"decision": "verified"}).status_code == 403
    assert client.get("/admin/doctors/doctor/").status_code == 200
    assert make.fresh(doctor).credential_status == "pending_review"


def test_staff_correct_a_profile_through_the_service(client: Client) -> None:
    doctor, specialty = make.make_public_doctor(), make.make_specialty()
    data: dict[str, Any] = {
        "title": "Dr.",
        "first_name": "Andrés",
        "last_name": "Corregido",
        "license_number": "52-999",
        "experience_years": "4",
        "specialty": str(specialty.pk),
        "is_accepting_new_patients": "on",
    }
    for prefix in ("offices", "visit_types"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    answer = client.post(f"/admin/doctors/doctor/{doctor.pk}/change/", data)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert (make.fresh(doctor).last_name, make.fresh(doctor).license_number) == ("Corregido", "52-999")
    found = Client().get("/api/v1/public/doctors/", {"q": "corregido"}).json()["data"]["results"]
    assert [one["slug"] for one in found] == [doctor.slug]
    assert [one["slug"] for one in found[0]["specialties"]] == [specialty.slug]


def test_several_are_hidden_and_shown_at_once_and_refusals_are_told(client: Client) -> None:
    doctors = [make.make_public_doctor(), make.make_public_doctor(), make.make_submitted_doctor()]
    ids = [str(doctor.pk) for doctor in doctors]
    client.post("/admin/doctors/doctor/", {"action": "withdraw_selected", "_selected_action": ids})
    assert [make.fresh(doctor).is_public for doctor in doctors] == [False, False, False]
    page = client.post(
        "/admin/doctors/doctor/", {"action": "approve_selected", "_selected_action": ids}, follow=True
    )
    assert [make.fresh(doctor).is_public for doctor in doctors] == [True, True, False]
    assert doctors[2].display_name in page.content.decode()


def test_staff_set_up_a_doctor(client: Client) -> None:
    data = {"email": "nueva@example.com", "title": "Dra.", "first_name": "Marta", "last_name": "Nieto"}
    assert client.post("/admin/doctors/doctor/add/", data).status_code == 302
    with acting_as_system("test"):
        assert Doctor.objects.get(user__email="nueva@example.com").display_name == "Dra. Marta Nieto"
    assert client.post("/admin/doctors/doctor/add/", data).status_code == 422
    assert "created_doctor" in actions()


def test_specialties_are_kept_through_the_service(client: Client) -> None:
    data = {
        "name_es": "Medicina del sueño",
        "name_en": "Sleep medicine",
        "practitioners_es": "Somnólogos",
        "practitioners_en": "Sleep doctors",
        "slug": "sleep-medicine",
        "icon": "moon",
        "is_active": "on",
        "synonyms_es": "insomnio\nronquidos\n",
        "synonyms_en": "snoring",
    }
    assert client.post("/admin/doctors/specialty/add/", data).status_code == 302
    with acting_as_system("test"):
        specialty = Specialty.objects.get(slug="sleep-medicine")
    assert specialty.synonyms_es == ["insomnio", "ronquidos"]
    changed = client.post(
        f"/admin/doctors/specialty/{specialty.pk}/change/", {**data, "synonyms_es": "insomnio"}
    )
    assert changed.status_code == 302
    assert make.fresh(specialty).synonyms_es == ["insomnio"]
    assert actions() == ["created_specialty", "updated_specialty"]
    assert client.post("/admin/doctors/specialty/add/", {**data, "slug": "other"}).status_code == 200


def test_doctors_are_looked_up_by_several_words(client: Client) -> None:
    doctor = make.make_public_doctor(last_name="Restrepo Uribe")
    other = make.make_public_doctor(last_name="Gómez")
    page = client.get("/admin/doctors/doctor/", {"q": "andrés restrepo"}).content.decode()
    assert str(doctor.pk) in page
    assert str(other.pk) not in page


def test_the_command_verifies_as_the_given_admin(admin: User) -> None:
    doctor = make.make_submitted_doctor()
    output = StringIO()
    call_command("doctor_approve", doctor.slug, by=admin.email, stdout=output)
    assert doctor.slug in output.getvalue()
    assert make.fresh(doctor).is_public
    with acting_as_system("test"):
        assert AdminAuditLog.objects.get().actor_id == admin.pk
    with pytest.raises(CommandError):
        call_command("doctor_approve", doctor.slug, by=admin.email)
    with pytest.raises(CommandError):
        call_command("doctor_approve", "nobody", by=admin.email)
    with pytest.raises(CommandError):
        call_command("doctor_approve", doctor.slug, by=doctor.user.email)


def test_the_command_sends_back_with_notes(admin: User) -> None:
    doctor = make.make_submitted_doctor()
    call_command("doctor_approve", str(doctor.pk), by=admin.email, reject="No se lee.", stdout=StringIO())
    assert make.fresh(doctor).credential_status == "rejected"
