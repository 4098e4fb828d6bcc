from bookings.models.bookings import Booking, BookingTransition, Channel, PaymentMethod
from bookings.models.calendars import CalendarFeed
from bookings.models.occupancy import BusyPeriod

__all__ = ["Booking", "BookingTransition", "BusyPeriod", "CalendarFeed", "Channel", "PaymentMethod"]
