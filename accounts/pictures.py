"""Turning an uploaded picture into one that is safe to keep and the right shape."""

import io
import secrets

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.errors import PictureTooLarge, PictureTooSmall, PictureUnreadable
from medai.common import files

FORMATS = ["JPEG", "PNG", "WEBP"]
LARGEST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIDE = 512
SMALLEST_SIDE = 96


def new_name() -> str:
    """A name that says nothing and cannot be guessed."""
    return f"{secrets.token_urlsafe(16)}.jpg"


def square(upload: UploadedFile) -> "ContentFile[bytes]":
    """The middle of a picture as a JPEG of at most 512 × 512 pixels, turned upright and without metadata.

    The file's own bytes decide what it is, not its name or declared type; what comes out is drawn anew.
    """
    if (upload.size or 0) > LARGEST_BYTES:
        raise PictureTooLarge(field="avatar", megabytes=LARGEST_BYTES // 1024 // 1024)
    try:
        with Image.open(upload, formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureTooLarge(field="avatar", megabytes=LARGEST_BYTES // 1024 // 1024)
            if min(opened.size) < SMALLEST_SIDE:
                raise PictureTooSmall(field="avatar", pixels=SMALLEST_SIDE)
            opened.load()
            turned = files.upright(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise PictureUnreadable(field="avatar") from None
    side = min(SIDE, *turned.size)
    fitted = ImageOps.fit(_opaque(turned), (side, side))
    # A new picture holds pixels only: position, device and comments of the old one are gone.
    clean = Image.new("RGB", fitted.size)
    clean.paste(fitted)
    buffer = io.BytesIO()
    clean.save(buffer, "JPEG", quality=86, optimize=True)
    return ContentFile(buffer.getvalue())


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        background = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(background, layer).convert("RGB")
    return picture.convert("RGB")
