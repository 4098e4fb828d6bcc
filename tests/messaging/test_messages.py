"""The messages themselves: every kind, for each side, in both languages, by every channel."""

import email
import email.policy
import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.utils import translation

from bookings import services as bookings
from bookings.models import Booking, PaymentMethod
from doctors.models import Doctor
from medai.common.identity import acting_as_system
from messaging.channels import CHANNELS
from messaging.channels.email import EmailChannel
from messaging.content import Content
from messaging.models import Notification, NotificationKind
from messaging.recipients import DEFAULT_WISHES, Recipient
from tests.factories import bookings as make
from tests.factories import messaging as told
from tests.factories.bookings import MONDAY_9

FOLDER = Path(settings.BASE_DIR) / "templates" / "messaging" / "notifications"
MESSAGES = sorted((path.parent.name, path.stem) for path in FOLDER.glob("*/*.txt"))
LANGUAGES = [code for code, _ in settings.LANGUAGES]
ENGLISH = re.compile(r"\b(the|your|you|please|visit|booking|when|where|with|is|now)\b", re.IGNORECASE)
SPANISH = re.compile(r"\b(el|la|su|usted|cita|por|con|cuándo|dónde|está)\b", re.IGNORECASE)


def test_every_kind_has_its_words() -> None:
    assert {kind for _, kind in MESSAGES} == set(NotificationKind.values)


def make_content(audience: str, kind: str, language: str, booking: Booking, **fields: Any) -> Content:
    doctor = booking.doctor
    user_id = doctor.user_id if audience == "doctor" else make.make_user().pk
    person = Recipient(user_id, None, "someone@example.com", language, "America/Bogota", DEFAULT_WISHES)
    is_of_booking = not kind.startswith("doctor_")
    return Content(
        kind=kind,
        recipient=fields.pop("recipient", person),
        doctor=doctor,
        booking=booking if is_of_booking else None,
        starts_at=booking.starts_at if is_of_booking else None,
        **fields,
    )


@pytest.fixture
def booking(mariana: Any, patient: Any, doctor: Any) -> Booking:
    made = make.book(mariana, patient, doctor)
    with acting_as_system("test"):
        return Booking.objects.for_listing().get(pk=made.pk)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("audience", "kind"), MESSAGES)
def test_every_message_is_whole_in_its_language(
    audience: str, kind: str, language: str, booking: Booking
) -> None:
    booking.confirm_by = booking.starts_at - timedelta(days=1)
    if kind == NotificationKind.BOOKING_CANCELLED:
        booking.status = Booking.Status.CANCELLED_BY_DOCTOR
    foreign = ENGLISH if language == "es" else SPANISH
    for relationship in ("self", "child"):
        content = make_content(
            audience,
            kind,
            language,
            booking,
            previous_starts_at=booking.starts_at - timedelta(days=1),
            relationship=relationship,
        )
        row = Notification(kind=kind, channel="email")
        with translation.override(language), acting_as_system("test"):
            for channel in CHANNELS.values():
                assert channel.prepare(row, content) is not None
            message = EmailChannel().prepare(row, content)
            short = [content.render("title.txt"), content.render("short.txt"), message.subject]
            # Other apps' words, which their own catalogues translate.
            others = [booking.visit_type.name, PaymentMethod.AT_CLINIC.label]
        html, _ = message.alternatives[0]
        shown = re.sub(r"<(style|title).*?</\1>|<[^>]+>|https?://\S+", " ", html, flags=re.DOTALL)
        for text in (*short, message.body, shown):
            assert text.strip()
            assert "{" not in text
            assert "None" not in text
            assert ".." not in text
            own = re.sub(r"https?://\S+", " ", text)
            for word in others:
                own = own.replace(str(word), "")
            assert not foreign.search(own), foreign.search(own)
        assert f'<html lang="{language}">' in html
        assert len(message.subject) < 100


@pytest.mark.parametrize(("audience", "kind"), MESSAGES)
def test_every_button_of_a_mail_leads_somewhere_absolute(audience: str, kind: str, booking: Booking) -> None:
    content = make_content(audience, kind, "es", booking)
    with translation.override("es"), acting_as_system("test"):
        message = EmailChannel().prepare(Notification(kind=kind, channel="email"), content)
    html, _ = message.alternatives[0]
    links = re.findall(r'href="([^"]+)"', html)
    assert links
    assert all(link.startswith(settings.SITE_URL) for link in links)
    assert all(link in message.body for link in links), "the text says the same as the page"


