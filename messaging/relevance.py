"""Whether something is still worth telling: asked when it is planned, and again just before it leaves."""

from datetime import UTC, datetime
from functools import lru_cache

from bookings.models import Booking
from bookings.transitions import CANCELLED, Status
from doctors.models import Doctor
from doctors.models.doctors import CredentialStatus
from messaging.models import REMINDERS, NotificationKind

_OF_BOOKING: dict[str, frozenset[str]] = {
    NotificationKind.BOOKING_CONFIRMED: frozenset({Status.CONFIRMED}),
    NotificationKind.BOOKING_PENDING: frozenset({Status.PENDING_CONFIRMATION}),
    NotificationKind.BOOKING_RESCHEDULED: frozenset({Status.CONFIRMED, Status.PENDING_CONFIRMATION}),
    NotificationKind.BOOKING_CANCELLED: CANCELLED,
    NotificationKind.REMINDER_24_HOURS: frozenset({Status.CONFIRMED}),
    NotificationKind.REMINDER_2_HOURS: frozenset({Status.CONFIRMED}),
    NotificationKind.NEW_BOOKING: frozenset({Status.CONFIRMED}),
    NotificationKind.BOOKING_TO_CONFIRM: frozenset({Status.PENDING_CONFIRMATION}),
}
_OF_DOCTOR: dict[str, CredentialStatus] = {
    NotificationKind.DOCTOR_SUBMITTED: CredentialStatus.PENDING_REVIEW,
    NotificationKind.DOCTOR_VERIFIED: CredentialStatus.VERIFIED,
    NotificationKind.DOCTOR_REJECTED: CredentialStatus.REJECTED,
}


def holds_for_booking(kind: str, booking: Booking, occasion: str = "") -> bool:
    """Whether the booking still is what the message says; a reminder must be for the time it has now."""
    if kind in REMINDERS and occasion != occasion_of(booking.starts_at):
        return False
    return booking.status in _OF_BOOKING.get(kind, frozenset())


def holds_for_doctor(kind: str, doctor: Doctor) -> bool:
    return doctor.credential_status == _OF_DOCTOR.get(kind)


@lru_cache(maxsize=1024)
def occasion_of(starts_at: datetime) -> str:
    """A reminder is for one start: a visit that is moved and moved back is called to mind once."""
    return starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
