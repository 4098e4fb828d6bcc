"""The invented city: the same each time, and believable enough to be taken for one."""

import re
from collections import Counter
from datetime import date
from itertools import pairwise

import phonenumbers
import pytest

from medai.demo.calendars import holidays
from medai.demo.city import city
from medai.demo.data import insurers, load
from medai.demo.doctors import SARAH
from medai.demo.drafts import City, DoctorDraft
from medai.demo.places import BY_NAME

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def bogota() -> City:
    return city(today=TODAY)


def doctor(people: City, slug: str) -> DoctorDraft:
    return next(draft for draft in people.doctors if draft.slug == slug)


def test_it_comes_out_the_same_for_the_same_day(bogota):
    assert city(today=TODAY) == bogota


def test_there_are_sixty_public_doctors_over_fifteen_specialties(bogota):
    public = [draft for draft in bogota.doctors if draft.standing == "public"]
    assert len(public) >= 60
    assert len({draft.specialties[0] for draft in public}) >= 15
    standings = Counter(draft.standing for draft in bogota.doctors)
    assert standings["pending"] >= 3
    assert standings["rejected"] == 1
    cities = Counter(draft.offices[0].place.city for draft in public)
    assert cities.most_common(1)[0][0] == "Bogotá"
    assert set(cities) == {"Bogotá", "Medellín", "Cali", "Barranquilla"}


def test_sarah_ahmed_is_as_the_product_says(bogota):
    sarah = doctor(bogota, SARAH)
    assert sarah.display_name == "Dra. Sarah Ahmed"
    assert sarah.email == "sarah.ahmed@demo.medai.example"
    assert sarah.specialties == ("cardiology", "internal-medicine")
    assert sarah.languages == ("en", "ar", "ur")
    assert [(h.day_of_week, h.start_minute, h.end_minute) for h in sarah.hours] == [
        (day, 9 * 60, 17 * 60) for day in range(1, 6)
    ]
    fees = {visit.kind: (visit.fee_minor, visit.currency) for visit in sarah.visit_types}
    assert fees == {"standard": (20_000, "USD"), "follow_up": (15_000, "USD")}
    assert sarah.rules.slot_minutes == 30
    assert all(visit.duration_minutes == 30 and "video" in visit.modes for visit in sarah.visit_types)
    assert sarah.offices[0].place.city == "Bogotá"


def test_titles_agree_with_the_person_and_nobody_shares_an_address_on_the_site(bogota):
    for draft in bogota.doctors:
        assert draft.title == ("Dra." if draft.sex == "female" else "Dr.")
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", draft.slug)
    for name in ("slug", "email", "license_number"):
        assert len({getattr(draft, name) for draft in bogota.doctors}) == len(bogota.doctors)


def test_each_biography_is_its_own_in_both_languages(bogota):
    for code in ("es", "en"):
        texts = [getattr(draft, f"bio_{code}") for draft in bogota.doctors]
        assert len(set(texts)) == len(texts)
        assert all(2 <= len(re.findall(r"[.:](?= |$)|\.$", text)) <= 6 for text in texts)
        assert "!" not in "".join(texts)
        sentences = Counter(part for text in texts for part in re.split(r"(?<=\.) ", text))
        assert max(sentences.values()) <= 3


def test_every_family_of_specialties_has_twenty_sentences_to_draw_from():
    for family, parts in load("biographies").items():
        assert len(parts["approach"]) + len(parts["practical"]) >= 20, family


def test_a_video_doctor_does_not_speak_of_the_waiting_room(bogota):
    office_only = {
        sentence["es"]
        for parts in load("biographies").values()
        for sentence in (*parts["approach"], *parts["practical"])
        if sentence.get("needs") == "office"
    }
    video = [draft for draft in bogota.doctors if {h.mode for h in draft.hours} == {"video"}]
    assert video
    assert not [draft.slug for draft in video for sentence in office_only if sentence in draft.bio_es]


def test_fees_are_within_reason_in_minor_units(bogota):
    for draft in bogota.doctors:
        first, follow_up, *own = draft.visit_types
        assert (first.kind, follow_up.kind) == ("standard", "follow_up")
        assert follow_up.fee_minor < first.fee_minor
        if first.currency == "COP":
            assert all(5_000_000 <= visit.fee_minor <= 34_000_000 for visit in draft.visit_types)
        assert all(visit.kind == "other" and visit.name_es and visit.name_en for visit in own)


def test_hours_do_not_overlap_and_have_a_place(bogota):
    for draft in bogota.doctors:
        ordered = sorted(draft.hours, key=lambda hours: (hours.day_of_week, hours.start_minute))
        for one, other in pairwise(ordered):
            assert one.day_of_week != other.day_of_week or one.end_minute <= other.start_minute, draft.slug
        for hours in draft.hours:
            assert 0 <= hours.start_minute < hours.end_minute <= 1440
            assert (hours.office is None) == (hours.mode == "video")
            assert hours.office is None or hours.office < len(draft.offices)
        assert len({exception.date for exception in draft.exceptions}) == len(draft.exceptions)


def test_insurers_and_neighborhoods_exist(bogota):
    names = {insurer["name"] for insurer in insurers()}
    for draft in bogota.doctors:
        assert set(draft.insurers) <= names
        for office in draft.offices:
            place = BY_NAME[office.place.city, office.place.neighborhood]
            assert abs(office.place.latitude - place.latitude) < 0.006
            assert abs(office.place.longitude - place.longitude) < 0.006


def test_patients_are_two_thousand_with_children_in_somebodys_care(bogota):
    assert len(bogota.patients) == 2_000
    by_key = {patient.key: patient for patient in bogota.patients}
    assert len(by_key) == 2_000
    for patient in bogota.patients:
        age = patient.age_on(TODAY)
        assert 0 <= age < 100
        if age < 18:
            guardian = by_key[patient.guardian]
            assert guardian.has_account
            assert guardian.age_on(TODAY) - age >= 18
            assert not patient.has_account
        if patient.has_account:
            assert patient.email.endswith(("@example.com", "@demo.medai.example"))
    emails = [patient.email for patient in bogota.patients if patient.email]
    assert len(set(emails)) == len(emails)


def test_mariana_cares_for_two_children_and_her_father(bogota):
    cared_for = [p.relationship for p in bogota.patients if p.guardian == "mariana-gomez"]
    assert sorted(cared_for) == ["child", "child", "parent"]


def test_telephones_are_valid_and_belong_to_no_operator(bogota):
    numbers = {p.phone for p in bogota.patients if p.phone} | {d.phone for d in bogota.doctors}
    numbers |= {office.phone for draft in bogota.doctors for office in draft.offices}
    for number in numbers:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed)
        assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
        assert number.startswith("+57370")


def test_holidays_are_colombias():
    assert len(holidays(2026)) == 18
    assert {date(2026, 1, 12), date(2026, 4, 3), date(2026, 11, 16), date(2026, 12, 8)} <= holidays(2026)
    assert date(2026, 11, 11) not in holidays(2026)
