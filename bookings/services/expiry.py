"""What time does to bookings: holds run out, and doctors miss their deadline."""

from uuid import UUID

from django.db import transaction

from bookings.models import Booking
from bookings.services import moves, occupancy
from bookings.transitions import Status
from medai.common.database import ClockTimestamp, database_now, retrying

BATCH = 200


def expire_holds(*, batch: int = BATCH) -> int:
    """Mark holds that ran out by the database's clock; the number marked. Their time was free already."""
    total = 0
    while done := _expire_some(batch):
        total += done
    return total


# A hold deletes what ran out in its way, whichever order that has, so the two can wait for each other.
@retrying
@transaction.atomic
def _expire_some(batch: int) -> int:
    run_out = (
        Booking.objects.filter(status=Status.HELD, hold_expires_at__lt=ClockTimestamp())
        .order_by("hold_expires_at")
        .select_for_update(skip_locked=True)[:batch]
    )
    bookings = list(run_out)
    for booking in bookings:
        moves.move(booking, Status.EXPIRED)
        occupancy.release(booking)
        moves.announce("booking.expired", booking)
    return len(bookings)


def cancel_unconfirmed() -> int:
    """Cancel bookings that the doctor did not confirm by the deadline; the number cancelled."""
    overdue = Booking.objects.filter(
        status=Status.PENDING_CONFIRMATION, confirm_by__lt=ClockTimestamp()
    ).values_list("pk", flat=True)
    return sum(_cancel_overdue(booking_id) for booking_id in list(overdue))


@retrying
@transaction.atomic
def _cancel_overdue(booking_id: UUID) -> bool:
    booking = moves.locked(booking_id)
    now = database_now()
    if (
        booking.status != Status.PENDING_CONFIRMATION
        or booking.confirm_by is None
        or booking.confirm_by >= now
    ):
        return False
    booking.cancelled_at, booking.confirm_by = now, None
    moves.move(booking, Status.CANCELLED_BY_DOCTOR, reason="deadline", fields=("cancelled_at", "confirm_by"))
    occupancy.release(booking)
    moves.announce(
        "booking.cancelled",
        booking,
        by="system",
        reason="deadline",
        was_held=False,
        refund_minor=booking.total_minor,
        fee_minor=0,
    )
    return True
