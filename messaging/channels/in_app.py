"""Telling people in their notification centre. It only writes to our own database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from medai.common import realtime
from messaging.channels import base
from messaging.content import Content
from messaging.models import InboxNotice, Notification, NotificationChannel
from messaging.recipients import Recipient


@dataclass(frozen=True)
class Entry:
    notification: Notification
    data: dict[str, Any]


class InAppSession(base.Session[Entry]):
    def deliver(self, message: Entry) -> str:
        """Write the notice in the caller's transaction; the person's open pages hear of it on commit."""
        notification = message.notification
        notice, _ = InboxNotice.objects.get_or_create(
            notification=notification,
            defaults={
                "user_id": cast(UUID, notification.user_id),  # an account, as `accepts` makes sure
                "kind": notification.kind,
                "booking_id": notification.booking_id,
                "data": message.data,
            },
        )
        realtime.changed(f"user-notices:{notification.user_id}")
        return str(notice.pk)


class InAppChannel(base.Channel[Entry]):
    """Nobody is woken by it, so quiet hours do not concern it, and whoever has an account has it."""

    name = NotificationChannel.IN_APP
    disturbs = False
    is_internal = True

    def accepts(self, recipient: Recipient) -> bool:
        return recipient.user_id is not None

    def prepare(self, notification: Notification, content: Content) -> Entry:
        return Entry(
            notification,
            {
                "starts_at": _iso(content.starts_at),
                "previous_starts_at": _iso(content.previous_starts_at),
            },
        )

    @contextmanager
    def session(self) -> Iterator[InAppSession]:
        yield InAppSession()


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
