"""Looking into uploads: what a file is decides, not what it says it is."""

import hashlib
import io
import struct
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

import puremagic
from django.core.files.base import ContentFile, File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, UnidentifiedImageError

from medai.common.errors import DomainError, InvalidInput
from medai.common.files import scanner

MEGABYTE = 1024 * 1024
# A page scanned at 600 dpi has some 35 million points; far beyond it lie files made to fill the memory.
MOST_PIXELS = 60_000_000

_EXTENSIONS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
}
DOCUMENTS = ("application/pdf", "image/jpeg", "image/png")
IMAGES = ("image/jpeg", "image/png", "image/webp")
_PILLOW_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}

_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_UNREADABLE_NOTES = (LookupError, OSError, SyntaxError, TypeError, ValueError, struct.error)


class FileTypeMismatch(InvalidInput):
    code = "file_type_mismatch"
    message = _("This file is not what its name says. Please upload one of these: %(allowed)s.")


class FileTooLarge(InvalidInput):
    code = "file_too_large"
    message = _("This file is too large. At most %(largest)s are possible.")


class FileEmpty(InvalidInput):
    code = "file_empty"
    message = _("This file is empty.")


class FileInfected(DomainError):
    code = "file_infected"
    status = 400
    message = _("The virus scanner refused this file.")


@dataclass(frozen=True, slots=True)
class CheckedUpload:
    """A file that is what it says: what to store about it. `file` has a name with the right extension."""

    file: File
    content_type: str
    size: int
    sha256: str


def check_upload(
    upload: File,
    *,
    allowed: Collection[str] = DOCUMENTS,
    largest: int = 10 * MEGABYTE,
    field: str = "file",
) -> CheckedUpload:
    """Size, real type, readability and, where CLAMAV_ADDRESS is set, viruses; the first failing one is raised.

    The type is sniffed from the contents; it must be allowed and agree with the file's name and with the type
    that the browser claims.
    """
    if (upload.size or 0) > largest:
        raise FileTooLarge(field=field, largest=filesizeformat(largest))
    upload.seek(0)
    contents = upload.read(largest + 1)
    if len(contents) > largest:
        raise FileTooLarge(field=field, largest=filesizeformat(largest))
    if not contents:
        raise FileEmpty(field=field)
    kind = _kind(contents)
    mismatch = FileTypeMismatch(field=field, allowed=_listed(allowed))
    if kind is None or kind not in allowed or not _agrees(upload, kind) or not _is_sound(contents, kind):
        raise mismatch
    if not scanner.is_clean(contents):
        raise FileInfected(field=field)
    upload.seek(0)
    upload.name = f"{PurePosixPath(upload.name or 'file').stem[:80]}{_EXTENSIONS[kind][0]}"
    return CheckedUpload(upload, kind, len(contents), hashlib.sha256(contents).hexdigest())


def safe_image(
    upload: File, *, side: int = 1024, largest: int = 10 * MEGABYTE, field: str = "photo"
) -> ContentFile:
    """A photo drawn anew as JPEG, at most `side` pixels wide and high, upright and without what the camera noted.

    Photos tell where they were taken; nothing of the uploaded bytes is kept.
    """
    checked = check_upload(upload, allowed=IMAGES, largest=largest, field=field)
    try:
        with Image.open(checked.file) as image:
            image.draft("RGB", (side, side))
            turned = upright(image).convert("RGBA")
    except (OSError, SyntaxError, ValueError) as error:
        # Its head is sound, which is all that was looked into; the rest is cut off or damaged.
        raise FileTypeMismatch(field=field, allowed=_listed(IMAGES)) from error
    turned.thumbnail((side, side))
    drawn = Image.new("RGB", turned.size, "white")
    drawn.paste(turned, mask=turned.getchannel("A"))
    output = io.BytesIO()
    drawn.save(output, "JPEG", quality=86, optimize=True)
    return ContentFile(output.getvalue(), name="photo.jpg")


def upright(image: Image.Image) -> Image.Image:
    """The picture turned as its camera noted.

    Pillow's own function writes all that the camera noted anew, and fails over what phones and editors put there.
    """
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except _UNREADABLE_NOTES:
        turn = None
    return image if turn is None else image.transpose(turn)


def _kind(contents: bytes) -> str | None:
    """The type by its first bytes; None for anything that we do not take."""
    if contents.startswith(b"%PDF-"):
        return "application/pdf"
    try:
        found = {match.mime_type for match in puremagic.magic_string(contents[:4096])}
    except (puremagic.PureError, ValueError):
        return None
    known = [kind for kind in IMAGES if kind in found]
    return known[0] if known else None


def _agrees(upload: File, kind: str) -> bool:
    extension = PurePosixPath(upload.name or "").suffix.lower()
    claimed = getattr(upload, "content_type", None) or kind
    return extension in _EXTENSIONS[kind] and claimed in (kind, "application/octet-stream", "image/jpg")


def _is_sound(contents: bytes, kind: str) -> bool:
    if kind == "application/pdf":
        return b"%%EOF" in contents[-2048:]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(contents), formats=[_PILLOW_FORMATS[kind]]) as image:
                if image.width * image.height > MOST_PIXELS:
                    return False
                image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombWarning):
        return False
    except Image.DecompressionBombError:
        return False
    return True


def _listed(allowed: Collection[str]) -> str:
    return ", ".join(kind.rpartition("/")[2].upper() for kind in allowed)
