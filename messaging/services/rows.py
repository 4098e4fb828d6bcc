"""Storing planned notifications: the constraint, not the code, sees to it that there are never two of a kind."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from messaging.models import REMINDERS

# A reminder whose time changed, or that was dropped and is wanted again, comes back to life as long as nothing was
# sent. Its claim is void then: the worker that holds it finds so before it begins to send.
_STORE = """
INSERT INTO messaging_notification AS n (id, created_at, updated_at, user_id, patient_id, booking_id, subject_id,
    kind, channel, recipient_id, occasion, due_at, not_after, status, attempts, error, provider_message_id)
SELECT gen_random_uuid(), statement_timestamp(), statement_timestamp(), user_id, patient_id, booking_id, subject_id,
    kind, channel, coalesce(user_id, patient_id), occasion, due_at, not_after, 'due', 0, '', ''
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[],
    %s::timestamptz[], %s::timestamptz[])
    AS row (user_id, patient_id, booking_id, subject_id, kind, channel, occasion, due_at, not_after)
ON CONFLICT ON CONSTRAINT notification_never_two_of_a_kind DO UPDATE
SET status = 'due', due_at = EXCLUDED.due_at, not_after = EXCLUDED.not_after, claimed_at = NULL, error = '',
    updated_at = statement_timestamp()
WHERE n.kind = ANY (%s) AND (n.status = 'dropped' OR (n.status = 'due' AND n.due_at <> EXCLUDED.due_at))
"""

_DROP_REMINDERS = """
UPDATE messaging_notification AS n SET status = 'dropped', updated_at = statement_timestamp()
WHERE n.booking_id = ANY (%s::uuid[]) AND n.kind = ANY (%s) AND n.status = 'due' AND NOT EXISTS (
    SELECT 1 FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[])
        AS wanted (booking_id, recipient_id, kind, channel, occasion)
    WHERE wanted.booking_id = n.booking_id AND wanted.recipient_id = n.recipient_id AND wanted.kind = n.kind
        AND wanted.channel = n.channel AND wanted.occasion = n.occasion)
"""


class Planned(NamedTuple):
    """One row to be; `due_at` None means that the reminder is wanted but its time is over."""

    user_id: UUID | None
    patient_id: UUID | None
    booking_id: UUID | None
    subject_id: UUID
    kind: str
    channel: str
    occasion: str
    due_at: datetime | None
    not_after: datetime | None

    @property
    def key(self) -> tuple[UUID | None, UUID | None, str, str, str]:
        return (self.booking_id, self.user_id or self.patient_id, self.kind, self.channel, self.occasion)


def store(planned: Sequence[Planned]) -> int:
    """Store what is not stored yet; how many rows became due."""
    rows = [row for row in planned if row.due_at is not None]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [*map(list, zip(*rows, strict=True)), list(REMINDERS)])
        return cursor.rowcount


def drop_other_reminders(booking_ids: Sequence[UUID], wanted: Sequence[Planned]) -> int:
    """Give up the due reminders of these bookings that are not among the wanted; how many."""
    columns = list(zip(*(row.key for row in wanted), strict=True)) or [()] * 5
    with connection.cursor() as cursor:
        cursor.execute(_DROP_REMINDERS, [list(booking_ids), list(REMINDERS), *map(list, columns)])
        return cursor.rowcount
