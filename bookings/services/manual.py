"""Booking on somebody's behalf."""

from typing import Any

from django.db import transaction

from bookings.models import Booking, Channel
from bookings.services.confirmations import confirm
from bookings.services.holds import hold


@transaction.atomic
def book_for_patient(*, channel: str = Channel.ADMIN_MANUAL, **wish: Any) -> Booking:
    """Hold and confirm in one step, as staff do on the phone; `wish` as for `hold`."""
    booking = hold(channel=channel, **wish)
    return confirm(booking_id=booking.pk)
