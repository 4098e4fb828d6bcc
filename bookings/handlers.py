"""What bookings does when something happened: here and in the apps below."""

from collections.abc import Sequence
from typing import Any

from bookings.models import Booking
from bookings.projections import refresh_availability
from bookings.services import cancel
from bookings.transitions import Status
from medai.common import outbox

TIME_CHANGED = (
    "booking.held",
    "booking.rescheduled",
    "booking.cancelled",
    "booking.expired",
    "booking.confirmed",
)


@outbox.batch_handler(*TIME_CHANGED)
def refresh_doctor_of_booking(events: Sequence[Any]) -> None:
    booking_ids = [event.subject_id for event in events]
    refresh_availability(Booking.objects.filter(pk__in=booking_ids).values_list("doctor_id", flat=True))


@outbox.batch_handler("doctor.schedule_changed", "doctor.verified")
def refresh_doctor(events: Sequence[Any]) -> None:
    refresh_availability(event.subject_id for event in events)


@outbox.handler("patient.guardian_removed")
def let_go_of_holds(event: Any) -> None:
    """Whoever made them can neither confirm nor give them up any more, and they count for no limit of theirs."""
    held = Booking.objects.filter(
        patient_id=event.subject_id, created_by_id=event.data["user_id"], status=Status.HELD
    )
    for booking_id in list(held.values_list("pk", flat=True)):
        cancel(booking_id=booking_id, reason="guardian_removed")
