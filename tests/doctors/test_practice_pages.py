"""The practice's pages: profile and photo, offices, visits, documents."""

from typing import Any

import pytest
from django.test import Client

from doctors.models import Doctor, Office, VisitType
from medai.common.identity import acting_as_system
from tests.factories import doctors as make
from tests.factories.accounts import make_insurer, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(db: None) -> Doctor:
    return make.make_practice()


@pytest.fixture
def client(doctor: Doctor) -> Client:
    return signed_in(doctor.user)


def profile(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Dr.",
        "first_name": "Andrés",
        "last_name": "Quintero",
        "license_number": "52-118",
        "experience_years": "16",
        "languages": ["es", "en"],
        "bio_es": "Explico cada examen.",
        "degrees-TOTAL_FORMS": "2",
        "degrees-INITIAL_FORMS": "0",
        "degrees-0-title_es": "Médico cirujano",
        "degrees-0-year": "2006",
        **changes,
    }


def test_profile_is_saved_with_its_degrees_and_insurers(client: Client, doctor: Doctor) -> None:
    specialties, insurer = [make.make_specialty() for _ in range(2)], make_insurer()
    data = profile(
        specialty=str(specialties[0].pk), second_specialty=str(specialties[1].pk), insurers=[str(insurer.pk)]
    )
    assert client.post("/doctor/practice/", data).status_code == 302
    saved = make.fresh(doctor)
    assert (saved.experience_years, saved.languages) == (16, ["es", "en"])
    assert saved.qualifications == [
        {"title_es": "Médico cirujano", "title_en": "", "institution": "", "year": 2006}
    ]
    with acting_as_system("test"):
        links = saved.doctor_specialties.order_by("-is_primary", "created_at")
        assert [link.specialty_id for link in links] == [each.pk for each in specialties]
        assert [one.pk for one in saved.accepted_insurers.all()] == [insurer.pk]


def test_a_verified_doctor_cannot_change_what_was_verified() -> None:
    doctor = make.make_public_doctor()
    client = signed_in(doctor.user)
    with acting_as_system("test"):
        before = doctor.doctor_specialties.get().specialty_id
    data = profile(first_name="Otro", license_number="1", specialty=str(make.make_specialty().pk))
    assert client.post("/doctor/practice/", data).status_code == 302
    saved = make.fresh(doctor)
    assert (saved.first_name, saved.license_number, saved.bio_es) == (
        "Andrés",
        "52-118",
        "Explico cada examen.",
    )
    with acting_as_system("test"):
        assert saved.doctor_specialties.get().specialty_id == before


def test_what_was_verified_is_shown_in_the_language_of_the_page_and_asks_for_nothing() -> None:
    doctor = make.make_public_doctor()
    client = signed_in(doctor.user)
    with acting_as_system("test"):
        specialty = doctor.doctor_specialties.get().specialty
    shown = {}
    for language, name, none in (("es", specialty.name_es, "Ninguna"), ("en", specialty.name_en, "None")):
        client.cookies["language"] = language
        form = client.get("/doctor/practice/").context["editor"].form
        shown[language] = str(form["specialty"]), str(form["third_specialty"])
        assert f"selected>{name}</option>" in shown[language][0]
        assert f'<option value="" selected>{none}</option>' in shown[language][1]
        assert form["license_number"].help_text == ""
    client.cookies["language"] = "es"
    page = client.get("/doctor/practice/").content.decode()
    assert "2.ª especialidad" in page
    assert "2.ª especialidad <small>" not in page  # "(opcional)" is said of what one can fill in


def test_a_wrong_degree_is_marked_and_saves_nothing(client: Client, doctor: Doctor) -> None:
    data = profile(specialty=str(make.make_specialty().pk), **{"degrees-1-institution": "Rosario"})
    answer = client.post("/doctor/practice/", data)
    assert answer.status_code == 422
    assert 'id="id_degrees-1-title_es_error"' in answer.content.decode()
    assert make.fresh(doctor).qualifications == []


