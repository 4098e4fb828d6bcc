"""Portraits: small, square, each its own, the same every time."""

from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from medai.demo.avatars import SIZE, draw, portrait_of
from medai.demo.avatars.hair import STYLES
from medai.demo.city import city
from medai.demo.documents import diploma

DOCTORS = city(today=date(2026, 11, 20), number_of_patients=0).doctors


def test_every_doctor_has_a_small_portrait_of_their_own():
    pictures = [draw(portrait_of(draft)) for draft in DOCTORS]
    assert len(set(pictures)) == len(pictures)
    for picture in pictures:
        assert len(picture) <= 12 * 1024
        with Image.open(BytesIO(picture)) as image:
            assert (image.format, image.size) == ("JPEG", (SIZE, SIZE))


def test_a_portrait_comes_out_the_same_each_time():
    assert draw(portrait_of(DOCTORS[3])) == draw(portrait_of(DOCTORS[3]))


def test_they_differ_in_skin_hair_and_dress():
    portraits = [portrait_of(draft) for draft in DOCTORS]
    assert len({portrait.skin for portrait in portraits}) >= 5
    assert {portrait.hair_style for portrait in portraits} >= set(STYLES) - {"afro"}
    assert {portrait.attire for portrait in portraits} == {"coat", "scrubs", "blazer", "sweater"}


def test_sarah_ahmed_wears_a_hijab_and_a_coat():
    sarah = portrait_of(DOCTORS[0])
    assert sarah.hijab
    assert sarah.attire == "coat"
    assert sarah.stethoscope


@pytest.mark.parametrize("blurred", [False, True])
def test_a_photographed_diploma_is_a_real_png(blurred):
    page = diploma("Nohora Bautista Sáenz", "Médica cirujana", "Universidad del Rosario", 2007)
    with Image.open(BytesIO(page.png(blurred=blurred))) as image:
        image.load()
        assert image.format == "PNG"


def test_a_diploma_is_a_pdf_whose_table_points_at_its_objects():
    content = diploma("Nohora Bautista Sáenz", "Médica (cirujana)", "Universidad del Rosario", 2007).pdf()
    assert content.startswith(b"%PDF-1.4")
    start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    rows = content[start:].split(b"\n")[3:9]
    assert content[start:].startswith(b"xref\n0 7\n")
    for number, row in enumerate(rows, start=1):
        assert content[int(row[:10]) :].startswith(b"%d 0 obj" % number)
