"""The mails of a local run, which lie in files instead of going out, to be read in the browser."""

import email
import email.policy
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

PAGE_SIZE = 25
# How Django's file backend ends each mail.
_SEPARATOR = b"\n" + b"-" * 79 + b"\n"
# Mails style themselves inline, and may do nothing but lead somewhere when a link is pressed.
SANDBOX = "allow-top-navigation-by-user-activation"
_MAIL_POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF],
    "sandbox": SANDBOX,
}

View = Callable[..., HttpResponseBase]


def _local_only(view: View) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEBUG:
            raise Http404
        return view(request, *args, **kwargs)

    guarded.allowed_roles = ("anyone",)  # type: ignore[attr-defined]  # read by the access matrix
    return guarded


@dataclass(frozen=True)
class Attachment:
    """A part of a mail. A template that asked the part itself would look for a header of that name."""

    part: EmailMessage

    @property
    def name(self) -> str:
        return (self.part.get_filename() or "attachment").replace('"', "")

    @property
    def content(self) -> bytes:
        content = self.part.get_payload(decode=True)
        return content if isinstance(content, bytes) else b""


@dataclass(frozen=True)
class Letter:
    """One mail; its key is the file's name and its place in the file."""

    key: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        # A long one begins on a line of its own; the folding's space is not part of it.
        return str(self.message["Subject"] or "").strip()

    @property
    def recipient(self) -> str:
        return str(self.message["To"] or "")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def sent_at(self) -> datetime:
        moment = parsedate_to_datetime(str(self.message["Date"]))
        # "-0000" says UTC without a zone (RFC 5322).
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def text(self) -> str:
        return self._body("plain")

    def _body(self, subtype: str) -> str:
        """The text of this kind; empty where the mail has none."""
        found = self.message.get_body((subtype,))
        return str(found.get_content()) if found is not None else ""

    @property
    def attachments(self) -> list[Attachment]:
        parts = [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]
        return [Attachment(part) for part in parts]


def _letters(path: Path) -> Iterator[Letter]:
    for number, raw in enumerate(path.read_bytes().split(_SEPARATOR)[:-1]):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        if isinstance(message, EmailMessage):
            yield Letter(f"{path.stem}-{number}", message)


def _all_letters() -> list[Letter]:
    """Newest first; a file may hold several, written one after the other."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"))
    in_order = [letter for path in files for letter in _letters(path)]
    in_order.reverse()  # of two in the same second, too, the later comes first
    return sorted(in_order, key=lambda letter: letter.sent_at, reverse=True)


def _letter(key: str) -> Letter:
    stem = key.rpartition("-")[0]
    for path in Path(settings.EMAIL_FILE_PATH).glob("*.log"):
        if path.stem == stem:
            for letter in _letters(path):
                if letter.key == key:
                    return letter
    raise Http404


@require_safe
@_local_only
def mailbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(_all_letters(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request, "local/mailbox.html", {"page_obj": page, "zone": settings.DEFAULT_PERSON_TIME_ZONE}
    )


@require_safe
@_local_only
def letter(request: HttpRequest, key: str) -> HttpResponse:
    found = _letter(key)
    as_text = request.GET.get("view") == "text" or not found.html
    context = {
        "letter": found,
        "as_text": as_text,
        "sandbox": SANDBOX,
        "zone": settings.DEFAULT_PERSON_TIME_ZONE,
    }
    return render(request, "local/letter.html", context)


@require_safe
@_local_only
@xframe_options_sameorigin
@csp_replace(_MAIL_POLICY)  # type: ignore[arg-type]  # its types know views of a request alone
def letter_html(request: HttpRequest, key: str) -> HttpResponse:
    """The mail as its reader sees it: its styles count, no script runs, links open in the whole window."""
    return HttpResponse(_letter(key).html.replace("<head>", '<head><base target="_top">', 1))


@require_safe
@_local_only
def attachment(request: HttpRequest, key: str, number: int) -> HttpResponse:
    attachments = _letter(key).attachments
    if number >= len(attachments):
        raise Http404
    found = attachments[number]
    return HttpResponse(
        found.content,
        content_type=found.part.get_content_type(),
        headers={"Content-Disposition": f'attachment; filename="{found.name}"'},
    )
