"""The mailbox page of a local run."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import Client
from django.urls import reverse

from tests.factories import bookings as make
from tests.factories import messaging as told

DATE = "Fri, 20 Nov 2026 10:0%d:00 -0000"


@pytest.fixture(autouse=True)
def local_run(settings: Any, tmp_path: Path, db: None) -> None:
    settings.DEBUG = True
    settings.ROOT_URLCONF = "tests.messaging.mailbox_urls"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path


def read(client: Client, *, subject: str) -> Any:
    listing = client.get("/mailbox/").content.decode()
    path = re.search(rf'href="(/mailbox/[^"]+)"><b>[^<]*{subject}', listing)
    assert path is not None, listing
    return path[1]


def test_an_empty_mailbox_says_so(client: Client) -> None:
    client.cookies["language"] = "en"
    assert "No mail yet" in client.get("/mailbox/").content.decode()


def test_a_newcomer_sees_the_mail_of_a_booking_and_follows_its_links(
    client: Client, mariana: Any, patient: Any, doctor: Any
) -> None:
    make.book(mariana, patient, doctor)
    told.plan()
    told.make_due()
    told.send()
    listing = client.get("/mailbox/").content.decode()
    assert mariana.email in listing
    path = read(client, subject="Cita confirmada")
    page = client.get(path)
    assert f'src="{path}html/"' in page.content.decode()
    shown = client.get(f"{path}html/")
    assert '<base target="_top">' in shown.content.decode()
    assert "sandbox allow-top-navigation-by-user-activation" in shown["Content-Security-Policy"]
    assert "script-src 'none'" in shown["Content-Security-Policy"]
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    text = client.get(f"{path}?view=text").content.decode()
    assert "Su cita está confirmada" in text
    assert 'href="http' in text
    assert "</svg> visit.ics</a>" in text
    calendar = client.get(f"{path}attachments/0/")
    assert calendar["Content-Type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in calendar.content
    assert client.get(f"{path}attachments/1/").status_code == 404


def test_the_newest_mail_comes_first_and_one_file_may_hold_several(client: Client) -> None:
    from django.core.mail import get_connection

    letters = [
        EmailMultiAlternatives(f"letter {minute}", to=["a@example.com"], headers={"Date": DATE % minute})
        for minute in range(3)
    ]
    get_connection().send_messages(letters)
    listing = client.get("/mailbox/").content.decode()
    assert re.findall(r"letter \d", listing) == ["letter 2", "letter 1", "letter 0"]


def test_a_long_subject_is_shown_as_it_was_written(client: Client) -> None:
    subject = "Solicitud de cita recibida: lunes 30 de noviembre, 10:00 a. m. con Dr. Andrés Felipe Quintero"
    send_mail(subject, "Texto", None, ["a@example.com"])
    assert f"<b>{subject}</b>" in client.get("/mailbox/").content.decode()
    assert (
        f'<h1 class="h-md">{subject}</h1>' in client.get(read(client, subject="Solicitud")).content.decode()
    )


def test_a_mail_without_html_is_shown_as_text(client: Client) -> None:
    send_mail("plain", "Only <b>words</b>", None, ["a@example.com"])
    page = client.get(read(client, subject="plain")).content.decode()
    assert "Only &lt;b&gt;words&lt;/b&gt;" in page
    assert "<iframe" not in page


def test_a_mail_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/mailbox/20261120-0-0/").status_code == 404
    assert client.get("/mailbox/..%2F..%2Fetc/").status_code == 404


@pytest.mark.parametrize("route", ["local:mailbox"])
def test_there_is_no_mailbox_outside_of_local_runs(client: Client, settings: Any, route: str) -> None:
    url = reverse(route)
    settings.DEBUG = False
    assert client.get(url).status_code == 404
