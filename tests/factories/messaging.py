"""Notifications as they come about: from bookings, through the outbox."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.db.models.functions import Now
from django.test import Client

from accounts.models import User
from bookings.models import Booking
from medai.common import outbox
from medai.common.identity import acting_as_system
from messaging.models import InboxNotice, Notification, NotificationKind, NotificationPreferences
from messaging.services import sending
from tests.factories.accounts import signed_in

_numbers = count(1)


def plan() -> None:
    """Let messaging answer all that happened so far."""
    outbox.drain()


def planned(**filters: Any) -> list[Notification]:
    with acting_as_system("test"):
        return list(Notification.objects.filter(**filters).order_by("kind", "channel", "created_at"))


def kinds(**filters: Any) -> list[str]:
    """ "booking_confirmed/email" for each notification that is not dropped, sorted."""
    with acting_as_system("test"):
        rows = Notification.objects.filter(**filters).exclude(status=Notification.Status.DROPPED)
        return sorted(f"{row.kind}/{row.channel}" for row in rows)


def make_due(**filters: Any) -> int:
    """Let the time of planned notifications come now."""
    with acting_as_system("test"):
        return Notification.objects.due().filter(**filters).update(due_at=Now() - timedelta(seconds=1))


def send() -> dict[str, int]:
    with acting_as_system("test"):
        return dict(sending.send_due().outcomes)


def make_preferences(user: User, **fields: Any) -> NotificationPreferences:
    with acting_as_system("test"):
        return NotificationPreferences.objects.create(user=user, **fields)


def never_quiet(user: User, **fields: Any) -> NotificationPreferences:
    return make_preferences(user, quiet_from_minute=0, quiet_until_minute=0, **fields)


def make_notification(user: User, booking: Booking, **fields: Any) -> Notification:
    values = {
        "kind": NotificationKind.BOOKING_CONFIRMED,
        "channel": "email",
        "due_at": Now() - timedelta(seconds=1),
        "recipient_id": user.pk,
        "subject_id": booking.pk,
    }
    with acting_as_system("test"):
        row = Notification.objects.create(user=user, booking=booking, **{**values, **fields})
        row.refresh_from_db()
        return row


def make_notice(user: User, booking: Booking | None = None, **fields: Any) -> InboxNotice:
    kind = fields.pop("kind", NotificationKind.BOOKING_CONFIRMED)
    with acting_as_system("test"):
        notification = Notification.objects.create(
            user=user,
            booking=booking,
            kind=kind,
            channel="in_app",
            status=Notification.Status.SENT,
            due_at=Now(),
            recipient_id=user.pk,
            subject_id=fields.pop("subject_id", None) or (booking.pk if booking else user.pk),
            occasion=fields.pop("occasion", None) or f"notice {next(_numbers)}",
        )
        data = {"starts_at": booking.starts_at.isoformat()} if booking else {}
        return InboxNotice.objects.create(
            user=user, notification=notification, kind=kind, booking=booking, **{"data": data, **fields}
        )


def browser(user: User, language: str = "en") -> Client:
    """A browser in which the user is signed in, with pages in this language."""
    client = signed_in(user)
    client.cookies["language"] = language
    return client
