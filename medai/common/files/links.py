"""Short-lived links to private files, each for one person.

An app names the files that may be served in its `files.py`: `serve_file("doctors.credential", "file")`. A link
holds no file name and no path, only which field of which object, and for whom. Whoever follows it must be that
person, and the object is read again as that person, so row-level security has the last word.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from medai.common.errors import DomainError, NotFound

SALT = "medai.files"
# What check_upload lets in. A browser may show these where a page embeds them; anything else is downloaded.
_SHOWN = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}

_served: set[tuple[str, str]] = set()


class LinkInvalid(DomainError):
    code = "link_invalid"
    status = 404
    message = _("This link is not valid. Please open the file again from its page.")


class LinkExpired(DomainError):
    code = "link_expired"
    status = 410
    message = _("This link has expired. Please open the file again from its page.")


class LinkOfSomebodyElse(DomainError):
    code = "link_of_somebody_else"
    status = 403
    message = _("This link was made for another account.")


@dataclass(frozen=True, slots=True)
class Link:
    model: str
    field: str
    object_id: str
    user_id: str
    is_inline: bool


def serve_file(model: str, field: str) -> None:
    """Allow links to a file field, named as in `"doctors.credential", "file"`."""
    _served.add((model.lower(), field))


def signed_link(owner: models.Model, field: str, user: Any, *, inline: bool = False) -> str:
    """An address of `owner`'s file that works for `user` only, for SIGNED_LINK_LIFETIME.

    `inline` lets the browser show it inside our pages instead of saving it.
    """
    model = owner._meta.label_lower
    if (model, field) not in _served:
        raise ValueError(f"{model}.{field} may not be served; see files.serve_file.")
    value = [model, field, str(owner.pk), str(user.pk), int(inline)]
    return reverse("file", args=[signing.dumps(value, salt=SALT, compress=True)])


def read_link(token: str) -> Link:
    """What a link stands for, or why it does not work."""
    try:
        value = signing.loads(token, salt=SALT, max_age=settings.SIGNED_LINK_LIFETIME)
        model, field, object_id, user_id, inline = value
        is_served = (model, field) in _served
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, TypeError, ValueError) as error:
        raise LinkInvalid from error
    if not is_served:
        raise LinkInvalid
    return Link(model, field, object_id, user_id, bool(inline))


def open_file(link: Link, *, user_id: UUID | None) -> FieldFile:
    """The stored file, read as the identity of the moment."""
    if str(user_id) != link.user_id:
        raise LinkOfSomebodyElse
    owner = apps.get_model(link.model)._default_manager.filter(pk=link.object_id).first()
    stored: FieldFile | None = getattr(owner, link.field, None)
    if not stored:
        raise NotFound
    try:
        stored.open("rb")
    except FileNotFoundError as error:
        raise NotFound from error
    return stored


def file_response(request: HttpRequest, stored: FieldFile, *, inline: bool) -> FileResponse:
    """The file, with headers under which it can do nothing in our name whatever it holds."""
    extension = PurePosixPath(stored.name or "").suffix.lower()
    content_type = _SHOWN.get(extension, "application/octet-stream")
    shown = inline and extension in _SHOWN
    # A name that tells what it is and nothing about whose.
    name = f"{stored.instance._meta.model_name}{extension}"
    response = FileResponse(stored, as_attachment=not shown, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["Content-Security-Policy"] = _policy(content_type, shown)
    if shown:
        response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def public_image(request: HttpRequest, stored: FieldFile, *, max_age: int = 3600) -> FileResponse:
    """A picture that everybody may see, such as a public doctor's photo, for a view that has checked just that."""
    try:
        stored.open("rb")
    except (FileNotFoundError, ValueError) as error:  # ValueError: the field is empty
        raise NotFound from error
    response = file_response(request, stored, inline=True)
    response["Cache-Control"] = f"public, max-age={max_age}"
    return response


def _policy(content_type: str, shown: bool) -> str:
    ancestors = "frame-ancestors 'self'" if shown else "frame-ancestors 'none'"
    if shown and content_type == "application/pdf":
        # Browsers refuse to start their own PDF viewer in a sandbox.
        return f"default-src 'none'; {ancestors}"
    return f"sandbox; default-src 'none'; {ancestors}"
