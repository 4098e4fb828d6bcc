"""What people type and choose, and which doctors answer."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.projections import refresh_availability
from doctors.directory import DirectoryQuery, interpret
from doctors.models import DirectoryEntry, Doctor, Specialty
from doctors.services import directory, exceptions, offices, profiles, verification, visit_types
from doctors.words import plain
from medai.common import outbox
from medai.common.identity import ANONYMOUS, acting_as, acting_as_system
from tests.factories import doctors as make
from tests.factories.accounts import make_insurer

pytestmark = pytest.mark.django_db

SEEDS = json.loads((Path(settings.BASE_DIR) / "doctors" / "data" / "specialties.json").read_text("utf-8"))


@pytest.fixture
def seeded(db: None) -> None:
    """The specialties as they are seeded, with the words that people type."""
    with acting_as_system("test"):
        for one in SEEDS:
            Specialty.objects.create(
                slug=one["slug"],
                **{f"name_{code}": one["name"][code] for code in ("es", "en")},
                **{f"practitioners_{code}": one["practitioner"][code] for code in ("es", "en")},
                **{f"synonyms_{code}": one["synonyms"][code] for code in ("es", "en")},
            )


def seeded_specialty(slug: str) -> Specialty:
    with acting_as_system("test"):
        return Specialty.objects.get(slug=slug)


def found(client: Client, **parameters: Any) -> list[str]:
    """The slugs that the API's search answers with, in their order."""
    answer = client.get("/api/v1/public/doctors/", parameters)
    assert answer.status_code == 200, answer.content
    return [one["slug"] for one in answer.json()["data"]["results"]]


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Cardiología", ["cardiology"]),
        ("cardiologia", ["cardiology"]),
        ("cardiolojia", ["cardiology"]),
        ("crdiología", ["cardiology"]),
        ("cardiólogo", ["cardiology"]),
        ("cardio", ["cardiology"]),
        ("corazón", ["cardiology"]),
        ("corason", ["cardiology"]),
        ("heart doctor", ["cardiology"]),
        ("quiero una cita con el cardiólogo", ["cardiology"]),
        ("piel", ["dermatology"]),
        ("dermatologa", ["dermatology"]),
        ("skin", ["dermatology"]),
        ("kids' doctor", ["pediatrics"]),
        ("kid's doctor", ["pediatrics"]),
        ("médico para niños", ["pediatrics"]),
        ("pediatra cerca de mi", ["pediatrics"]),
        ("jinecologa", ["gynecology"]),
        ("sicologo", ["psychology"]),
        ("lower back pain", ["orthopedics"]),
        ("dolor de espallda", ["orthopedics"]),
        ("medico general", ["general-medicine"]),
        ("gp", ["general-medicine"]),
        ("DENTISTA", ["dentistry"]),
        ("oculista", ["ophthalmology"]),
        ("oculist", ["ophthalmology"]),
        ("lentillas", ["optometry"]),
        ("optician", ["optometry"]),
        ("guagua", ["pediatrics"]),
        ("logopeda", ["speech-therapy"]),
        ("me duele la barriga", ["gastroenterology"]),
        ("me duelen los ojos", ["ophthalmology"]),
        ("my knee hurts", ["orthopedics"]),
        ("tummy ache", ["gastroenterology"]),
        ("fisio", ["physiotherapy"]),
        ("médico deportivo", ["sports-medicine"]),
        ("uña enterrada", ["podiatry"]),
        ("mal de orina", ["urology"]),
        ("infección de orina", ["urology"]),
        ("smear test", ["gynecology"]),
    ],
)
def test_words_are_understood_in_both_languages_with_accents_and_typos(
    seeded: None, text: str, slugs: list[str]
) -> None:
    with acting_as(ANONYMOUS):
        assert interpret(text).specialties == slugs


@pytest.mark.parametrize("text", ["xyzzy", "tos" * 30, "¿?!", "", "   ", "'", "%_\\", "doctor"])
def test_nonsense_means_nothing_and_breaks_nothing(seeded: None, text: str) -> None:
    with acting_as(ANONYMOUS):
        assert interpret(text).specialties == []


