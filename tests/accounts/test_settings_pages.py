"""The settings pages: profile and photo, people, insurance, sessions."""

import io
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from PIL.ExifTags import Base as ExifTag

from accounts.models import ApiSession, Guardianship, Patient, PatientInsurance, Profile, Role, User
from medai.common.identity import acting_as_system
from tests.factories.accounts import (
    PASSWORD,
    bearer,
    make_dependent,
    make_insurer,
    make_patient_without_account,
    make_policy,
    make_staff,
    make_user,
    own_patient,
    signed_in,
)

pytestmark = pytest.mark.django_db

PROFILE = {
    "first_name": "Mariana",
    "last_name": "Gómez",
    "phone": "300 123 4567",
    "language": "en",
    "time_zone": "America/New_York",
}


def profile_of(user: User) -> Profile:
    with acting_as_system("test"):
        return Profile.objects.get(user=user)


def text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.ADMIN])
def test_a_profile_is_saved(role: str) -> None:
    user = make_staff(role) if role == Role.ADMIN else make_user(role)
    client = signed_in(user)
    assert client.get("/settings/").status_code == 200
    assert client.post("/settings/", PROFILE)["Location"] == "/settings/"
    profile = profile_of(user)
    assert (profile.full_name, profile.phone, profile.time_zone) == (
        "Mariana Gómez",
        "+573001234567",
        "America/New_York",
    )
    with acting_as_system("test"):
        assert User.objects.get(pk=user.pk).language == "en"
    if role == Role.PATIENT:
        own = own_patient(user)
        assert (own.full_name, own.phone, own.language) == ("Mariana Gómez", "+573001234567", "en")


def test_time_zones_are_listed_by_their_cities_in_the_language_of_the_page() -> None:
    user = make_user()
    with acting_as_system("test"):
        Profile.objects.filter(user=user).update(time_zone="America/Buenos_Aires")
    client = signed_in(user)
    listed = {}
    for language in ("es", "en"):
        client.cookies["language"] = language
        field = client.get("/settings/").context["profile_form"]["time_zone"]
        # A former name of a zone is listed only for whoever has it.
        assert field.field.choices[0] == ("America/Buenos_Aires", "Buenos Aires")
        listed[language] = dict(field.field.choices[1:])
    assert listed["es"]["America/New_York"] == "Nueva York, Estados Unidos"
    assert listed["en"]["America/New_York"] == "New York, United States"
    assert "Asia/Calcutta" not in listed["es"]
    places = list(listed["es"].values())
    assert places.index("Abiyán, Côte d’Ivoire") < places.index("Ámsterdam, Países Bajos")
    assert places.index("Ámsterdam, Países Bajos") < places.index("Bogotá, Colombia")


@pytest.mark.parametrize(
    ("field", "value"),
    [("first_name", ""), ("phone", "12"), ("time_zone", "Mars/Olympus"), ("language", "fr")],
)
def test_a_wrong_value_is_shown_at_its_field_and_the_rest_is_kept(field: str, value: str) -> None:
    user = make_user()
    refused = signed_in(user).post("/settings/", {**PROFILE, field: value})
    assert refused.status_code == 422
    assert f'id="id_{field}_error"' in text(refused)
    assert "Gómez" in text(refused)
    assert profile_of(user).last_name != "Gómez"


def test_a_new_phone_is_not_verified_any_more() -> None:
    user = make_user()
    with acting_as_system("test"):
        Profile.objects.filter(user=user).update(phone="+573009999999", phone_verified_at="2026-01-01T00:00Z")
    signed_in(user).post("/settings/", PROFILE)
    assert profile_of(user).phone_verified_at is None


def test_care_details_are_saved_and_checked() -> None:
    user = make_user()
    client = signed_in(user)
    details = {"date_of_birth": "1990-05-01", "sex": "female", "city": "Cali"}
    assert client.post("/settings/record/", details).status_code == 302
    assert own_patient(user).city == "Cali"
    refused = client.post("/settings/record/", {**details, "date_of_birth": "2990-05-01", "city": "Tunja"})
    assert refused.status_code == 422
    assert "Tunja" in text(refused)
    assert own_patient(user).city == "Cali"


# --- Photo ------------------------------------------------------------------------------------------------


