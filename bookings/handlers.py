"""What bookings does when something happened: here and in the apps below."""

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


@outbox.handler(*TIME_CHANGED)
def refresh_doctor_of_booking(event: Any) -> None:
    refresh_availability(Booking.objects.filter(pk=event.subject_id).values_list("doctor_id", flat=True))


@outbox.handler("doctor.schedule_changed", "doctor.verified")
def refresh_doctor(event: Any) -> None:
    refresh_availability([event.subject_id])