def test_python_and_the_database_agree_on_words(db: None) -> None:
    texts = [
        "Bogotá, D.C.",
        "kids' doctor",
        "Ñuñoa",
        "  Dr.  José-María  ",
        "ÀÉÎÕÜ ß æ ø",
        "O’Brien",
        "123 4",
    ]
    with acting_as(ANONYMOUS), connection.cursor() as cursor:
        for text in texts:
            cursor.execute("SELECT app.words(%s)", [text])
            assert cursor.fetchone()[0] == plain(text), text


def test_specialty_city_and_name_combine(client: Client, seeded: None) -> None:
    heart, skin = seeded_specialty("cardiology"), seeded_specialty("dermatology")
    sarah = make.make_public_doctor(specialty=heart, first_name="Sarah", last_name="Ahmed")
    make.make_public_doctor(specialty=heart, first_name="Luis", last_name="Pérez", city="Medellín")
    make.make_public_doctor(specialty=skin, first_name="Ana", last_name="Gómez")
    assert found(client, q="cardiología bogota") == [sarah.slug]
    assert found(client, q="sara ahmet") == [sarah.slug]
    assert found(client, q="Dra. Ahmed") == [sarah.slug]
    assert found(client, q="corazon", city="BOGOTA") == [sarah.slug]
    assert found(client, specialty="cardiology", city="Bogtoa") == [sarah.slug]
    assert found(client, specialty="cardiology", city="Atlantis") == []
    assert found(client, q="ahmed perez") == []


def test_a_surname_that_is_a_city_finds_both_but_a_title_means_the_person(client: Client) -> None:
    there = make.make_public_doctor(city="Pereira", last_name="Gómez")
    named = make.make_public_doctor(last_name="Pereira")
    assert set(found(client, q="Pereira")) == {there.slug, named.slug}
    assert found(client, q="Dr. Pereira") == [named.slug]


def test_unknown_words_beside_known_ones_are_told_and_left_out(client: Client, seeded: None) -> None:
    doctor = make.make_public_doctor(specialty=seeded_specialty("cardiology"))
    answer = client.get("/api/v1/public/doctors/", {"q": "cardiología xyzzy"}).json()["data"]
    assert [one["slug"] for one in answer["results"]] == [doctor.slug]
    assert answer["unknown_words"] == ["xyzzy"]
    assert found(client, q="xyzzy") == []


def test_filters(client: Client) -> None:
    insurer = make_insurer()
    both = make.make_public_doctor(languages=["es", "en"], insurers=[insurer.pk], fee_minor=20_000_000)
    office = make.make_public_doctor(modes=["in_person"], languages=["es"], fee_minor=9_000_000)
    dollars = make.make_public_doctor(modes=["video"], languages=["ar"], fee_minor=20_000, currency="USD")
    assert set(found(client)) == {both.slug, office.slug, dollars.slug}
    assert set(found(client, mode="video")) == {both.slug, dollars.slug}
    assert set(found(client, mode="video,in_person")) == {both.slug, office.slug, dollars.slug}
    assert found(client, language="en") == [both.slug]
    assert set(found(client, language=["en", "ar"])) == {both.slug, dollars.slug}
    assert found(client, insurer=str(insurer.pk)) == [both.slug]
    assert found(client, max_price="100000") == [office.slug]
    assert found(client, max_price="250", currency="USD") == [dollars.slug]


def test_soonest_first_and_free_within_days(client: Client) -> None:
    later = make.make_public_doctor(free_in=timedelta(days=20))
    soon = make.make_public_doctor(free_in=timedelta(minutes=1))
    never = make.make_public_doctor()
    assert found(client) == [soon.slug, later.slug, never.slug]
    assert found(client, day="3days") == [soon.slug]
    # By video the later one comes first.
    make.set_next_free(soon, datetime.now(UTC) + timedelta(days=30), modes=["video"])
    assert found(client, mode="video", sort="soonest")[0] == later.slug


