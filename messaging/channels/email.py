"""Telling people by email, through whatever backend the settings name."""

import logging
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from bookings.calendars.ics import booking_ics
from messaging.channels import base
from messaging.content import Content
from messaging.models import Notification, NotificationChannel, NotificationKind
from messaging.recipients import Recipient

logger = logging.getLogger(__name__)

# Kinds that change what stands in a calendar. A reminder would only make calendar apps ask again.
WITH_CALENDAR = frozenset(
    {
        NotificationKind.BOOKING_CONFIRMED,
        NotificationKind.BOOKING_RESCHEDULED,
        NotificationKind.BOOKING_CANCELLED,
        NotificationKind.NEW_BOOKING,
    }
)
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


class EmailSession(base.Session[EmailMultiAlternatives]):
    """One connection for several messages, opened by the first."""

    def __init__(self, connection: BaseEmailBackend) -> None:
        self.connection = connection
        self.is_open = False

    def deliver(self, message: EmailMultiAlternatives) -> str:
        was_open = self.is_open
        self._open()
        try:
            self._hand_over(message)
        except base.ChannelDown:
            # The server may have closed a connection that waited; a fresh one shows whether it is down.
            if not was_open:
                raise
            self._open()
            self._hand_over(message)
        return str(message.extra_headers["Message-ID"])

    def close(self) -> None:
        self.is_open = False
        try:
            self.connection.close()
        except Exception:
            logger.warning("The mail server did not take a proper goodbye", exc_info=True)

    def _open(self) -> None:
        if self.is_open:
            return
        try:
            self.connection.open()
        except (OSError, smtplib.SMTPException) as error:
            raise base.ChannelDown(type(error).__name__) from error
        self.is_open = True

    def _hand_over(self, message: EmailMultiAlternatives) -> None:
        try:
            accepted = self.connection.send_messages([message])
        except Exception as error:
            failure = self._judge(error)
            if not isinstance(failure, base.PermanentFailure | base.TemporaryFailure):
                self.close()
            raise failure from error
        if not accepted:
            raise base.PermanentFailure("not accepted")

    def _judge(self, error: Exception) -> base.DeliveryError:
        """What an error of a backend says about the message."""
        code = _status(error)
        if code is not None:
            reason = f"{type(error).__name__} {code}"
            if code == 421:  # the server closes the connection, having taken nothing
                return base.ChannelDown(reason)
            if code == 429 or (400 <= code < 500 and isinstance(error, smtplib.SMTPException)):
                return base.TemporaryFailure(reason)
            if isinstance(error, smtplib.SMTPException) or 400 <= code < 500:
                return base.PermanentFailure(reason)
            return base.OutcomeUnknown(reason)
        if (
            isinstance(error, OSError | smtplib.SMTPException)
            and getattr(self.connection, "data_begun", True) is False
        ):
            return base.ChannelDown(type(error).__name__)
        return base.OutcomeUnknown(type(error).__name__)


def _status(error: Exception) -> int | None:
    """The server's answer, if it gave one: SMTP's reply code, or the HTTP status of a provider's API."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return int(next(iter(error.recipients.values()))[0])
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


class EmailChannel(base.Channel[EmailMultiAlternatives]):
    name = NotificationChannel.EMAIL

    def accepts(self, recipient: Recipient) -> bool:
        return bool(recipient.email) and recipient.wishes.email

    def prepare(self, notification: Notification, content: Content) -> EmailMultiAlternatives:
        """The message in the recipient's language. Its Message-ID follows from the notification, so that a mail
        program shows it once even if a server relayed it twice.
        """
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        message = EmailMultiAlternatives(
            subject=" ".join(content.render("subject.txt").split()),
            body=content.render("email.txt") + "\n",
            to=[content.recipient.email],
            headers={**HEADERS, "Message-ID": f"<{notification.pk}@{domain}>"},
        )
        message.attach_alternative(content.render("email.html"), "text/html")
        if content.booking is not None and notification.kind in WITH_CALENDAR:
            calendar = booking_ics(content.booking, audience=content.audience)
            method = "CANCEL" if content.booking.is_cancelled else "REQUEST"
            message.attach("visit.ics", calendar.decode(), f"text/calendar; method={method}")
        return message

    @contextmanager
    def session(self) -> Iterator[EmailSession]:
        session = EmailSession(get_connection())
        try:
            yield session
        finally:
            if session.is_open:
                session.close()