def sent(kind: str) -> EmailMessage:
    """The mail of this kind, as it goes over the wire."""
    with acting_as_system("test"):
        rows = Notification.objects.filter(kind=kind, channel="email")
        id = rows.exclude(user__role="doctor", booking__isnull=False).get().pk
    [message] = [one for one in mail.outbox if str(id) in one.extra_headers["Message-ID"]]
    parsed = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def deliver() -> None:
    told.plan()
    told.make_due()
    told.send()


def calendar_of(message: EmailMessage) -> tuple[str, str]:
    [part] = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    return part.get_content(), part["Content-Type"].params["method"]


def test_the_calendar_entry_is_made_moved_and_taken_away(mariana: Any, patient: Any, doctor: Any) -> None:
    told.never_quiet(doctor.user, email=False)
    visit = make.book(mariana, patient, doctor)
    deliver()
    calendar, method = calendar_of(sent("booking_confirmed"))
    assert method == "REQUEST"
    assert "METHOD:REQUEST" in calendar
    assert "SEQUENCE:0" in calendar
    with make.as_user(mariana):
        bookings.reschedule(booking_id=visit.pk, starts_at=MONDAY_9 + timedelta(days=1))
    deliver()
    calendar, method = calendar_of(sent("booking_rescheduled"))
    assert (method, "SEQUENCE:1" in calendar) == ("REQUEST", True)
    with make.as_user(mariana):
        bookings.cancel(booking_id=visit.pk)
    deliver()
    calendar, method = calendar_of(sent("booking_cancelled"))
    assert (method, "METHOD:CANCEL" in calendar, "STATUS:CANCELLED" in calendar) == ("CANCEL", True, True)


def test_a_reminder_carries_no_calendar_entry(mariana: Any, patient: Any, doctor: Any) -> None:
    make.book(mariana, patient, doctor)
    deliver()
    parts = {part.get_content_type() for part in sent("reminder_24_hours").walk()}
    assert "text/calendar" not in parts
    assert {"text/plain", "text/html"} <= parts


def test_a_moved_visit_says_where_it_was_before(mariana: Any, patient: Any, doctor: Any) -> None:
    visit = make.book(mariana, patient, doctor)
    with make.as_user(mariana):
        bookings.reschedule(booking_id=visit.pk, starts_at=MONDAY_9 + timedelta(hours=2))
    deliver()
    text = sent("booking_rescheduled").get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "11:00" in text
    assert "Antes era el" in text
    assert "9:00" in text


def test_a_reader_elsewhere_sees_their_own_time_and_the_doctors(booking: Booking) -> None:
    madrid = Recipient(make.make_user().pk, None, "a@example.com", "en", "Europe/Madrid", DEFAULT_WISHES)
    content = make_content("patient", "booking_confirmed", "en", booking, recipient=madrid)
    with translation.override("en"), acting_as_system("test"):
        text = content.render("email.txt")
    assert "3:00\N{NO-BREAK SPACE}PM, Madrid time (GMT+1)" in text
    assert "9:00\N{NO-BREAK SPACE}AM, Bogota time (GMT-5)" in text


def test_what_people_wrote_stays_text(mariana: Any, patient: Any, doctor: Any) -> None:
    visit = make.book(mariana, patient, doctor)
    with make.as_user(doctor.user):
        bookings.cancel(booking_id=visit.pk, reason='Congreso <b>"anual"</b> & viaje\nBcc: x@example.com')
    deliver()
    message = sent("booking_cancelled")
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "<b>" not in html
    assert "&lt;b&gt;&quot;anual&quot;&lt;/b&gt; &amp; viaje" in html
    assert '<b>"anual"</b> & viaje' in text
    assert message["Bcc"] is None


def test_a_name_with_a_line_break_cannot_add_a_header(booking: Booking) -> None:
    with acting_as_system("test"):
        Doctor.objects.filter(pk=booking.doctor_id).update(last_name="Ruiz\r\nBcc: x@example.com")
        booking = Booking.objects.for_listing().get(pk=booking.pk)
    content = make_content("patient", "booking_confirmed", "es", booking)
    with translation.override("es"), acting_as_system("test"):
        message = EmailChannel().prepare(Notification(kind="booking_confirmed"), content)
    assert "\n" not in message.subject
    assert message.message()["Bcc"] is None


def test_a_doctor_reads_why_the_verification_did_not_pass(doctor: Any) -> None:
    from django.db import transaction

    from medai.common import outbox

    with acting_as_system("test"), transaction.atomic():
        Doctor.objects.update(credential_status="rejected", verification_notes="El diploma no se lee.")
        outbox.record("doctor.rejected", doctor)
    deliver()
    text = sent("doctor_rejected").get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "El diploma no se lee." in text
