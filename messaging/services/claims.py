"""The moves of a notification's row while it is sent, each one statement.

A worker claims due rows for a while (`claimed_at`); if it dies, they are simply claimed again. Only the row whose
message it is handing over stands as `sending`, so that a crash leaves at most one outcome open for each worker.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from messaging.models import Notification

Status = Notification.Status

# Longer than a batch takes to send, as a rule. Where it takes longer, the claim is lost and nothing else happens.
CLAIM_LEASE = timedelta(seconds=60)

# Longer than any single hand-over can take. A late success corrects what was thought unknown.
SENDING_LEASE = timedelta(minutes=5)

# `statement_timestamp()`, unlike `clock_timestamp()`, may bound an index scan: what is due later is not even read.
_CLAIM = """
UPDATE messaging_notification AS n SET claimed_at = statement_timestamp(),
    status = CASE WHEN n.not_after <= statement_timestamp() THEN 'dropped' ELSE 'due' END,
    error = CASE WHEN n.not_after <= statement_timestamp() THEN 'too late' ELSE n.error END
FROM (
    SELECT id FROM messaging_notification
    WHERE status = 'due' AND due_at <= statement_timestamp() AND channel <> ALL (%s)
        AND (claimed_at IS NULL OR claimed_at < statement_timestamp() - make_interval(secs => %s))
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
) AS taken
WHERE n.id = taken.id
RETURNING n.id, n.claimed_at, n.status
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """`at` is the claim's token: whoever claims the row later writes another."""

    id: UUID
    at: datetime


def claim(limit: int, *, except_channels: Collection[str] = ()) -> list[Claim]:
    """Take due rows that nobody else is working on, the longest due first; rows that are too late are dropped."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [list(except_channels), CLAIM_LEASE.total_seconds(), limit])
        return [Claim(id, at) for id, at, status in cursor.fetchall() if status == Status.DUE]


def begin(claim: Claim) -> bool:
    """Mark a claimed row as being sent; False where it was dropped, moved or claimed by another meanwhile."""
    rows = Notification.objects.filter(pk=claim.id, status=Status.DUE, claimed_at=claim.at, due_at__lte=Now())
    return rows.update(status=Status.SENDING, claimed_at=Now(), updated_at=Now()) == 1


def mark_sent(notification_id: UUID, *, provider_message_id: str) -> None:
    rows = Notification.objects.filter(pk=notification_id, status__in=[Status.SENDING, Status.UNKNOWN])
    rows.update(
        status=Status.SENT, sent_at=Now(), provider_message_id=provider_message_id, error="", updated_at=Now()
    )


def settle(notification_id: UUID, status: str, *, error: str) -> None:
    """End a row that was claimed or being sent as failed, unknown or dropped."""
    rows = Notification.objects.filter(pk=notification_id, status__in=[Status.DUE, Status.SENDING])
    rows.update(status=status, error=error[:200], updated_at=Now())


def postpone(notification_id: UUID, due_at: datetime, *, attempts: int, error: str) -> None:
    """Make a row due again at another time; `attempts` is how many it has had."""
    rows = Notification.objects.filter(pk=notification_id, status__in=[Status.DUE, Status.SENDING])
    rows.update(
        status=Status.DUE,
        due_at=due_at,
        claimed_at=None,
        attempts=attempts,
        error=error[:200],
        updated_at=Now(),
    )


def release(claims: Sequence[Claim]) -> None:
    """Give back rows that were claimed and not begun."""
    for claim in claims:
        Notification.objects.filter(pk=claim.id, status=Status.DUE, claimed_at=claim.at).update(
            claimed_at=None
        )


def mark_unknown(*, lease: timedelta = SENDING_LEASE) -> int:
    """Rows whose worker died, or hangs, while handing the message over: nobody knows whether it left; how many."""
    rows = Notification.objects.filter(status=Status.SENDING, claimed_at__lt=Now() - lease)
    return rows.update(status=Status.UNKNOWN, error="interrupted", updated_at=Now())
