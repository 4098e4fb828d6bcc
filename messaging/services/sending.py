"""Sending what is due: claimed in batches, told one by one, and never twice."""

import logging
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation

from accounts.models import Guardianship
from accounts.models.patients import Relationship
from bookings.models import Booking
from messaging import recipients, relevance
from messaging.channels import CHANNELS, base
from messaging.content import Content, audience_of
from messaging.models import Notification, NotificationChannel, NotificationKind
from messaging.recipients import Recipient
from messaging.services import claims
from messaging.services.claims import Claim, Status

logger = logging.getLogger(__name__)

# Small, since a row that is claimed by a worker that dies waits for the lease to end.
BATCH = 20
ATTEMPTS = 8
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
# While a channel is down nothing is wrong with the messages, so this costs none of their attempts.
PAUSE_WHILE_DOWN = timedelta(minutes=1)

_random = random.SystemRandom()


@dataclass
class Run:
    """One pass: what became of the rows, the channels that turned out to be down, and whether more may be due."""

    outcomes: Counter[str] = field(default_factory=Counter)
    down: set[str] = field(default_factory=set)
    is_out_of_time: bool = False


def send_due(*, seconds: float = 50, on_backlog: Any = None) -> Run:
    """Send until nothing is due or the time is up; what became of the rows, by status.

    Several may run at once. `on_backlog` is called once when there is more than one batch.
    """
    run = Run()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        claimed = claims.claim(BATCH, except_channels=run.down)
        if not claimed:
            return run
        if len(claimed) == BATCH and on_backlog is not None:
            on_backlog()
            on_backlog = None
        _send_batch(claimed, run)
    run.is_out_of_time = True
    return run


def _send_batch(claimed: list[Claim], run: Run) -> None:
    batch = _load(claimed)
    with ExitStack() as stack:
        sessions: dict[str, base.Session[Any]] = {}
        for claim in claimed:
            notification = batch.notifications.get(claim.id)
            if notification is None:
                continue
            channel = CHANNELS[NotificationChannel(notification.channel)]
            if channel.name in run.down:
                claims.release([claim])
                continue
            if channel.name not in sessions:
                sessions[channel.name] = stack.enter_context(channel.session())
            outcome = _send_one(claim, notification, batch, channel, sessions[channel.name], run)
            run.outcomes[outcome] += 1


def _send_one(
    claim: Claim,
    notification: Notification,
    batch: "_Batch",
    channel: base.Channel[Any],
    session: base.Session[Any],
    run: Run,
) -> str:
    recipient = batch.recipient(notification)
    why_not = _no_longer_wanted(notification, recipient, batch, channel)
    if recipient is None or why_not:
        claims.settle(notification.pk, Status.DROPPED, error=why_not)
        return Status.DROPPED
    if due_at := _after_quiet_hours(notification, recipient, timezone.now()):
        claims.postpone(notification.pk, due_at, attempts=notification.attempts, error=notification.error)
        return Status.DUE
    try:
        with translation.override(recipient.language):
            message = channel.prepare(notification, batch.content(notification, recipient))
    except Exception as error:
        logger.exception("Notification %s could not be prepared", notification.pk)
        return _try_later(notification, recipient, base.TemporaryFailure(type(error).__name__))
    if channel.is_internal:
        return _deliver_internally(claim, message, session)
    if not claims.begin(claim):
        return "lost"
    return _deliver(notification, recipient, message, session, run)


def _deliver_internally(claim: Claim, message: Any, session: base.Session[Any]) -> str:
    """Delivery and its record commit together, so this is never left open."""
    with transaction.atomic():
        if not claims.begin(claim):
            return "lost"
        claims.mark_sent(claim.id, provider_message_id=session.deliver(message))
    return Status.SENT


def _deliver(
    notification: Notification, recipient: Recipient, message: Any, session: base.Session[Any], run: Run
) -> str:
    try:
        provider_message_id = session.deliver(message)
    except base.ChannelDown as failure:
        logger.error("%s is down: %s", notification.channel, failure.reason)
        run.down.add(notification.channel)
        _postpone(notification, recipient, PAUSE_WHILE_DOWN, notification.attempts, failure)
        return Status.DUE
    except base.TemporaryFailure as failure:
        return _try_later(notification, recipient, failure)
    except base.PermanentFailure as failure:
        claims.settle(notification.pk, Status.FAILED, error=failure.reason)
        return Status.FAILED
    except Exception as error:
        reason = error.reason if isinstance(error, base.OutcomeUnknown) else type(error).__name__
        logger.exception("Whether notification %s left is not known", notification.pk)
        claims.settle(notification.pk, Status.UNKNOWN, error=reason)
        return Status.UNKNOWN
    claims.mark_sent(notification.pk, provider_message_id=provider_message_id)
    return Status.SENT


