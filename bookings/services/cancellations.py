"""Giving a booking up, whoever does it."""

from uuid import UUID

from django.db import transaction

from accounts import audit
from bookings import errors, policies
from bookings.models import Booking
from bookings.services import moves, occupancy
from bookings.transitions import CANCELLED, Status
from medai.common.database import database_now, retrying
from medai.common.identity import Kind

BY = {
    Kind.PATIENT: Status.CANCELLED_BY_PATIENT,
    Kind.DOCTOR: Status.CANCELLED_BY_DOCTOR,
    Kind.ADMIN: Status.CANCELLED_BY_ADMIN,
}


@retrying
@transaction.atomic
def cancel(*, booking_id: UUID, reason: str = "") -> Booking:
    """Cancel a booking, or leave a hold, and free its time.

    The event carries what is to be given back (`refund_minor`); a doctor or staff who cancels gives back everything.
    Cancelling what is cancelled already changes nothing. Raises `TooLateToCancel` once the visit has begun.
    """
    booking = moves.locked(booking_id)
    identity = moves.acting()
    if booking.status in CANCELLED:
        return booking
    now = database_now()
    if booking.status != Status.HELD and booking.is_live and now >= booking.starts_at:
        raise errors.TooLateToCancel
    before = booking.status
    terms = policies.cancellation_terms(booking, kind=identity.kind, now=now)
    # Whoever only held the time had booked nothing that could be cancelled: no doctor sees who it was.
    booking.cancelled_at = None if before == Status.HELD else now
    booking.cancelled_by_id = identity.actor_id or identity.user_id
    booking.cancellation_reason = reason.strip()[:300]
    booking.confirm_by = None
    moves.move(
        booking,
        BY.get(identity.kind, Status.CANCELLED_BY_PATIENT),
        reason=booking.cancellation_reason,
        fields=("cancelled_at", "cancelled_by", "cancellation_reason", "confirm_by"),
    )
    occupancy.release(booking)
    if identity.kind == Kind.ADMIN:
        audit.record("cancelled_booking", booking, old=before, new=booking.status)
    moves.announce(
        "booking.cancelled",
        booking,
        by=identity.kind.value,
        was_held=before == Status.HELD,
        refund_minor=terms.refund_minor,
        fee_minor=terms.fee_minor,
    )
    return booking
