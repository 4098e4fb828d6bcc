"""Every write to a booking. Each verb is one transaction and ends in a booking or a `DomainError`.

Whoever asks is `medai.common.identity.current_identity()`: a patient or those who care for them, the doctor, staff,
or the system. A booking out of their reach does not exist for them.
"""

from bookings.services.cancellations import cancel
from bookings.services.confirmations import confirm
from bookings.services.details import describe
from bookings.services.expiry import cancel_unconfirmed, expire_holds
from bookings.services.holds import hold
from bookings.services.manual import book_for_patient
from bookings.services.outcomes import complete, mark_no_show
from bookings.services.rescheduling import reschedule

__all__ = [
    "book_for_patient",
    "cancel",
    "cancel_unconfirmed",
    "complete",
    "confirm",
    "describe",
    "expire_holds",
    "hold",
    "mark_no_show",
    "reschedule",
]