def picture(
    size: tuple[int, int] = (600, 400), kind: str = "JPEG", name: str = "me.jpg"
) -> SimpleUploadedFile:
    image = Image.new("RGB", size, "red")
    exif = Image.Exif()
    exif[ExifTag.Make] = "Secret Camera"
    buffer = io.BytesIO()
    image.save(buffer, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/jpeg")


def test_a_photo_becomes_a_square_without_metadata() -> None:
    user = make_user()
    client = signed_in(user)
    assert client.post("/settings/photo/change/", {"avatar": picture()}).status_code == 302
    shown = client.get("/settings/photo/")
    assert shown["Content-Type"] == "image/jpeg"
    content = shown.content
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (400, 400)
        assert not image.getexif()
    assert b"Secret Camera" not in content
    assert "/settings/photo/?v=" in text(client.get("/settings/"))


def test_a_new_photo_takes_the_place_of_the_old_one(
    django_capture_on_commit_callbacks: Any,
) -> None:
    user = make_user()
    client = signed_in(user)
    client.post("/settings/photo/change/", {"avatar": picture()})
    old = profile_of(user).avatar.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/settings/photo/change/", {"avatar": picture(kind="PNG", name="x.png")})
    new = profile_of(user).avatar.name
    assert new != old
    assert not (Path(settings.MEDIA_ROOT) / old).exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/settings/photo/change/", {"remove": "1"})
    assert not profile_of(user).avatar
    assert client.get("/settings/photo/").status_code == 404


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (SimpleUploadedFile("me.jpg", b"MZ this is a program", content_type="image/jpeg"), "JPEG"),
        (SimpleUploadedFile("me.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "JPEG"),
        (SimpleUploadedFile("me.jpg", b"x" * (8 * 1024 * 1024 + 1)), "8 MB"),
        (SimpleUploadedFile("me.jpg", b""), "vac"),
    ],
)
def test_what_is_no_photo_is_refused(upload: SimpleUploadedFile, words: str) -> None:
    user = make_user()
    refused = signed_in(user).post("/settings/photo/change/", {"avatar": upload})
    assert refused.status_code == 422
    assert words in text(refused)
    assert not profile_of(user).avatar


def test_a_tiny_or_truncated_photo_is_refused() -> None:
    client = signed_in(make_user())
    assert client.post("/settings/photo/change/", {"avatar": picture((20, 20))}).status_code == 422
    half = picture()
    cut = SimpleUploadedFile("me.jpg", half.read()[:300])
    assert client.post("/settings/photo/change/", {"avatar": cut}).status_code == 422


def test_photos_are_seen_by_their_owner_and_staff_only() -> None:
    owner = make_user()
    signed_in(owner).post("/settings/photo/change/", {"avatar": picture()})
    address = f"/settings/photo/{owner.pk}/"
    viewers = [
        (signed_in(owner), 200),
        (signed_in(make_staff()), 200),
        (signed_in(make_user()), 404),
        (signed_in(make_user(Role.DOCTOR)), 404),
        (Client(), 302),
    ]
    for viewer, expected in viewers:
        assert viewer.get(address).status_code == expected


# --- People and insurance ---------------------------------------------------------------------------------


def test_somebody_is_added_changed_and_removed() -> None:
    user = make_user()
    client = signed_in(user)
    child = {"relationship": "child", "first_name": "Tomás", "last_name": "Gómez", "sex": "male"}
    refused = client.post("/settings/people/add/", {**child, "first_name": ""})
    assert refused.status_code == 422
    assert "Gómez" in text(refused)
    assert client.post("/settings/people/add/", child).status_code == 302
    with acting_as_system("test"):
        patient = Patient.objects.get(first_name="Tomás")
    page = f"/settings/people/{patient.pk}/"
    assert "Tomás" in text(client.get("/settings/people/"))
    assert client.post(page, {**child, "city": "Cali"}).status_code == 302
    assert client.get(f"{page}remove/").status_code == 200
    assert client.post(f"{page}remove/").status_code == 302
    assert "Tomás" not in text(client.get("/settings/people/")).replace("Tomás ya no", "")
    with acting_as_system("test"):
        assert not Guardianship.objects.filter(patient=patient).exists()


def test_people_of_others_do_not_exist() -> None:
    child = make_dependent(make_user())
    client = signed_in(make_user())
    for page in (f"/settings/people/{child.pk}/", f"/settings/people/{child.pk}/remove/"):
        assert client.get(page).status_code == 404
        assert client.post(page, {"first_name": "Robado"}).status_code == 404
    with acting_as_system("test"):
        assert Guardianship.objects.filter(patient=child).count() == 1


def test_a_record_from_before_is_offered_and_added() -> None:
    user = make_user(email="ana@example.com")
    met = make_patient_without_account(first_name="Rosa", email="ana@example.com")
    client = signed_in(user)
    assert "Rosa" in text(client.get("/settings/people/"))
    assert client.post(f"/settings/people/{met.pk}/claim/", {"relationship": "x"}).status_code == 422
    assert client.post(f"/settings/people/{met.pk}/claim/", {"relationship": "parent"}).status_code == 302
    with acting_as_system("test"):
        assert Guardianship.objects.get(patient=met).relationship == "parent"
    stranger = signed_in(make_user())
    assert stranger.post(f"/settings/people/{met.pk}/claim/", {"relationship": "parent"}).status_code == 422


def test_policies_are_added_changed_and_removed() -> None:
    user = make_user()
    client, insurer = signed_in(user), make_insurer(name="Sura EPS")
    policy = {"patient": str(own_patient(user).pk), "provider": str(insurer.pk), "policy_number": "A-1"}
    assert client.post("/settings/insurance/add/", policy).status_code == 302
    again = client.post("/settings/insurance/add/", policy)
    assert again.status_code == 422
    assert 'id="id_provider_error"' in text(again)
    assert "Sura EPS" in text(client.get("/settings/insurance/"))
    with acting_as_system("test"):
        row = PatientInsurance.objects.get()
    page = f"/settings/insurance/{row.pk}/"
    assert client.post(page, {**policy, "policy_number": "B-2"}).status_code == 302
    assert client.get(f"{page}remove/").status_code == 200
    stranger = signed_in(make_user())
    for address in (page, f"{page}remove/"):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, policy).status_code == 404
    with acting_as_system("test"):
        assert PatientInsurance.objects.get().policy_number == "B-2"
    assert client.post(f"{page}remove/").status_code == 302
    with acting_as_system("test"):
        assert not PatientInsurance.objects.exists()


