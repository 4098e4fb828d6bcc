"""The audit log of staff: written in the caller's transaction, chained, and checked for tampering.

Each row's digest is an HMAC over its contents and the digest of the row before, under a key that is not in the
database. So a row that was altered, removed or put in between shows; a tail that was cut off shows by the anchors,
which are kept in a table of their own and in the log of the process.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone

from accounts.models import AdminAuditLog, AuditAnchor
from medai.common.database import lock
from medai.common.encryption import keyed_digest
from medai.common.identity import Kind, acting_as_system, current_identity

logger = logging.getLogger(__name__)

PURPOSE = "audit-log"
BEFORE_THE_FIRST = "0" * 64

_address: ContextVar[str | None] = ContextVar("client_address", default=None)


current_address = _address.get


@contextmanager
def from_address(address: str | None) -> Iterator[None]:
    """Note where the request comes from, for the rows written within the block."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def record(action: str, target: models.Model | None = None, **details: Any) -> AdminAuditLog:
    """Add what the current identity just did to the log, in the caller's transaction.

    `details` hold ids, codes and statuses with their old and new values, never names, contacts or clinical text.
    Until the caller commits, the next writer waits: the sequence has no gaps.
    """
    actor_id, acting_as_id = _who()
    with acting_as_system("audit"), transaction.atomic():
        lock("audit-log")
        last = AdminAuditLog.objects.order_by("-sequence").only("sequence", "digest").first()
        row = AdminAuditLog(
            sequence=last.sequence + 1 if last else 1,
            actor_id=actor_id,
            acting_as_id=acting_as_id,
            action=action,
            target_type=target._meta.label_lower if target is not None else "",
            target_id=str(target.pk) if target is not None else "",
            details=json.loads(json.dumps(details, cls=DjangoJSONEncoder)),
            ip_address=_address.get(),
            occurred_at=timezone.now(),
            previous_digest=last.digest if last else BEFORE_THE_FIRST,
        )
        row.digest = digest_of(row)
        row.save(force_insert=True)
    return row


def _who() -> tuple[UUID | None, UUID | None]:
    """The human who acts, and the user as whom, where these differ."""
    identity = current_identity()
    if identity is None:
        return None, None
    # The system has no user of its own: its actor is simply whoever asked.
    acting_as = identity.user_id if identity.kind != Kind.SYSTEM and identity.is_impersonated else None
    return identity.actor_id or identity.user_id, acting_as


def digest_of(row: AdminAuditLog) -> str:
    """What the row's digest must be, from its contents as they are now."""
    content = [
        row.previous_digest,
        row.sequence,
        str(row.id),
        str(row.actor_id or ""),
        str(row.acting_as_id or ""),
        row.action,
        row.target_type,
        row.target_id,
        row.details,
        _plain_address(row.ip_address),
        row.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
    ]
    return keyed_digest(json.dumps(content, sort_keys=True, separators=(",", ":")), PURPOSE)


def _plain_address(value: str | None) -> str:
    # PostgreSQL writes an IPv6 address in its own way.
    return ip_address(value).exploded if value else ""


@dataclass(frozen=True)
class Anchor:
    """The head of the chain as it was noted once: the row `sequence` must have this digest for ever."""

    sequence: int
    digest: str


@dataclass(frozen=True)
class Defect:
    """One finding, and the place in the sequence where it shows.

    `forged`: the row was altered, or put there by somebody without the key. `missing`: rows before it were removed.
    `rewritten`: it is no longer the row that an anchor noted. `cut`: the log once was longer.
    """

    kind: str
    sequence: int


def anchor(now: datetime | None = None) -> Anchor | None:
    """Note the head of the chain, once a day, in its own table and in the process's log; None while it is empty."""
    today = (now or timezone.now()).date()
    with acting_as_system("audit anchor"), transaction.atomic():
        lock("audit-log")
        head = AdminAuditLog.objects.order_by("-sequence").first()
        if head is None:
            return None
        noted, _ = AuditAnchor.objects.get_or_create(
            anchored_on=today, defaults={"sequence": head.sequence, "digest": head.digest}
        )
    logger.info("Audit anchor", extra={"sequence": noted.sequence, "digest": noted.digest})
    return Anchor(noted.sequence, noted.digest)


def verify(extra_anchors: tuple[Anchor, ...] = ()) -> Iterator[Defect]:
    """Every defect of the chain, the whole log read once; `extra_anchors` come from the process's log."""
    with acting_as_system("verify audit"), transaction.atomic():
        anchors = [*map(_from_row, AuditAnchor.objects.order_by("sequence")), *extra_anchors]
        expected = {noted.sequence: noted.digest for noted in anchors}
        digest, sequence = BEFORE_THE_FIRST, 0
        for row in AdminAuditLog.objects.order_by("sequence").iterator(chunk_size=1000):
            yield from _check(row, sequence, digest, expected)
            digest, sequence = row.digest, row.sequence
        if any(noted > sequence for noted in expected):
            yield Defect("cut", sequence + 1)


def _from_row(row: AuditAnchor) -> Anchor:
    return Anchor(row.sequence, row.digest)


def _check(row: AdminAuditLog, before: int, digest: str, expected: dict[int, str]) -> Iterator[Defect]:
    if digest_of(row) != row.digest:
        yield Defect("forged", row.sequence)
    elif row.sequence != before + 1 or row.previous_digest != digest:
        yield Defect("missing", before + 1)
    elif expected.get(row.sequence, row.digest) != row.digest:
        yield Defect("rewritten", row.sequence)
