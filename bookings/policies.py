"""What a patient may still do with a booking, and what it costs: rules copied to the booking when it was made."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings import errors
from bookings.models import Booking
from bookings.transitions import Status
from medai.common.identity import Kind

CONFIRMATION_MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """`fee_minor` is what is kept of the price (minor units); `is_free` until `free_until`."""

    is_free: bool
    free_until: datetime
    fee_minor: int
    refund_minor: int


def cancellation_terms(booking: Booking, *, kind: Kind, now: datetime) -> CancellationTerms:
    """What cancelling costs now. Only a patient ever pays a late fee, and never for a visit not yet confirmed."""
    late = (
        kind == Kind.PATIENT and booking.status == Status.CONFIRMED and now > booking.free_cancellation_until
    )
    # Whole minor units, rounded down in the patient's favour.
    fee = booking.total_minor * booking.late_fee_percent // 100 if late else 0
    return CancellationTerms(
        is_free=fee == 0,
        free_until=booking.free_cancellation_until,
        fee_minor=fee,
        refund_minor=booking.total_minor - fee,
    )


def may_cancel(booking: Booking, *, now: datetime) -> bool:
    return booking.status in (Status.PENDING_CONFIRMATION, Status.CONFIRMED) and now < booking.starts_at


def may_reschedule(booking: Booking, *, kind: Kind, now: datetime) -> bool:
    """A patient may move a visit as long as cancelling is free; the doctor and staff until it begins."""
    if booking.status not in (Status.PENDING_CONFIRMATION, Status.CONFIRMED) or now >= booking.starts_at:
        return False
    return kind != Kind.PATIENT or booking.late_fee_percent == 0 or now <= booking.free_cancellation_until


def confirmation_deadline(booking: Booking, *, now: datetime) -> datetime:
    """By when the doctor must confirm: their own number of hours, yet always before the visit."""
    deadline = now + timedelta(hours=booking.doctor.confirmation_deadline_hours)
    latest = max(booking.starts_at - CONFIRMATION_MARGIN, now + (booking.starts_at - now) / 2)
    return min(deadline, latest)


def check_deadline(booking: Booking, *, now: datetime) -> None:
    """Raise `ConfirmationOverdue` once the deadline passed, by the database's clock: it is cancelled, swept or not."""
    if booking.confirm_by is not None and booking.confirm_by < now:
        raise errors.ConfirmationOverdue
