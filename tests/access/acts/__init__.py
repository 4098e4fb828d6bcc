"""What people do beside other people's rows; importing this registers all of it in `stage.ACTS`."""

from tests.access.acts import accounts, bookings, doctors, messaging

__all__ = ["accounts", "bookings", "doctors", "messaging"]