def test_other_orders(client: Client) -> None:
    far = make.make_public_doctor(fee_minor=9_000_000, position=("4.9000", "-74.0000"))
    near = make.make_public_doctor(fee_minor=30_000_000, position=("4.6600", "-74.0500"))
    abroad = make.make_public_doctor(fee_minor=100, currency="USD", position=("40.4", "-3.7"))
    with acting_as_system("test"):
        Doctor.objects.filter(pk=near.pk).update(rating_average="4.80", rating_count=120)
        Doctor.objects.filter(pk=far.pk).update(rating_average="5.00", rating_count=1)
        directory.refresh(doctor_ids=[near.pk, far.pk])
    # One perfect mark says less than many good ones.
    assert found(client, sort="rating") == [near.slug, far.slug, abroad.slug]
    assert found(client, sort="price") == [far.slug, near.slug, abroad.slug]
    answer = client.get("/api/v1/public/doctors/", {"sort": "distance", "lat": "4.65", "lng": "-74.05"})
    results = answer.json()["data"]["results"]
    assert [one["slug"] for one in results] == [near.slug, far.slug]
    assert results[0]["distance_km"] == pytest.approx(1.1, abs=0.1)
    assert results[1]["distance_km"] == pytest.approx(28.3, abs=0.3)


def test_a_date_counts_hours_and_exceptions(client: Client) -> None:
    doctor = make.make_public_doctor(free_in=timedelta(hours=1))
    refresh_availability([doctor.pk])
    today = datetime.now(UTC).date()
    monday = today + timedelta(days=7 - today.weekday())
    sunday = monday + timedelta(days=6)
    assert found(client, date=monday.isoformat()) == [doctor.slug]
    assert found(client, date=sunday.isoformat()) == []
    with make.as_user(doctor.user):
        exceptions.add_exception(doctor_id=doctor.pk, date=monday, kind="blocked")
        exceptions.add_exception(
            doctor_id=doctor.pk, date=sunday, kind="extra_hours", start_minute=540, end_minute=600
        )
    outbox.drain()
    assert found(client, date=monday.isoformat()) == []
    assert found(client, date=sunday.isoformat()) == [doctor.slug]
    assert found(client, date=(today + timedelta(days=400)).isoformat()) == []


def test_facets_count_what_each_choice_would_leave(client: Client) -> None:
    make.make_public_doctor(languages=["es", "en"], free_in=timedelta(minutes=1))
    make.make_public_doctor(modes=["in_person"], languages=["es"], free_in=timedelta(days=10))
    answer = client.get("/api/v1/public/doctors/", {"language": "es", "mode": "video"}).json()["data"]
    assert answer["total"] == 1
    assert answer["facets"]["modes"] == {"in_person": 2, "video": 1}
    assert answer["facets"]["days"][""] == 1
    assert answer["facets"]["languages"] == {"es": 1, "en": 1}


def test_only_public_doctors_are_found_and_one_that_is_withdrawn_leaves_at_once(client: Client) -> None:
    make.make_practice()
    make.make_submitted_doctor()
    public = make.make_public_doctor()
    assert found(client) == [public.slug]
    with acting_as_system("test"):
        verification.set_approval(doctor_id=public.pk, is_approved=False)
    assert found(client) == []
    with acting_as_system("test"):
        verification.set_approval(doctor_id=public.pk, is_approved=True)
    assert found(client) == [public.slug]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mode", "telepathy"),
        ("language", "klingon"),
        ("insurer", "sura"),
        ("max_price", "cheap"),
        ("max_price", "NaN"),
        ("max_price", "-1"),
        ("currency", "PESOS"),
        ("day", "someday"),
        ("date", "25/11/2026"),
        ("sort", "luck"),
        ("sort", "distance"),
        ("lat", "91"),
        ("page", "0"),
        ("page", "101"),
        ("page", "2"),
        ("page_size", "51"),
        ("time_zone", "Mars/Olympus"),
    ],
)
def test_a_wrong_parameter_is_named_by_the_api_and_forgiven_by_the_page(
    client: Client, name: str, value: str
) -> None:
    answer = client.get("/api/v1/public/doctors/", {name: value})
    assert answer.status_code == 400
    fields = [error["field"] for error in answer.json()["errors"]]
    assert fields == ["lat" if (name, value) == ("sort", "distance") else name]
    assert client.get("/doctors/", {name: value}).status_code == 200


def test_hostile_text_is_harmless(client: Client, seeded: None) -> None:
    for text in [
        "'; DROP TABLE doctors_doctor; --",
        "\x00",
        "%" * 500,
        "a" * 10_000,
        "{}[]()\\|",
        "cardio\x00logia",
    ]:
        assert client.get("/doctors/", {"q": text, "city": text}).status_code == 200


