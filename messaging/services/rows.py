"""Storing planned notifications: the constraint, not the code, sees to it that there are never two of a kind."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from messaging.models import REMINDERS

# One array literal for each column: adapting thousands of single parameters took half of the time.
_PLANNED = """
planned AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[],
        %s::timestamptz[], %s::timestamptz[])
    AS row (user_id, patient_id, booking_id, subject_id, kind, channel, occasion, due_at, not_after))
"""

# A reminder whose time changed, or that was dropped and is wanted again, comes back to life as long as nothing was
# sent. Its claim is void then: the worker that holds it finds so before it begins to send.
_STORE = """
INSERT INTO messaging_notification AS n (id, created_at, updated_at, user_id, patient_id, booking_id, subject_id,
    kind, channel, recipient_id, occasion, due_at, not_after, status, attempts, error, provider_message_id)
SELECT gen_random_uuid(), statement_timestamp(), statement_timestamp(), user_id, patient_id, booking_id, subject_id,
    kind, channel, coalesce(user_id, patient_id), occasion, due_at, not_after, 'due', 0, '', ''
FROM planned WHERE due_at IS NOT NULL
ON CONFLICT ON CONSTRAINT notification_never_two_of_a_kind DO UPDATE
SET status = 'due', due_at = EXCLUDED.due_at, not_after = EXCLUDED.not_after, claimed_at = NULL, error = '',
    updated_at = statement_timestamp()
WHERE n.kind = ANY (%s) AND (n.status = 'dropped' OR (n.status = 'due' AND n.due_at <> EXCLUDED.due_at))
"""

_DROP_OTHERS = """
dropped AS (
    UPDATE messaging_notification AS n SET status = 'dropped', updated_at = statement_timestamp()
    WHERE n.booking_id = ANY (%s::uuid[]) AND n.kind = ANY (%s) AND n.status = 'due' AND NOT EXISTS (
        SELECT 1 FROM planned WHERE planned.booking_id = n.booking_id
            AND coalesce(planned.user_id, planned.patient_id) = n.recipient_id AND planned.kind = n.kind
            AND planned.channel = n.channel AND planned.occasion = n.occasion))
"""


class Planned(NamedTuple):
    """One row to be; `due_at` None means that a reminder is wanted but its time is over."""

    user_id: UUID | None
    patient_id: UUID | None
    booking_id: UUID | None
    subject_id: UUID
    kind: str
    channel: str
    occasion: str
    due_at: datetime | None
    not_after: datetime | None


def store(planned: Sequence[Planned]) -> int:
    """Store what is not stored yet; how many rows became due."""
    if not planned:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {_PLANNED} {_STORE}", [*_columns(planned), list(REMINDERS)])
        return cursor.rowcount


def store_reminders(booking_ids: Sequence[UUID], planned: Sequence[Planned]) -> int:
    """Make the due reminders of these bookings those planned, and no others; how many became due."""
    kinds = list(REMINDERS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {_PLANNED}, {_DROP_OTHERS} {_STORE}",
            [*_columns(planned), _array(booking_ids), kinds, kinds],
        )
        return cursor.rowcount


def _columns(planned: Sequence[Planned]) -> list[str]:
    columns = zip(*planned, strict=True) if planned else [()] * len(Planned._fields)
    return [_array(column) for column in columns]


def _array(values: Iterable[object]) -> str:
    """A PostgreSQL array of ids, codes or times, none of which has anything to escape."""
    return "{" + ",".join(["NULL" if value is None else f'"{value}"' for value in values]) + "}"