def test_a_photo_is_drawn_anew_and_served_to_everybody_under_a_lasting_name(
    client: Client, doctor: Doctor
) -> None:
    exif = make.picture(exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00SECRET")
    assert client.post("/doctor/practice/photo/", {"photo": exif}).status_code == 302
    stored = make.fresh(doctor).photo.name
    url = f"/doctors/photos/{doctor.pk}/{stored.rpartition('/')[2]}"
    # Not public yet: only the doctor sees it.
    assert Client().get(url).status_code == 404
    answer = client.get(url)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xff\xd8")
    assert b"SECRET" not in content
    assert client.get(f"/doctors/photos/{doctor.pk}/other.jpg").status_code == 404
    client.post("/doctor/practice/photo/", {"photo": make.picture(color="navy")})
    assert client.get(url).status_code == 404
    client.post("/doctor/practice/photo/", {"remove": "1"})
    assert not make.fresh(doctor).photo


def test_a_photo_that_is_none_is_refused(client: Client, doctor: Doctor) -> None:
    for wrong in (make.pdf("photo.jpg"), make.pdf("photo.pdf")):
        answer = client.post("/doctor/practice/photo/", {"photo": wrong})
        assert answer.status_code == 422
        assert 'id="id_photo_error"' in answer.content.decode()
    assert client.post("/doctor/practice/photo/", {}).status_code == 422
    assert not make.fresh(doctor).photo


# --- Offices ---


def test_offices_are_added_changed_and_closed(client: Client, doctor: Doctor) -> None:
    data = {"address": "Calle 10 # 5-51", "city": "Cali", "country": "CO", "phone": "602 555 1234"}
    assert client.post("/doctor/practice/offices/", data).status_code == 302
    with acting_as_system("test"):
        office = Office.objects.get(doctor=doctor, city="Cali")
    assert office.phone == "+576025551234"
    page = client.get(f"/doctor/practice/offices/{office.pk}/").content.decode()
    assert "Calle 10 # 5-51" in page
    client.post(
        f"/doctor/practice/offices/{office.pk}/", {**data, "city": "Palmira", "position": "3.5394, -76.3036"}
    )
    assert (make.fresh(office).city, float(make.fresh(office).latitude)) == ("Palmira", 3.5394)
    assert client.post(f"/doctor/practice/offices/{office.pk}/close/").status_code == 302
    assert not make.fresh(office).is_active
    assert client.get(f"/doctor/practice/offices/{office.pk}/").status_code == 404


def test_an_office_with_hours_is_not_closed_and_says_which(client: Client, doctor: Doctor) -> None:
    office = make.office_of(doctor)
    answer = client.post(f"/doctor/practice/offices/{office.pk}/close/")
    assert answer.status_code == 409
    assert "lunes" in answer.content.decode().lower()
    assert make.fresh(office).is_active


@pytest.mark.parametrize("position", ["here", "4.6", "4.6, 200", "1,2,3", "NaN, NaN"])
def test_a_wrong_position_is_marked(client: Client, doctor: Doctor, position: str) -> None:
    data = {"address": "Calle 1", "city": "Cali", "country": "CO", "position": position}
    answer = client.post("/doctor/practice/offices/", data)
    assert answer.status_code == 422
    assert 'id="id_position_error"' in answer.content.decode()
    with acting_as_system("test"):
        assert Office.objects.filter(doctor=doctor).count() == 1


# --- Visits and fees ---


def test_visits_have_fees_as_people_write_them(client: Client, doctor: Doctor) -> None:
    data = {
        "name_es": "Ecocardiograma",
        "duration_minutes": "45",
        "fee": "340.000",
        "currency": "COP",
        "modes": ["in_person"],
    }
    assert client.post("/doctor/practice/visits/", data).status_code == 302
    with acting_as_system("test"):
        visit = VisitType.objects.get(doctor=doctor, kind="other")
    assert visit.fee_minor == 34_000_000
    assert b"340.000" in client.get(f"/doctor/practice/visits/{visit.pk}/").content
    client.post(f"/doctor/practice/visits/{visit.pk}/", {**data, "fee": "200", "currency": "USD"})
    assert (make.fresh(visit).fee_minor, make.fresh(visit).currency) == (20_000, "USD")
    assert client.post(f"/doctor/practice/visits/{visit.pk}/withdraw/").status_code == 302
    assert not make.fresh(visit).is_active


def test_a_new_visit_is_charged_in_what_the_others_are(client: Client, doctor: Doctor) -> None:
    with acting_as_system("test"):
        VisitType.objects.filter(doctor=doctor).update(currency="USD")
    assert client.get("/doctor/practice/visits/").context["form"]["currency"].value() == "USD"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fee": "cheap"}, "fee"),
        ({"fee": "-5"}, "fee"),
        ({"modes": []}, "modes"),
        ({"name_es": ""}, "name_es"),
    ],
)
def test_a_wrong_visit_is_marked(client: Client, doctor: Doctor, change: Any, field: str) -> None:
    data = {
        "name_es": "Eco",
        "duration_minutes": "45",
        "fee": "1",
        "currency": "COP",
        "modes": ["video"],
        **change,
    }
    answer = client.post("/doctor/practice/visits/", data)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    with acting_as_system("test"):
        assert VisitType.objects.filter(doctor=doctor).count() == 2


def test_the_first_visit_stays(client: Client, doctor: Doctor) -> None:
    with acting_as_system("test"):
        first = VisitType.objects.get(doctor=doctor, kind="standard")
    assert client.post(f"/doctor/practice/visits/{first.pk}/withdraw/").status_code == 409
    assert make.fresh(first).is_active


def test_other_doctors_things_do_not_exist(client: Client) -> None:
    other = make.make_public_doctor()
    office = make.office_of(other)
    with acting_as_system("test"):
        visit = VisitType.objects.filter(doctor=other).first()
    for path in (f"offices/{office.pk}/", f"visits/{visit.pk}/"):
        assert client.get(f"/doctor/practice/{path}").status_code == 404
    assert client.post(f"/doctor/practice/offices/{office.pk}/close/").status_code == 404
    assert client.post(f"/doctor/practice/visits/{visit.pk}/withdraw/").status_code == 404
    assert make.fresh(office).is_active


def test_documents_are_listed_with_links_that_work_for_the_doctor_alone() -> None:
    doctor = make.make_submitted_doctor()
    answer = signed_in(doctor.user).get("/doctor/practice/documents/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "aria-invalid" not in page
    link = page.partition('href="/files/')[2].partition('"')[0]
    assert b"".join(signed_in(doctor.user).get(f"/files/{link}").streaming_content).startswith(b"%PDF-")
    assert signed_in(make.make_practice().user).get(f"/files/{link}").status_code == 403
