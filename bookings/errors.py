"""What can go wrong with a booking, in words for the person who tried."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from medai.common.errors import DomainError, FieldError


class DoctorUnavailable(DomainError):
    code = "doctor_unavailable"
    status = 409
    message = _("This doctor does not take bookings at the moment.")


class NotAcceptingNewPatients(DomainError):
    code = "not_accepting_new_patients"
    status = 409
    message = _("This doctor only sees patients who have been here before.")


class PatientNotFound(DomainError):
    code = "patient_not_found"
    status = 404
    message = _("Choose yourself or someone you care for.")


class BookingNotFound(DomainError):
    code = "booking_not_found"
    status = 404
    title = _("Visit not found")
    message = _("We could not find this visit among yours.")


class VisitTypeNotOffered(DomainError):
    code = "visit_type_not_offered"
    status = 400
    message = _("This doctor does not offer this kind of visit. Choose one from the list.")


class VisitModeNotOffered(DomainError):
    code = "visit_mode_not_offered"
    status = 400
    message = _("This visit is not offered that way. Choose in person or video as the doctor offers it.")


class OfficeNotOffered(DomainError):
    code = "office_not_offered"
    status = 400
    message = _("The doctor does not see patients at that office then. Choose another office or time.")


class PaymentMethodNotOffered(DomainError):
    code = "payment_method_not_offered"
    status = 400
    message = _("This visit cannot be paid that way. Choose one of the ways that are offered.")


class SlotError(DomainError):
    """A time that cannot be booked. `alternatives` are the nearest free starts (UTC), for the page to offer."""

    status = 409

    def __init__(
        self, *, field: str | None = "starts_at", alternatives: Sequence[datetime] = (), **params: Any
    ) -> None:
        super().__init__(field=field, **params)
        self.alternatives = list(alternatives)

    @property
    def errors(self) -> list[FieldError]:
        return [FieldError(self.field, self.code, str(self), tuple(self.alternatives))]


class SlotTaken(SlotError):
    code = "slot_taken"
    message = _("Somebody else took that time. Choose one of the nearest free ones.")


class SlotInThePast(SlotError):
    code = "slot_in_the_past"
    status = 400
    message = _("That time has passed. Choose a later one.")


class SlotTooSoon(SlotError):
    code = "slot_too_soon"
    status = 400
    message = _("The doctor needs more notice than that. Choose a later time.")


class SlotTooFarAhead(SlotError):
    code = "slot_too_far_ahead"
    status = 400
    message = _("The doctor does not take bookings that far ahead. Choose an earlier time.")


class SlotNotOffered(SlotError):
    code = "slot_not_offered"
    status = 400
    message = _("The doctor does not see patients at that time. Choose one of the times shown.")


class DayIsFull(SlotError):
    code = "day_is_full"
    message = _("The doctor is full that day. Choose another day.")


class PatientBusy(DomainError):
    code = "patient_busy"
    status = 409
    message = _(
        "The patient has another visit at that time. Choose another time, or change the other visit first."
    )


class HoldExpired(SlotError):
    code = "hold_expired"
    field = None
    message = _("The time to complete the booking ran out, so the slot was released. Choose a time again.")


class TooManyHolds(DomainError):
    code = "too_many_holds"
    status = 429
    retry_after = 600
    message = _("You are reserving several times at once. Complete or leave one of them first.")


class HoldsTooOften(DomainError):
    code = "holds_too_often"
    status = 429
    retry_after = 3600
    message = _(
        "You have reserved many different times within an hour. Wait a little, or confirm the one you keep now."
    )


class MovesTooOften(DomainError):
    code = "moves_too_often"
    status = 429
    retry_after = 3600
    message = _(
        "You have moved visits many times within an hour. Wait a little, or keep the time you have now."
    )


class ConfirmationOverdue(DomainError):
    code = "confirmation_overdue"
    status = 409
    message = _("The deadline to confirm this visit has passed, so it is being cancelled.")


class PaymentRequired(DomainError):
    code = "payment_required"
    status = 402
    message = _("This booking is confirmed once it is paid.")


class TransitionNotAllowed(DomainError):
    code = "transition_not_allowed"
    status = 409
    message = _("This cannot be done any more: the booking is “%(status)s”.")


class TooLateToChange(DomainError):
    code = "too_late_to_change"
    status = 409
    message = _("It is too late to change this visit online. Please call the office.")


class TooLateToCancel(DomainError):
    code = "too_late_to_cancel"
    status = 409
    message = _("The visit has begun, so it cannot be cancelled any more.")


class TooEarly(DomainError):
    code = "visit_not_begun"
    status = 409
    message = _("This can be recorded once the visit has begun.")


class InsuranceNotAccepted(DomainError):
    code = "insurance_not_accepted"
    status = 400
    message = _("The doctor does not work with that insurer. Choose another one, or pay privately.")


class LinkInvalid(DomainError):
    code = "link_invalid"
    status = 404
    title = _("This link does not work")
    message = _("This link is not complete or was changed. Open it again from the message we sent.")


class LinkExpired(DomainError):
    code = "link_expired"
    status = 410
    title = _("This link has run out")
    message = _("This link has run out, since the visit is over. Sign in to see your bookings.")


class FeedNotFound(DomainError):
    code = "feed_not_found"
    status = 404
    message = _("This calendar address does not exist or was revoked.")