def _try_later(notification: Notification, recipient: Recipient, failure: base.DeliveryError) -> str:
    attempts = notification.attempts + 1
    if attempts >= ATTEMPTS:
        claims.settle(notification.pk, Status.FAILED, error=failure.reason)
        return Status.FAILED
    pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE) * _random.uniform(0.8, 1.2)
    _postpone(notification, recipient, pause, attempts, failure)
    return Status.DUE


def _postpone(
    notification: Notification,
    recipient: Recipient,
    pause: timedelta,
    attempts: int,
    failure: base.DeliveryError,
) -> None:
    later = timezone.now() + pause
    due_at = _after_quiet_hours(notification, recipient, later) or later
    claims.postpone(notification.pk, due_at, attempts=attempts, error=failure.reason)


def _after_quiet_hours(notification: Notification, recipient: Recipient, moment: datetime) -> datetime | None:
    """When the quiet hours end that a delayed message would break; None where it may leave at that moment.

    What was planned for quiet hours has its reason (an answer, pressing news) and is not held back by them.
    """
    quiet = recipient.quiet_hours
    disturbs = CHANNELS[NotificationChannel(notification.channel)].disturbs
    if not disturbs or not quiet.cover(moment) or quiet.cover(notification.due_at):
        return None
    end = quiet.end_after(moment)
    return end if notification.not_after is None or end < notification.not_after else None


def _no_longer_wanted(
    notification: Notification, recipient: Recipient | None, batch: "_Batch", channel: base.Channel[Any]
) -> str:
    """Why a message is not sent after all; people, wishes and bookings change after it was planned."""
    if recipient is None:
        return "recipient gone"
    if not channel.accepts(recipient):
        return "not wanted by this channel"
    booking = notification.booking
    if booking is None:
        doctor = batch.doctor_of(notification)
        holds = doctor is not None and relevance.holds_for_doctor(notification.kind, doctor)
        return "" if holds else "no longer true"
    if not relevance.holds_for_booking(notification.kind, booking, notification.occasion):
        return "no longer true"
    return "" if batch.may_know(notification, booking) else "not theirs to know"


@dataclass
class _Batch:
    """All that the messages of a batch need, read with a fixed number of queries."""

    notifications: Mapping[UUID, Notification]
    accounts: Mapping[UUID, Recipient]
    contacts: Mapping[UUID, Recipient]
    relationships: Mapping[tuple[UUID, UUID], str]

    def recipient(self, notification: Notification) -> Recipient | None:
        if notification.user_id is not None:
            return self.accounts.get(notification.user_id)
        return self.contacts.get(notification.recipient_id)

    def doctor_of(self, notification: Notification) -> Any:
        if notification.booking is not None:
            return notification.booking.doctor
        return getattr(notification.user, "doctor", None)

    def may_know(self, notification: Notification, booking: Booking) -> bool:
        """Whether the booking still is the recipient's: the doctor's own, or of a patient they care for."""
        if notification.user_id is None:
            return booking.patient_id == notification.patient_id
        is_doctor = audience_of(notification.user_id, booking.doctor) == "doctor"
        return is_doctor or (notification.user_id, booking.patient_id) in self.relationships

    def content(self, notification: Notification, recipient: Recipient) -> Content:
        booking = notification.booking
        relationship = booking and self.relationships.get((recipient.id, booking.patient_id))
        return Content(
            kind=notification.kind,
            recipient=recipient,
            doctor=self.doctor_of(notification),
            booking=booking,
            starts_at=None if booking is None else booking.starts_at,
            previous_starts_at=_previous_start(notification),
            relationship=relationship or Relationship.SELF,
        )


def _load(claimed: Iterable[Claim]) -> _Batch:
    rows = Notification.objects.select_related(
        "user__doctor",
        "booking__doctor",
        "booking__patient",
        "booking__visit_type",
        "booking__office",
    ).in_bulk([claim.id for claim in claimed])
    user_ids = {row.user_id for row in rows.values() if row.user_id}
    patient_ids = {row.patient_id for row in rows.values() if row.patient_id}
    guardianships = Guardianship.objects.filter(user_id__in=user_ids).values_list(
        "user_id", "patient_id", "relationship"
    )
    return _Batch(
        notifications=rows,
        accounts=recipients.accounts(user_ids),
        contacts=recipients.without_account(patient_ids),
        relationships={(user, patient): relationship for user, patient, relationship in guardianships},
    )


def _previous_start(notification: Notification) -> datetime | None:
    """Where the visit stood before its last move."""
    if notification.kind != NotificationKind.BOOKING_RESCHEDULED or notification.booking is None:
        return None
    booking = notification.booking
    earlier = booking.transitions.exclude(starts_at=booking.starts_at).order_by("-created_at")
    return earlier.values_list("starts_at", flat=True).first()
