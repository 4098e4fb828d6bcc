"""Where the buttons of a message lead: absolute addresses, and signed ones for patients, who need not sign in."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from bookings.links import booking_url
from bookings.models import Booking
from doctors.models import Doctor
from medai.common import navigation
from messaging.models import NotificationKind as Kind


@dataclass(frozen=True, slots=True)
class Action:
    label: str
    url: str
    is_primary: bool = False


def absolute(route: str, *args: object) -> str:
    """The address of a page, or of the site's first page while no app serves it."""
    return settings.SITE_URL + (navigation.address(route, *args) or "/")


def settings_url() -> str:
    return absolute("messaging:settings")


def actions(
    kind: str, audience: str, doctor: Doctor, booking: Booking | None, user_id: UUID | None
) -> list[Action]:
    """What the reader, an account or a patient without one, may do next, the most likely first."""
    if booking is None:
        return _for_applicant(kind, doctor)
    if audience == "doctor":
        return _for_doctor(kind, booking)
    return _for_patient(kind, doctor, booking, user_id)


def _for_patient(kind: str, doctor: Doctor, booking: Booking, user_id: UUID | None) -> list[Action]:
    if kind == Kind.BOOKING_CANCELLED:
        return [Action(_("Choose another time"), absolute("doctors:profile", doctor.slug), is_primary=True)]
    actions = [Action(_("Show the visit"), booking_url(booking, "view", user_id=user_id), is_primary=True)]
    if kind != Kind.BOOKING_PENDING:
        actions.append(
            Action(_("Move it to another time"), booking_url(booking, "reschedule", user_id=user_id))
        )
    actions.append(Action(_("Cancel the visit"), booking_url(booking, "cancel", user_id=user_id)))
    return actions


def _for_doctor(kind: str, booking: Booking) -> list[Action]:
    label = _("Confirm or decline") if kind == Kind.BOOKING_TO_CONFIRM else _("Open the booking")
    return [Action(label, absolute("bookings:doctor-booking", booking.pk), is_primary=True)]


def _for_applicant(kind: str, doctor: Doctor) -> list[Action]:
    if kind == Kind.DOCTOR_VERIFIED:
        return [Action(_("Open your calendar"), absolute("bookings:doctor-calendar"), is_primary=True)]
    label = _("Correct and send again") if kind == Kind.DOCTOR_REJECTED else _("See your application")
    return [Action(label, absolute("doctors:onboarding"), is_primary=True)]
