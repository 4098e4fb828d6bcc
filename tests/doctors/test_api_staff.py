"""Staff and doctors through the API: admins verify, nobody else does, and the log says who did what."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import AdminAuditLog, Role, User
from accounts.services import users
from doctors.models import Doctor, Specialty
from doctors.services import profiles, verification
from medai.common import outbox
from medai.common.identity import acting_as_system
from medai.common.outbox.models import OutboxEvent
from tests.doctors.api import call, codes
from tests.factories import doctors as make
from tests.factories.accounts import make_staff, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> User:
    return make_staff(Role.ADMIN)


def decide(user: User, doctor: Doctor, decision: str, notes: str = "") -> Any:
    return call(user, "post", f"admin/doctors/{doctor.pk}/approval/", {"decision": decision, "notes": notes})


def logged(target: Any) -> list[tuple[str, Any]]:
    with acting_as_system("test"):
        rows = AdminAuditLog.objects.filter(target_id=str(target.pk)).order_by("sequence")
        return list(rows.values_list("action", "actor_id"))


def recorded(kind: str, doctor: Doctor) -> bool:
    with acting_as_system("test"):
        return OutboxEvent.objects.filter(kind=kind, subject_id=doctor.pk).exists()


def is_public(doctor: Doctor) -> bool:
    return Client().get(f"/api/v1/public/doctors/{doctor.slug}/").status_code == 200


def test_verifying_publishes_and_is_logged(admin: User) -> None:
    doctor = make.make_submitted_doctor()
    assert not is_public(doctor)
    answer = decide(admin, doctor, "verified")
    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["first_published_at"]
    assert is_public(doctor)
    assert {one.status for one in make.credentials_of(doctor)} == {"accepted"}
    assert {one.reviewed_by_id for one in make.credentials_of(doctor)} == {admin.pk}
    assert logged(doctor) == [("verified_doctor", admin.pk)]
    assert recorded("doctor.verified", doctor)
    assert recorded("doctor.schedule_changed", doctor)
    again = decide(admin, doctor, "verified")
    assert (again.status_code, codes(again)) == (409, [(None, "already_reviewed")])


def test_rejecting_needs_notes_and_lets_the_doctor_try_again(admin: User) -> None:
    doctor = make.make_submitted_doctor()
    bare = decide(admin, doctor, "rejected")
    assert (bare.status_code, codes(bare)) == (400, [("notes", "notes_needed")])
    assert make.fresh(doctor).credential_status == "pending_review"
    assert decide(admin, doctor, "rejected", "El diploma no se lee.").status_code == 200
    profile = call(doctor.user, "get", "doctor/profile/").json()["data"]
    assert (profile["credential_status"], profile["verification_notes"]) == (
        "rejected",
        "El diploma no se lee.",
    )
    assert recorded("doctor.rejected", doctor)
    # Documents that were turned down count no more.
    assert call(doctor.user, "post", "doctor/submission/").status_code == 409
    assert not is_public(doctor)


def test_what_was_not_submitted_is_not_reviewed(admin: User) -> None:
    doctor = make.make_practice()
    answer = decide(admin, doctor, "verified")
    assert (answer.status_code, codes(answer)) == (409, [(None, "nothing_to_review")])
    assert logged(doctor) == []


def test_approval_is_a_switch_of_verified_doctors(admin: User) -> None:
    waiting, public = make.make_submitted_doctor(), make.make_public_doctor()
    refused = decide(admin, waiting, "approved")
    assert (refused.status_code, codes(refused)) == (409, [(None, "not_verified")])
    assert decide(admin, public, "withdrawn").status_code == 200
    assert not is_public(public)
    assert decide(admin, public, "approved").status_code == 200
    assert is_public(public)
    assert [action for action, _ in logged(public)] == ["withdrew_doctor_approval", "approved_doctor"]


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.PHARMACIST, Role.SUPER_ADMIN])
def test_only_admins_verify(role: str) -> None:
    doctor = make.make_submitted_doctor()
    user = make_staff(role) if role == Role.SUPER_ADMIN else make_user(role)
    for answer in (
        decide(user, doctor, "verified"),
        call(user, "get", "admin/doctors/"),
        call(user, "get", f"admin/doctors/{doctor.pk}/"),
        call(user, "get", f"admin/doctors/{doctor.pk}/credentials/"),
        call(user, "delete", f"admin/doctors/{doctor.pk}/"),
        call(user, "post", "admin/specialties/", {}),
    ):
        assert answer.status_code == 403
    assert decide(doctor.user, doctor, "verified").status_code == 403
    assert make.fresh(doctor).credential_status == "pending_review"


def test_staff_find_doctors_by_state_and_words(admin: User) -> None:
    waiting = make.make_submitted_doctor(last_name="Restrepo")
    make.make_public_doctor()
    by_state = call(admin, "get", "admin/doctors/?waiting=true").json()["data"]
    assert [one["id"] for one in by_state["results"]] == [str(waiting.pk)]
    by_name = call(admin, "get", "admin/doctors/?search=restrepo").json()["data"]
    assert [one["id"] for one in by_name["results"]] == [str(waiting.pk)]
    by_email = call(admin, "get", f"admin/doctors/?search={waiting.user.email}").json()["data"]
    assert by_email["total"] == 1
    assert call(admin, "get", "admin/doctors/?status=famous").status_code == 400


def test_staff_set_up_a_doctor_and_change_what_was_verified(admin: User) -> None:
    body = {"email": "Nueva@Example.com", "first_name": "Marta", "last_name": "Nieto", "title": "Dra."}
    created = call(admin, "post", "admin/doctors/", body)
    assert created.status_code == 201, created.content
    data = created.json()["data"]
    assert (data["name"], data["is_public"]) == ("Dra. Marta Nieto", False)
    with acting_as_system("test"):
        assert User.objects.get(pk=data["user"]).role == Role.DOCTOR
    again = call(admin, "post", "admin/doctors/", body)
    assert (again.status_code, codes(again)) == (409, [(None, "already_a_doctor")])
    patient = make_user()
    refused = call(admin, "post", "admin/doctors/", {**body, "email": patient.email})
    assert (refused.status_code, codes(refused)) == (409, [(None, "not_a_doctor_account")])
    public = make.make_public_doctor()
    renamed = call(admin, "patch", f"admin/doctors/{public.pk}/", {"last_name": "Nuevo"})
    assert renamed.json()["data"]["last_name"] == "Nuevo"


def test_what_staff_change_of_a_doctor_is_on_record_without_what_it_was(admin: User) -> None:
    doctor, other = make.make_public_doctor(), make.make_specialty()
    address = f"admin/doctors/{doctor.pk}/"
    call(admin, "patch", address, {"license_number": "RM-99887", "specialties": [str(other.pk)]})
    call(admin, "patch", address, {"license_number": "RM-99887", "specialties": [str(other.pk)]})
    with make.as_user(doctor.user):
        profiles.update_profile(doctor_id=doctor.pk, bio_en="Their own words")
    with acting_as_system("test"):
        [line] = AdminAuditLog.objects.filter(target_id=str(doctor.pk), action="updated_doctor")
    assert line.actor_id == admin.pk
    assert sorted(line.details["fields"]) == ["license_number", "specialties"]
    assert "99887" not in str(line.details)


def test_deleting_a_doctor_only_takes_them_off(admin: User) -> None:
    doctor = make.make_public_doctor()
    assert call(admin, "delete", f"admin/doctors/{doctor.pk}/").status_code == 200
    assert not is_public(doctor)
    assert make.fresh(doctor) is not None
    assert [action for action, _ in logged(doctor)] == ["deactivated_doctor"]


def test_documents_are_listed_with_links_for_whoever_asks(admin: User) -> None:
    doctor = make.make_submitted_doctor()
    listed = call(admin, "get", f"admin/doctors/{doctor.pk}/credentials/").json()["data"]
    assert [one["document_type"] for one in listed] == ["medical_degree", "medical_license"]
    assert all(one["url"].startswith("/files/") for one in listed)


def test_a_ban_takes_a_doctor_off_and_an_unban_brings_them_back(admin: User) -> None:
    banned, retired = make.make_public_doctor(), make.make_public_doctor()
    with make.as_user(admin):
        verification.deactivate(doctor_id=retired.pk)
        for doctor in (banned, retired):
            users.ban(user_id=doctor.user_id)
    outbox.drain()
    assert not is_public(banned)
    with make.as_user(admin):
        for doctor in (banned, retired):
            users.unban(user_id=doctor.user_id)
    outbox.drain()
    assert is_public(banned)
    assert not is_public(retired)


def test_whoever_is_no_doctor_any_more_is_not_public_until_they_are_again() -> None:
    head = make_staff(Role.SUPER_ADMIN)
    left, retired = make.make_public_doctor(), make.make_public_doctor()
    with make.as_user(make_staff()):
        verification.deactivate(doctor_id=retired.pk)
    for role, is_shown in ((Role.PATIENT, False), (Role.DOCTOR, True), (Role.ADMIN, False)):
        with make.as_user(head):
            for doctor in (left, retired):
                users.change_role(user_id=doctor.user_id, role=role)
        outbox.drain()
        assert (is_public(left), is_public(retired)) == (is_shown, False)


def test_specialties_are_kept_by_staff_and_found_at_once(admin: User, client: Client) -> None:
    body = {
        "name_es": "Medicina del sueño",
        "name_en": "Sleep medicine",
        "practitioners_es": "Somnólogos",
        "practitioners_en": "Sleep doctors",
        "synonyms_es": ["insomnio"],
        "synonyms_en": ["snoring"],
    }
    created = call(admin, "post", "admin/specialties/", body)
    assert created.status_code == 201, created.content
    specialty = created.json()["data"]
    assert specialty["slug"] == "sleep-medicine"
    offered = client.get("/doctors/suggest/", {"q": "insomn"}).json()["results"]
    assert [one["label"] for one in offered] == ["Medicina del sueño"]
    twice = call(admin, "post", "admin/specialties/", {**body, "slug": "other"})
    assert (twice.status_code, codes(twice)) == (409, [("name_es", "specialty_exists")])
    changed = call(admin, "patch", f"admin/specialties/{specialty['id']}/", {"synonyms_es": ["ronquidos"]})
    assert changed.status_code == 200
    assert client.get("/doctors/suggest/", {"q": "insomn"}).json()["results"] == []
    closed = call(admin, "patch", f"admin/specialties/{specialty['id']}/", {"is_active": False})
    assert closed.status_code == 200
    assert client.get("/doctors/suggest/", {"q": "ronqui"}).json()["results"] == []
    with acting_as_system("test"):
        assert [action for action, _ in logged(Specialty.objects.get(pk=specialty["id"]))] == [
            "created_specialty",
            "updated_specialty",
            "updated_specialty",
        ]
    assert call(admin, "post", "admin/specialties/", {**body, "name_es": ""}).status_code == 400


def test_public_reads_may_be_kept_and_speak_the_language_asked_for(client: Client) -> None:
    specialty = make.make_specialty(name_es="Corazones", name_en="Hearts")
    doctor = make.make_public_doctor(specialty=specialty)
    for path in ("public/specialties/", f"public/doctors/{doctor.slug}/", "public/doctors/"):
        first = client.get(f"/api/v1/{path}")
        again = client.get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]})
        assert (first.status_code, again.status_code) == (200, 304)
    english = client.get("/api/v1/public/specialties/", headers={"Accept-Language": "en"})
    assert english.json()["data"][0]["name"] == "Hearts"
    assert client.get("/api/v1/public/doctors/nobody/").status_code == 404


def test_what_is_private_stays_out_of_the_public_answer(client: Client) -> None:
    doctor = make.make_public_doctor()
    text = client.get(f"/api/v1/public/doctors/{doctor.slug}/").content.decode()
    for secret in (doctor.user.email, str(doctor.user_id), "license_number", "verification_notes"):
        assert secret not in text
