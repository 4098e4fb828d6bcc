"""What became of a visit."""

from uuid import UUID

from django.db import transaction

from bookings import errors
from bookings.models import Booking
from bookings.services import moves
from bookings.transitions import Status
from medai.common.database import database_now, retrying


def complete(*, booking_id: UUID) -> Booking:
    """Record that the visit took place; once it has begun, by its doctor."""
    return _finish(booking_id, Status.COMPLETED, "booking.completed")


def mark_no_show(*, booking_id: UUID) -> Booking:
    """Record that the patient did not come; once the visit was to begin, by its doctor."""
    return _finish(booking_id, Status.NO_SHOW, "booking.no_show")


@retrying
@transaction.atomic
def _finish(booking_id: UUID, target: str, event: str) -> Booking:
    booking = moves.locked(booking_id)
    if booking.status == target:
        return booking
    if booking.status == Status.CONFIRMED and database_now() < booking.starts_at:
        raise errors.TooEarly
    moves.move(booking, target)
    moves.announce(event, booking)
    return booking
