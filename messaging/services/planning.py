"""From what happened to what is to be told: to whom, by which channel, and when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from bookings.models import Booking
from bookings.transitions import CANCELLED, Status
from doctors.models import Doctor
from medai.common.database import database_now
from messaging import recipients, relevance
from messaging.channels import CHANNELS, Channel
from messaging.models import NotificationKind
from messaging.quiet_hours import QuietHours, news_at, reminder_at
from messaging.recipients import Recipient
from messaging.services.rows import Planned, store, store_reminders

BATCH = 500


@dataclass(frozen=True, slots=True)
class Reminder:
    """`lead` before the visit, or not later than `latest` before it; given up `useless` before it."""

    kind: NotificationKind
    wish: str
    lead: timedelta
    latest: timedelta
    useless: timedelta


REMINDERS = (
    # Two hours before, the other reminder takes over.
    Reminder(
        NotificationKind.REMINDER_24_HOURS,
        "reminder_24_hours",
        lead=timedelta(hours=24),
        latest=timedelta(hours=3),
        useless=timedelta(hours=2),
    ),
    Reminder(
        NotificationKind.REMINDER_2_HOURS,
        "reminder_2_hours",
        lead=timedelta(hours=2),
        latest=timedelta(hours=1),
        useless=timedelta(0),
    ),
)


@dataclass(frozen=True, slots=True)
class News:
    """What an event tells each side, and the statuses in which it left the booking."""

    patient: NotificationKind
    doctor: NotificationKind
    leads_to: frozenset[str]


NEWS = {
    "booking.pending_confirmation": News(
        NotificationKind.BOOKING_PENDING,
        NotificationKind.BOOKING_TO_CONFIRM,
        frozenset({Status.PENDING_CONFIRMATION}),
    ),
    "booking.confirmed": News(
        NotificationKind.BOOKING_CONFIRMED, NotificationKind.NEW_BOOKING, frozenset({Status.CONFIRMED})
    ),
    "booking.rescheduled": News(
        NotificationKind.BOOKING_RESCHEDULED,
        NotificationKind.BOOKING_RESCHEDULED,
        frozenset({Status.CONFIRMED, Status.PENDING_CONFIRMATION}),
    ),
    "booking.cancelled": News(
        NotificationKind.BOOKING_CANCELLED, NotificationKind.BOOKING_CANCELLED, CANCELLED
    ),
}
DOCTOR_NEWS = {
    "doctor.submitted": NotificationKind.DOCTOR_SUBMITTED,
    "doctor.verified": NotificationKind.DOCTOR_VERIFIED,
    "doctor.rejected": NotificationKind.DOCTOR_REJECTED,
}


@transaction.atomic
def booking_changed(*, event: str, booking_id: UUID) -> None:
    """Plan what an event of a booking means: news to both sides, and the reminders as they should be now."""
    # Locked, so that what is planned fits the booking as it is until it is planned.
    booking = (
        Booking.objects.select_for_update(of=("self",), no_key=True)
        .select_related("doctor")
        .filter(pk=booking_id)
        .first()
    )
    if booking is None:
        return
    now = database_now()
    if event in NEWS:
        _announce(store(list(_news_of(booking, NEWS[event], now))))
    _plan_reminders([Visit(booking.pk, booking.patient_id, booking.starts_at, booking.status)], now)


@transaction.atomic
def doctor_changed(*, event: str, event_id: UUID, doctor_id: UUID) -> None:
    """Tell a doctor how their verification stands. Each decision is an occasion of its own."""
    doctor = Doctor.objects.filter(pk=doctor_id).first()
    kind = DOCTOR_NEWS[event]
    if doctor is None or not relevance.holds_for_doctor(kind, doctor):
        return
    now = database_now()
    occasion = Occasion(subject_id=doctor.pk, booking_id=None, kind=kind, name=str(event_id))
    planned = [
        occasion.row(recipient, channel, _news_due(channel, recipient, now, deadline=None), None)
        for recipient in recipients.accounts([doctor.user_id]).values()
        for channel in _channels(recipient)
    ]
    _announce(store(planned))


def plan_reminders(*, booking_ids: Sequence[UUID]) -> int:
    """Bring the reminders of these bookings to what they should be; how many rows that made due.

    Idempotent and in batches of a transaction each: a booking that was made elsewhere (an import), or whose people
    changed their wishes, gets its reminders so.
    """
    total = 0
    for first in range(0, len(booking_ids), BATCH):
        with transaction.atomic():
            locked = (
                Booking.objects.filter(pk__in=booking_ids[first : first + BATCH])
                .order_by("pk")
                .select_for_update(no_key=True)
                .values_list("pk", "patient_id", "starts_at", "status")
            )
            total += _plan_reminders([Visit(*row) for row in locked], database_now())
    return total


def plan_all_reminders() -> Iterator[tuple[int, int]]:
    """The same for every coming visit, a batch after the other: visits done so far, rows made due by this batch."""
    visits = Booking.objects.filter(status=Status.CONFIRMED, starts_at__gt=database_now())
    last: UUID | None = None
    done = 0
    while True:
        after = visits if last is None else visits.filter(pk__gt=last)
        booking_ids = list(after.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not booking_ids:
            return
        last, done = booking_ids[-1], done + len(booking_ids)
        yield done, plan_reminders(booking_ids=booking_ids)


def plan_reminders_of_account(*, user_id: UUID) -> int:
    """The same for all coming visits of the patients an account cares for: its wishes have changed."""
    visits = Booking.objects.upcoming(database_now()).filter(patient__guardianships__user_id=user_id)
    return plan_reminders(booking_ids=list(visits.values_list("pk", flat=True)))


def plan_reminders_of_patient(*, patient_id: UUID) -> int:
    """The same for all coming visits of a patient: others care for them now."""
    visits = Booking.objects.upcoming(database_now()).filter(patient_id=patient_id)
    return plan_reminders(booking_ids=list(visits.values_list("pk", flat=True)))


class Visit(NamedTuple):
    """What the reminders of a booking depend on."""

    pk: UUID
    patient_id: UUID
    starts_at: datetime
    status: str


def _plan_reminders(visits: Sequence[Visit], now: datetime) -> int:
    coming = [one for one in visits if one.status == Status.CONFIRMED and one.starts_at > now]
    people = recipients.caring_for({visit.patient_id for visit in coming}) if coming else {}
    wanted = [row for one in coming for row in _reminders_of(one, people.get(one.patient_id, ()), now)]
    return store_reminders([visit.pk for visit in visits], wanted)


def _reminders_of(visit: Visit, people: Iterable[Recipient], now: datetime) -> Iterable[Planned]:
    starts_at = visit.starts_at
    name = relevance.occasion_of(starts_at)
    occasions = [(reminder, Occasion(visit.pk, visit.pk, reminder.kind, name)) for reminder in REMINDERS]
    for recipient in people:
        channels = [(channel, _quiet_hours(channel, recipient)) for channel in _channels(recipient)]
        for reminder, occasion in occasions:
            if not getattr(recipient.wishes, reminder.wish):
                continue
            useless_after = starts_at - reminder.useless
            for channel, quiet in channels:
                due_at = reminder_at(starts_at, quiet, lead=reminder.lead, latest=reminder.latest, now=now)
                yield occasion.row(recipient, channel, due_at, useless_after)


def _news_of(booking: Booking, news: News, now: datetime) -> Iterable[Planned]:
    actor_id = _who_did_it(booking, news)
    doctor_user_id = booking.doctor.user_id
    people = recipients.caring_for([booking.patient_id]).get(booking.patient_id, [])
    told = [(person, news.patient) for person in people]
    # A doctor needs no message about what they did themselves; a patient wants it in writing.
    if actor_id != doctor_user_id:
        told += [(person, news.doctor) for person in recipients.accounts([doctor_user_id]).values()]
    deadline = min(filter(None, [booking.starts_at, booking.confirm_by]))
    for recipient, kind in told:
        occasion, useless_after = _occasion(booking, kind), _useless_after(kind, booking, now)
        for channel in _channels(recipient):
            is_own = recipient.id == actor_id
            due_at = _news_due(channel, recipient, now, deadline=deadline, is_own_action=is_own)
            if relevance.holds_for_booking(kind, booking):
                yield occasion.row(recipient, channel, due_at, useless_after)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a notification is about: `name` tells apart occasions on which the same kind is sent again."""

    subject_id: UUID
    booking_id: UUID | None
    kind: str
    name: str

    def row(
        self, recipient: Recipient, channel: Channel, due_at: datetime | None, not_after: datetime | None
    ) -> Planned:
        return Planned(
            recipient.user_id,
            recipient.patient_id,
            self.booking_id,
            self.subject_id,
            self.kind,
            channel.name,
            self.name,
            due_at,
            not_after,
        )


