"""Booking on somebody's behalf."""

from typing import Any

from django.db import transaction

from accounts import audit
from bookings.models import Booking, Channel
from bookings.services.confirmations import confirm
from bookings.services.holds import hold


@transaction.atomic
def book_for_patient(*, channel: str = Channel.ADMIN_MANUAL, **wish: Any) -> Booking:
    """Hold and confirm in one step, as staff do on the phone; `wish` as for `hold`."""
    booking = confirm(booking_id=hold(channel=channel, **wish).pk)
    audit.record("booked_for_patient", booking, channel=channel, doctor=str(booking.doctor_id))
    return booking
