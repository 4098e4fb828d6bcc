"""What every verb shares: finding the booking within reach, moving its status, telling the rest of the product."""

from typing import Any
from uuid import UUID

from bookings.errors import BookingNotFound, TransitionNotAllowed
from bookings.models import Booking, BookingTransition
from bookings.models.bookings import BookingQuerySet
from bookings.services import occupancy
from bookings.transitions import may_move
from medai.common import outbox, realtime
from medai.common.database import Statement, execute_together, insert, inserting
from medai.common.identity import Identity, Kind, current_identity


def acting() -> Identity:
    """Whoever asks; nobody may touch a booking, and is told that it does not exist."""
    identity = current_identity()
    if identity is None:
        raise BookingNotFound
    return identity


def in_reach(identity: Identity) -> BookingQuerySet:
    """The bookings that an identity may act on: the ORM's own scope above the row-level policies."""
    bookings = Booking.objects.all()
    if identity.kind == Kind.PATIENT:
        return bookings.for_patients(identity.patient_ids)
    if identity.kind == Kind.DOCTOR:
        return bookings.for_doctors(identity.doctor_ids)
    if identity.kind in (Kind.ADMIN, Kind.SYSTEM):
        return bookings
    return bookings.none()


def locked(booking_id: UUID, *others: str) -> Booking:
    """The booking with both calendars (and `others`) locked and its row locked, always in that order."""
    reachable = in_reach(acting())
    pair = reachable.filter(pk=booking_id).values_list("doctor_id", "patient_id").first()
    if pair is None:
        raise BookingNotFound
    occupancy.lock_calendars(*others, doctor_id=pair[0], patient_id=pair[1])
    booking = (
        reachable.select_related("doctor", "visit_type", "patient")
        .select_for_update(of=("self",))
        .filter(pk=booking_id)
        .first()
    )
    if booking is None:
        raise BookingNotFound
    return booking


def move(booking: Booking, target: str, *, reason: str = "", fields: tuple[str, ...] = ()) -> None:
    """Change the status and save it with `fields`, or raise `TransitionNotAllowed`; the row must be locked."""
    identity = acting()
    if not may_move(booking.status, target, identity.kind):
        raise TransitionNotAllowed(status=Booking.Status(booking.status).label)
    source, booking.status = booking.status, target
    booking.hold_expires_at = None
    booking.save(update_fields=["status", "hold_expires_at", "updated_at", *fields])
    record_move(booking, source, reason=reason)


def record_move(booking: Booking, source: str, *, reason: str = "") -> None:
    insert(_transition(booking, source, reason=reason))


def creating(booking: Booking) -> list[Statement]:
    """What saves a new booking and the first line of its record."""
    return inserting(booking, _transition(booking, ""))


def _transition(booking: Booking, source: str, *, reason: str = "") -> BookingTransition:
    identity = acting()
    return BookingTransition(
        booking=booking,
        from_status=source,
        to_status=booking.status,
        actor_kind=identity.kind.value,
        actor_id=identity.actor_id or identity.user_id,
        reason=reason,
        starts_at=booking.starts_at,
    )


def announce(kind: str, booking: Booking, **data: Any) -> None:
    """Leave the event for other apps, and tell open pages that something changed once this is committed."""
    execute_together(announcing(kind, booking, **data))


def announcing(kind: str, booking: Booking, **data: Any) -> Statement:
    """What `announce` sends, for a caller who has more to send with it."""
    realtime.changed(
        f"doctor-slots:{booking.doctor_id}",
        f"doctor-calendar:{booking.doctor_id}",
        f"patient-bookings:{booking.patient_id}",
    )
    return outbox.recording(kind, booking, **data)
