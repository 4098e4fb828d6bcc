"""How doctors are called in either language, on pages and within sentences."""

import pytest
from django.test import Client
from django.utils import translation

from doctors.models import DirectoryEntry
from medai.common.identity import acting_as_system
from tests.factories import doctors as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("title", "language", "alone", "within"),
    [
        ("Dra.", "es", "Dra. Ana Ríos", "la Dra. Ana Ríos"),
        ("Dr.", "es", "Dr. Ana Ríos", "el Dr. Ana Ríos"),
        ("Dra.", "en", "Dr. Ana Ríos", "Dr. Ana Ríos"),
        ("Dr.", "en", "Dr. Ana Ríos", "Dr. Ana Ríos"),
        ("Prof.", "es", "Prof. Ana Ríos", "Prof. Ana Ríos"),
        ("", "es", "Ana Ríos", "Ana Ríos"),
    ],
)
def test_a_title_is_in_the_language_of_the_page(title: str, language: str, alone: str, within: str) -> None:
    doctor = make.make_public_doctor(title=title, first_name="Ana", last_name="Ríos")
    with translation.override(language), acting_as_system("test"):
        entry = DirectoryEntry.objects.get(doctor=doctor)
        assert (doctor.display_name, doctor.name_in_a_sentence, entry.display_name) == (alone, within, alone)


def test_an_english_reader_meets_no_spanish_title(client: Client) -> None:
    doctor = make.make_public_doctor(title="Dra.", first_name="Ana", last_name="Ríos")
    for path in ("/doctors/", f"/doctors/{doctor.slug}/", f"/book/{doctor.slug}/"):
        page = client.get(f"{path}?lang=en").content.decode()
        assert "Dr. Ana Ríos" in page
        assert "Dra." not in page
