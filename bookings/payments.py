"""How a visit is paid, in words that go on a line behind its price."""

from django.utils.translation import gettext as _

from bookings.models import Booking, PaymentMethod
from doctors.models import VisitMode


def offered(method: str, visit_mode: str) -> str:
    """How a way to pay is offered for a visit of that mode."""
    if method == PaymentMethod.AT_CLINIC and visit_mode == VisitMode.VIDEO:
        return _("Pay the doctor directly")
    return str(PaymentMethod(method).label)


def how_paid(booking: Booking) -> str:
    """ "payable at the office"; whoever is seen by video comes to no office."""
    if booking.payment_method == PaymentMethod.ONLINE:
        return _("payable online")
    if booking.payment_method == PaymentMethod.FREE:
        return _("free of charge")
    if booking.visit_mode == VisitMode.VIDEO:
        return _("payable to the doctor directly")
    return _("payable at the office")
