"""Diplomas and licences of invented doctors, as small PDF and PNG files for the staff's verification queue."""

import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

PAPER, INK, SEAL = "#f7f1e1", "#3a332a", "#8c2f2f"
WIDTH, HEIGHT = 842, 595
TITLE_SIZE, TEXT_SIZE = 26, 15
FONT = Path(__file__).parents[2] / "static" / "fonts" / "instrument-sans-latin-wght-normal.woff2"


@dataclass(frozen=True, slots=True)
class Document:
    """The lines of a document; the first is its title and the last is small."""

    lines: tuple[str, ...]

    def pdf(self) -> bytes:
        """One page, landscape A4, in the fonts that every reader has."""
        stream = zlib.compress(self._commands().encode("cp1252", "replace"))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents 4 0 R "
            f"/Resources << /Font << /T 5 0 R /R 6 0 R >> >> >>".encode(),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(stream), stream),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Bold /Encoding /WinAnsiEncoding >>",
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>",
        ]
        out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        offsets = []
        for number, body in enumerate(objects, start=1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
        return bytes(out)

    def _commands(self) -> str:
        frame = f"0.97 0.95 0.88 rg 0 0 {WIDTH} {HEIGHT} re f 0.55 0.18 0.18 RG 3 w 30 30 782 535 re S "
        frame += "1 w 38 38 766 519 re S 0.23 0.2 0.16 rg "
        text = []
        for position, line in enumerate(self.lines):
            font, size = ("T", TITLE_SIZE) if position == 0 else ("R", TEXT_SIZE)
            # Times is about 0.46 em wide on average, its capitals 0.66: near enough to the middle for a diploma.
            x = (WIDTH - len(line) * size * (0.66 if line.isupper() else 0.46)) / 2
            y = HEIGHT - 130 - position * 48
            text.append(f"BT /{font} {size} Tf {x:.1f} {y} Td ({_escaped(line)}) Tj ET")
        return frame + " ".join(text)

    def png(self, *, blurred: bool = False) -> bytes:
        """A photograph of the same; `blurred`, one that nobody can read."""
        image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        draw = ImageDraw.Draw(image)
        draw.rectangle([30, 30, WIDTH - 30, HEIGHT - 30], outline=SEAL, width=4)
        for position, line in enumerate(self.lines):
            font = _font(TITLE_SIZE + 4 if position == 0 else TEXT_SIZE + 3)
            draw.text((WIDTH / 2, 110 + position * 48), line, fill=INK, font=font, anchor="mm")
        draw.ellipse([WIDTH - 170, HEIGHT - 170, WIDTH - 90, HEIGHT - 90], outline=SEAL, width=5)
        if blurred:
            image = image.filter(ImageFilter.GaussianBlur(6))
        out = BytesIO()
        image.quantize(64).save(out, "PNG", optimize=True)
        return out.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def diploma(name: str, title: str, institution: str, year: int) -> Document:
    return Document(
        (
            institution,
            "República de Colombia",
            "Teniendo en cuenta que cursó los estudios y cumplió los requisitos, confiere a",
            name.upper(),
            f"el título de {title}",
            f"Dado en el año {year}. Acta de grado {year % 100:02d}-{len(name) * 37 % 1000:03d}",
            "Documento de demostración, sin validez",
        )
    )


def license_card(name: str, number: str) -> Document:
    return Document(
        (
            "Registro Único del Talento Humano en Salud",
            "Constancia de inscripción",
            name.upper(),
            f"Registro profesional {number}",
            "Autorizado para ejercer en todo el territorio nacional",
            "Documento de demostración, sin validez",
        )
    )


def identity_card(name: str, number: str) -> Document:
    return Document(
        (
            "Cédula de ciudadanía",
            "República de Colombia",
            name.upper(),
            f"Número {number.replace('-', '').replace('.', '')}",
            "Documento de demostración, sin validez",
        )
    )