def test_a_policy_is_not_made_for_somebody_elses_patient() -> None:
    policy = {
        "patient": str(own_patient(make_user()).pk),
        "provider": str(make_insurer().pk),
        "policy_number": "A-1",
    }
    assert signed_in(make_user()).post("/settings/insurance/add/", policy).status_code == 422
    with acting_as_system("test"):
        assert not PatientInsurance.objects.exists()


# --- Sessions ---------------------------------------------------------------------------------------------


def entered(user: User, agent: str) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def test_sessions_are_listed_and_ended_one_by_one() -> None:
    user = make_user()
    here = entered(user, "Mozilla/5.0 (X11; Linux) Firefox/140.0")
    there = entered(user, "Mozilla/5.0 (iPhone) Safari/605")
    app = bearer(user)
    page = text(here.get("/settings/sessions/"))
    assert "Firefox, Linux" in page
    assert "Safari, iPhone" in page
    with acting_as_system("test"):
        web = UserSession.objects.get(session_key=there.session.session_key)
        api = ApiSession.objects.get(user=user)
    stranger = signed_in(make_user())
    for address in (f"/settings/sessions/web/{web.pk}/end/", f"/settings/sessions/app/{api.pk}/end/"):
        assert stranger.post(address).status_code == 404
        assert here.post(address).status_code == 302
    assert there.get("/settings/").status_code == 302
    assert Client().get("/api/v1/auth/me/", headers=app).status_code == 401
    assert here.get("/settings/").status_code == 200


def test_signing_out_everywhere_else_keeps_this_browser() -> None:
    user = make_user()
    here, there, app = entered(user, "Firefox/140.0"), signed_in(user), bearer(user)
    assert here.post("/settings/sessions/others/end/").status_code == 302
    assert here.get("/settings/sessions/").status_code == 200
    assert there.get("/settings/").status_code == 302
    assert Client().get("/api/v1/auth/me/", headers=app).status_code == 401


# --- Who may open them ------------------------------------------------------------------------------------

FOR_PATIENTS = ["people/", "people/add/", "insurance/", "insurance/add/"]
FOR_ALL = ["", "security/", "sessions/", "privacy/"]


def test_pages_by_role() -> None:
    patient, doctor, staff = make_user(), make_user(Role.DOCTOR), make_staff()
    make_policy(own_patient(patient))
    for path in FOR_PATIENTS + FOR_ALL:
        address = f"/settings/{path}"
        expected = 403 if path in FOR_PATIENTS else 200
        assert signed_in(patient).get(address).status_code == 200
        assert signed_in(doctor).get(address).status_code == expected
        assert signed_in(staff).get(address).status_code == expected
        assert Client().get(address)["Location"].startswith("/accounts/login/?next=")


def test_an_expired_session_in_a_partial_leads_the_page_to_sign_in() -> None:
    answer = Client().get(
        "/settings/people/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/security/?a=1"},
    )
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fsettings%2Fsecurity%2F%3Fa%3D1"
    foreign = Client().post(
        "/settings/record/", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"}
    )
    assert foreign["HX-Redirect"] == "/accounts/login/"