def _occasion(booking: Booking, kind: str) -> Occasion:
    # Two moves in quick succession are one message, of the later time.
    is_move = kind == NotificationKind.BOOKING_RESCHEDULED
    return Occasion(booking.pk, booking.pk, kind, f"revision {booking.revision}" if is_move else "")


def _who_did_it(booking: Booking, news: News) -> UUID | None:
    moves = booking.transitions.filter(to_status__in=news.leads_to).order_by("-created_at")
    return moves.values_list("actor_id", flat=True).first()


def _useless_after(kind: str, booking: Booking, now: datetime) -> datetime:
    if kind == NotificationKind.BOOKING_CANCELLED:
        # It is also a receipt, of use after the visit would have begun.
        return max(booking.starts_at, now) + timedelta(days=1)
    return booking.starts_at


def _channels(recipient: Recipient) -> list[Channel]:
    return [channel for channel in CHANNELS.values() if channel.accepts(recipient)]


NEVER_QUIET = QuietHours(0, 0, "UTC")


def _quiet_hours(channel: Channel, recipient: Recipient) -> QuietHours:
    return recipient.quiet_hours if channel.disturbs else NEVER_QUIET


def _news_due(
    channel: Channel,
    recipient: Recipient,
    now: datetime,
    *,
    deadline: datetime | None,
    is_own_action: bool = False,
) -> datetime:
    quiet = _quiet_hours(channel, recipient)
    return news_at(now, quiet, deadline=deadline, is_own_action=is_own_action)


def _announce(count: int) -> None:
    """Wake a sender after the commit; beat would find the rows too, only later."""
    if count:
        from messaging.tasks import wake_sender  # tasks import the services

        transaction.on_commit(wake_sender)