def test_pages_end_with_the_last_one(client: Client) -> None:
    for number in range(12):
        make.make_public_doctor(free_in=timedelta(hours=number + 1))
    first = client.get("/api/v1/public/doctors/").json()["data"]
    second = client.get("/api/v1/public/doctors/", {"page": 2}).json()["data"]
    assert (first["total"], first["pages"], len(first["results"]), len(second["results"])) == (12, 2, 10, 2)
    assert not {one["id"] for one in first["results"]} & {one["id"] for one in second["results"]}
    assert client.get("/api/v1/public/doctors/", {"page": 3}).status_code == 400
    assert client.get("/doctors/", {"page": 3}).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["", "q=cardiolojia+bogtoa&mode=video&language=en&day=today", "q=xyzzy", "sort=distance&lat=4.6&lng=-74"],
)
def test_the_page_asks_few_questions_however_many_doctors(client: Client, seeded: None, query: str) -> None:
    for number in range(11):
        make.make_public_doctor(specialty=seeded_specialty("cardiology"), free_in=timedelta(hours=number))
    client.get("/doctors/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/doctors/?{query}").status_code == 200
    asked = [one["sql"] for one in captured if "SAVEPOINT" not in one["sql"]]
    assert len(asked) <= 8, asked


def test_the_api_asks_few_questions_however_many_specialties(client: Client, seeded: None) -> None:
    with acting_as_system("test"):
        several = list(Specialty.objects.all()[:10])
    for specialty in several:
        make.make_public_doctor(specialty=specialty)
    with CaptureQueriesContext(connection) as captured:
        results = client.get("/api/v1/public/doctors/").json()["data"]["results"]
    assert len({one["specialties"][0]["slug"] for one in results}) == 10
    assert len(captured) <= 8, [one["sql"] for one in captured]


def test_the_projection_follows_every_change_of_the_practice(client: Client) -> None:
    doctor = make.make_public_doctor(fee_minor=10_000_000)
    with make.as_user(doctor.user):
        offices.add_office(doctor_id=doctor.pk, address="Calle 10", city="Cali")
        profiles.update_profile(doctor_id=doctor.pk, languages=["fr"])
        for visit_type in doctor.visit_types.all():
            visit_types.update_visit_type(visit_type_id=visit_type.pk, fee_minor=5_000_000, modes=["video"])
    assert found(client, city="Cali", language="fr", mode="video", max_price="50000") == [doctor.slug]
    with acting_as_system("test"):
        before = DirectoryEntry.objects.get(doctor=doctor)
        directory.refresh()
        after = DirectoryEntry.objects.get(doctor=doctor)
    assert (sorted(before.tags), before.fee_minor) == (sorted(after.tags), after.fee_minor)


def test_nobody_but_the_system_writes_the_projection(client: Client) -> None:
    doctor = make.make_public_doctor()
    with make.as_user(doctor.user), pytest.raises(DatabaseError), transaction.atomic():
        DirectoryEntry.objects.filter(doctor=doctor).update(rating_score=5)


def test_suggestions_offer_specialties_doctors_and_cities(client: Client, seeded: None) -> None:
    doctor = make.make_public_doctor(
        specialty=seeded_specialty("cardiology"), first_name="Corina", last_name="Ruiz", city="Cartagena"
    )
    labels = [one["label"] for one in client.get("/doctors/suggest/", {"q": "cor"}).json()["results"]]
    assert "Cardiología" in labels
    assert doctor.display_name in labels
    english = client.get("/doctors/suggest/", {"q": "heart"}, headers={"Accept-Language": "en"}).json()[
        "results"
    ]
    assert english[0]["label"] == "Cardiology"
    cities = client.get("/doctors/suggest/", {"q": "carta"}).json()["results"]
    assert [one["label"] for one in cities if one["icon"] == "map-pin"] == ["Cartagena"]
    assert client.get("/doctors/suggest/", {"q": "c"}).json()["results"] == []
    assert client.get("/doctors/suggest/", {"q": "\x00%_"}).status_code == 200


def test_date_is_read_from_the_address() -> None:
    query = DirectoryQuery.read(QueryDict("q=coraz%C3%B3n&mode=video&mode=in_person&date=2026-12-01&page=3"))
    assert (query.q, query.modes, query.on, query.page) == (
        "corazón",
        ("video", "in_person"),
        date(2026, 12, 1),
        3,
    )
    assert DirectoryQuery.read(QueryDict(query.parameters(page=3))) == query
