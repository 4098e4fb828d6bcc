"""What everybody sees: the directory's page, a doctor's page, what search engines read, the landing's live parts."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from doctors.models import VisitType
from doctors.services import directory, profiles, verification, visit_types
from medai.common.identity import acting_as_system
from tests.factories import doctors as make
from tests.factories.accounts import make_user, signed_in

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def text_of(response: Any) -> str:
    return response.content.decode()


def test_the_directory_shows_what_one_decides_by(client: Client) -> None:
    specialty = make.make_specialty(name_es="Cardiología", practitioners_es="Cardiólogos")
    doctor = make.make_public_doctor(
        specialty=specialty, languages=["es", "en"], free_in=timedelta(hours=30), position=("4.67", "-74.05")
    )
    page = text_of(client.get("/doctors/", {"specialty": specialty.slug, "city": "bogota"}))
    for shown in (
        doctor.display_name,
        "Cardiólogos",
        "Bogotá",
        "Cra. 11 # 93-46",
        "Español, inglés",
        "180.000",
    ):
        assert shown in page
    assert f'id="slots-{doctor.pk}"' in page
    assert f"/book/slots/?doctors={doctor.pk}" in page
    assert 'class="pin"' in page


def test_a_change_shows_on_the_card_at_once(client: Client) -> None:
    doctor = make.make_public_doctor(free_in=timedelta(hours=30), position=("4.67", "-74.05"))

    def shown(**parameters: str) -> list[str]:
        """The card and the map, twice: rendered and remembered."""
        pages = [text_of(client.get("/doctors/", parameters)) for _ in range(2)]
        found = [re.sub(r"\s+", " ", page[page.index('id="found"') :]) for page in pages]
        assert found[0] == found[1]
        return found[:1]

    seen = shown(lang="es")
    assert "180.000" in seen[0]
    seen += shown(lang="en")
    assert "COP 180,000" in seen[1]
    client.get("/doctors/", {"lang": "es"})
    with make.as_user(doctor.user):
        for visit_type in doctor.visit_types.all():
            visit_types.update_visit_type(visit_type_id=visit_type.pk, fee_minor=25_000_000)
    seen += shown()
    assert "250.000" in seen[2]
    assert "180.000" not in seen[2]
    with make.as_user(doctor.user):
        profiles.update_profile(doctor_id=doctor.pk, title="Prof.", languages=["fr"])
    seen += shown()
    assert "Prof." in seen[3]
    assert "Francés" in seen[3]
    make.set_next_free(doctor, datetime(2031, 1, 7, 14, tzinfo=UTC))
    seen += shown()
    assert "7 ene 2031" in seen[4]
    make.set_next_free(doctor, None)
    seen += shown()
    assert "Sin cupos por ahora" in seen[5]
    assert len(set(seen)) == 6


def test_htmx_gets_the_results_and_the_counts_only(client: Client) -> None:
    make.make_public_doctor()
    headers = {"HX-Request": "true", "HX-Target": "found"}
    answer = client.get("/doctors/", {"mode": "video", "insurer": "", "max_price": ""}, headers=headers)
    page = text_of(answer)
    assert "<html" not in page
    assert 'id="filter-modes" hx-swap-oob="true"' in page
    assert answer.headers["HX-Push-Url"] == "/doctors/?mode=video"


def test_filters_are_shown_as_chips_that_take_them_away(client: Client) -> None:
    make.make_public_doctor()
    page = text_of(client.get("/doctors/?q=medico&mode=video&language=en&max_price=150000&page=1"))
    links = re.findall(r'chip__x" href="([^"]+)"', page)
    assert "?q=medico&amp;language=en&amp;max_price=150000" in links
    assert "?q=medico&amp;mode=video&amp;max_price=150000" in links
    assert "?q=medico&amp;language=en&amp;mode=video" in links


def test_nobody_found_is_told_with_a_way_on(client: Client) -> None:
    make.make_specialty("cardiology", name_es="Cardiología", synonyms_es=["corazón"])
    page = text_of(client.get("/doctors/", {"q": "cardiolgggia", "city": "Cali"}))
    assert "empty" in page
    assert "?specialty=cardiology" in page


def test_typed_text_is_never_markup(client: Client) -> None:
    make.make_public_doctor()
    page = text_of(client.get("/doctors/", {"q": '"><script>alert(1)</script>', "city": "<b>"}))
    assert "<script>alert(1)" not in page
    assert "<b>" not in page.partition('name="city"')[2][:80]


def test_canonical_and_alternate_addresses(client: Client) -> None:
    specialty = make.make_specialty("dermatology")
    make.make_public_doctor(specialty=specialty)
    page = text_of(client.get("/doctors/?specialty=dermatology&city=BOGOTA&sort=price"))
    assert (
        'rel="canonical" href="http://testserver/doctors/?specialty=dermatology&amp;city=Bogot%C3%A1"' in page
    )
    assert 'hreflang="en"' in page
    assert "noindex" not in page
    assert "noindex" in text_of(client.get("/doctors/?specialty=dermatology&mode=video"))


def test_a_profile_has_all_that_matters_and_structured_data(client: Client) -> None:
    doctor = make.make_public_doctor(
        first_name="Sarah",
        last_name="Ahmed </script><script>alert(1)</script>",
        bio_es="Explico cada examen.",
        qualifications=[{"title_es": "Cardióloga", "institution": "Rosario", "year": 2012}],
        free_in=timedelta(hours=5),
    )
    answer = client.get(f"/doctors/{doctor.slug}/")
    page = text_of(answer)
    for shown in (
        "Explico cada examen.",
        "Cardióloga",
        "Rosario, 2012",
        "180.000",
        "Cra. 11 # 93-46",
        "52-118",
    ):
        assert shown in page
    assert f'hx-get="/book/doctors/{doctor.pk}/' in page
    assert f'rel="canonical" href="http://testserver/doctors/{doctor.slug}/"' in page
    assert "<script>alert(1)" not in page
    nonce, data = re.search(r'ld\+json" nonce="([^"]+)">(.*?)</script>', page, re.DOTALL).groups()
    assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    physician = json.loads(data)
    assert physician["@type"] == "Physician"
    assert physician["name"] == doctor.display_name
    assert physician["address"]["addressLocality"] == "Bogotá"
    assert physician["availableService"][0]["offers"] == {
        "@type": "Offer",
        "price": "180000.00",
        "priceCurrency": "COP",
    }
    assert "aggregateRating" not in physician


def test_each_language_has_its_own_words(client: Client) -> None:
    specialty = make.make_specialty(name_es="Cardiología", name_en="Cardiology")
    doctor = make.make_public_doctor(
        specialty=specialty,
        bio_es="En español.",
        bio_en="In English.",
        qualifications=[{"title_es": "Cardióloga", "title_en": "Cardiologist"}],
    )
    spanish = text_of(client.get(f"/doctors/{doctor.slug}/?lang=es"))
    english = text_of(client.get(f"/doctors/{doctor.slug}/?lang=en"))
    for page, words in (
        (spanish, ("Cardiología", "En español.", "Cardióloga")),
        (english, ("Cardiology", "In English.", "Cardiologist")),
    ):
        for word in words:
            assert word in page


def test_who_is_not_public_has_no_page_and_who_was_is_gone(client: Client) -> None:
    never, once = make.make_submitted_doctor(), make.make_public_doctor()
    with acting_as_system("test"):
        verification.set_approval(doctor_id=once.pk, is_approved=False)
    assert client.get(f"/doctors/{never.slug}/").status_code == 404
    for visitor in (client, signed_in(make_user()), signed_in(never.user)):
        assert visitor.get(f"/doctors/{once.slug}/").status_code == 410
    # Doctors look at their own page before others do.
    own = signed_in(never.user).get(f"/doctors/{never.slug}/")
    assert own.status_code == 200
    assert "noindex" in text_of(own)
    assert client.get("/doctors/nobody-of-this-name/").status_code == 404


def test_search_engines_find_public_doctors_and_nothing_private(client: Client) -> None:
    public, hidden = make.make_public_doctor(), make.make_submitted_doctor()
    robots = text_of(client.get("/robots.txt"))
    assert "Disallow: /patient/" in robots
    assert "Sitemap: http://testserver/sitemap.xml" in robots
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    sections = [element.text for element in index.iter(SITEMAP)]
    assert len(sections) == 3
    urls = []
    for section in sections:
        answer = client.get(section.removeprefix("http://testserver"))
        assert answer.status_code == 200
        urls += [element.text for element in ElementTree.fromstring(answer.content).iter(SITEMAP)]
    assert f"http://testserver/doctors/{public.slug}/" in urls
    assert not any(hidden.slug in url for url in urls)
    assert "http://testserver/doctors/?city=Bogot%C3%A1" in urls


def test_landing_parts_show_the_soonest_and_count_specialties(client: Client) -> None:
    specialty = make.make_specialty("cardiology", name_es="Cardiología")
    for hours in (1, 2, 3, 4):
        make.make_public_doctor(
            specialty=specialty, last_name=f"Número{hours}", free_in=timedelta(hours=hours)
        )
    openings = text_of(client.get("/doctors/landing/openings/"))
    assert "Número1" in openings
    assert "Número3" in openings
    assert "Número4" not in openings
    tiles = text_of(client.get("/doctors/landing/specialties/"))
    assert "?specialty=cardiology" in tiles
    assert "4 " in tiles


def test_landing_without_doctors_says_so(client: Client) -> None:
    assert client.get("/doctors/landing/openings/").status_code == 200
    assert client.get("/doctors/landing/specialties/").status_code == 200


def test_a_rating_counts_in_the_directory_and_in_the_structured_data(client: Client) -> None:
    doctor = make.make_public_doctor(free_in=timedelta(hours=2))
    with acting_as_system("test"):
        type(doctor).objects.filter(pk=doctor.pk).update(rating_average="4.90", rating_count=212)
        directory.refresh(doctor_ids=[doctor.pk])
    assert "4,9" in text_of(client.get("/doctors/"))
    data = re.search(r'ld\+json"[^>]*>(.*?)</script>', text_of(client.get(f"/doctors/{doctor.slug}/"))).group(
        1
    )
    assert json.loads(data)["aggregateRating"]["reviewCount"] == 212


def test_times_of_the_next_free_slot_follow_the_mirror(client: Client) -> None:
    doctor = make.make_public_doctor(free_in=timedelta(hours=2))
    moment = datetime(2030, 1, 7, 14, tzinfo=UTC)
    make.set_next_free(doctor, moment, modes=["in_person"])
    make.set_next_free(doctor, None, modes=["video"])
    answer = client.get("/api/v1/public/doctors/").json()["data"]["results"][0]
    assert (answer["next_free_at"], answer["next_free_video_at"]) == ("2030-01-07T14:00:00Z", None)


def test_of_a_doctor_only_by_video_the_directory_shows_the_city(client: Client) -> None:
    make.make_public_doctor(position=("4.67", "-74.05"))
    assert 'class="pin"' in text_of(client.get("/doctors/"))
    with acting_as_system("test"):
        for visit_type in VisitType.objects.all():
            visit_types.update_visit_type(visit_type_id=visit_type.pk, modes=["video"])
    page = text_of(client.get("/doctors/"))
    assert "Solo video" in page
    assert "<span>Bogotá</span>" in page
    assert "Cra. 11 # 93-46" not in page
    assert 'class="pin"' not in page
    nearest = text_of(client.get("/doctors/?sort=distance&lat=4.67&lng=-74.05"))
    assert "<span>Bogotá</span>" in nearest


@pytest.mark.parametrize(("wanted", "day"), [("", "9 de enero"), ("in_person", "10 de enero")])
def test_the_next_free_time_of_a_profile_is_one_that_its_picker_shows(
    client: Client, wanted: str, day: str
) -> None:
    doctor = make.make_public_doctor()
    make.set_next_free(doctor, datetime(2031, 1, 9, 14, tzinfo=UTC), modes=["video"])
    make.set_next_free(doctor, datetime(2031, 1, 10, 14, tzinfo=UTC), modes=["in_person"])
    page = text_of(client.get(f"/doctors/{doctor.slug}/", {"visit_mode": wanted} if wanted else {}))
    assert day in page.replace("\xa0", " ")
    assert f'{doctor.pk}/?visit_mode={wanted or "video"}"' in page


def test_a_city_without_doctors_is_written_as_a_name(client: Client) -> None:
    assert "en Santa Marta</h1>" in client.get("/doctors/?city=santa marta").content.decode()


def test_an_opening_of_today_is_said_to_be_today(client: Client) -> None:
    doctor = make.make_public_doctor()
    make.set_next_free(doctor, datetime.now(UTC))
    assert "Hoy </span>" in client.get("/doctors/landing/openings/").content.decode()
