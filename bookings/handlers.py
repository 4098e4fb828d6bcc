"""What bookings does when something happened: here and in the apps below."""

from collections.abc import Sequence
from typing import Any

from bookings.models import Booking
from bookings.projections import refresh_availability
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
