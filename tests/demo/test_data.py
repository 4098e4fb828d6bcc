"""The lists that `seed` writes."""

import json
import re
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPECIALTIES = json.loads((ROOT / "doctors/data/specialties.json").read_text())
WANTED = {
    "general-medicine", "internal-medicine", "cardiology", "pediatrics", "dermatology", "psychology",
    "psychiatry", "ophthalmology", "orthopedics", "dentistry", "gynecology", "obstetrics", "neurology",
    "gastroenterology", "endocrinology", "urology", "otolaryngology", "pulmonology", "rheumatology",
    "nephrology", "oncology", "hematology", "allergy-immunology", "physiotherapy", "nutrition",
    "geriatrics", "infectious-disease", "vascular-surgery", "general-surgery", "plastic-surgery",
    "sports-medicine", "family-medicine", "pain-medicine", "speech-therapy", "optometry", "sexual-health",
}  # fmt: skip


def plain(text: str) -> str:
    letters = (c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    return re.sub(r"[^a-z0-9& ]", "", "".join(letters))


def test_the_specialties_that_people_look_for_are_there():
    assert {row["slug"] for row in SPECIALTIES} >= WANTED
    for field in ("name", "practitioner"):
        for code in ("es", "en"):
            values = [row[field][code] for row in SPECIALTIES]
            assert len(set(values)) == len(values)


@pytest.mark.parametrize("code", ["es", "en"])
def test_no_word_stands_for_two_specialties(code):
    owners: dict[str, str] = {}
    for row in SPECIALTIES:
        assert len(row["synonyms"][code]) >= 8, row["slug"]
        for word in row["synonyms"][code]:
            assert owners.setdefault(plain(word), row["slug"]) == row["slug"], word


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("corazón", "cardiology"), ("tensión alta", "cardiology"), ("piel", "dermatology"), ("granos", "dermatology"),
        ("kids' doctor", "pediatrics"), ("doctor de niños", "pediatrics"), ("muelas", "dentistry"),
        ("seno", "gynecology"), ("azúcar alta", "endocrinology"), ("nervios", "psychology"),
        ("dolor de espalda", "orthopedics"), ("ojos", "ophthalmology"), ("gafas", "optometry"),
        ("oído", "otolaryngology"), ("alergia", "allergy-immunology"),
    ],
)  # fmt: skip
def test_what_people_type_leads_to_a_specialty(typed, slug):
    row = next(row for row in SPECIALTIES if row["slug"] == slug)
    assert typed in row["synonyms"]["es"] + row["synonyms"]["en"]


def test_insurers_are_listed_once_and_paying_oneself_is_none():
    rows = json.loads((ROOT / "accounts/data/insurance_providers.json").read_text())
    names = [row["name"] for row in rows]
    assert len(set(names)) == len(names) >= 25
    assert "Particular" not in names
    assert {row["kind"] for row in rows} == {"eps", "prepaid", "policy", "international"}
