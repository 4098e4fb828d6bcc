"""The mails of a local run, which lie in files instead of going out, to be read in the browser."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

PAGE_SIZE = 25
# How Django's file backend ends each mail.
_SEPARATOR = b"\n" + b"-" * 79 + b"\n"
# Mails style themselves inline, and may do nothing else.
_MAIL_POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF],
    "sandbox": "allow-popups",
}


@dataclass(frozen=True)
class Letter:
    """One mail; its key is the file's name and its place in the file."""

    key: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def recipient(self) -> str:
        return str(self.message["To"] or "")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def sent_at(self) -> datetime:
        return localtime(parsedate_to_datetime(self.message["Date"]))

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
    def attachments(self) -> list[EmailMessage]:
        return [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]


def _letters(path: Path) -> Iterator[Letter]:
    for number, raw in enumerate(path.read_bytes().split(_SEPARATOR)[:-1]):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        if isinstance(message, EmailMessage):
            yield Letter(f"{path.stem}-{number}", message)


def _files() -> list[Path]:
    """Newest first: their names begin with the time."""
    return sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), reverse=True)


def _letter(key: str) -> Letter:
    stem, _dash, _number = key.rpartition("-")
    for path in _files():
        if path.stem == stem:
            for letter in _letters(path):
                if letter.key == key:
                    return letter
    raise Http404


@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    letters = [letter for path in _files() for letter in reversed(list(_letters(path)))]
    page = Paginator(letters, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("local:letter", args=[letter.key]), letter.subject),
            letter.recipient,
            letter.sent_at.strftime("%Y-%m-%d %H:%M:%S"),
        ]
        for letter in page
    ]
    columns = [{"label": _("Subject")}, {"label": _("To")}, {"label": _("Sent"), "end": True}]
    return render(request, "local/mailbox.html", {"page_obj": page, "rows": rows, "columns": columns})


@require_GET
def letter(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "local/letter.html", {"letter": _letter(key)})


@require_GET
@xframe_options_sameorigin
@csp_replace(_MAIL_POLICY)  # type: ignore[arg-type]  # its type leaves out what the URL holds
def letter_html(request: HttpRequest, key: str) -> HttpResponse:
    """The mail as its reader sees it: styles inside it count, scripts do not run."""
    return HttpResponse(_letter(key).html)


@require_GET
def attachment(request: HttpRequest, key: str, number: int) -> HttpResponse:
    attachments = _letter(key).attachments
    if number >= len(attachments):
        raise Http404
    part = attachments[number]
    name = part.get_filename() or "attachment"
    return HttpResponse(
        part.get_payload(decode=True),
        content_type=part.get_content_type(),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
