"""One booking, or many, as an iCalendar object."""

from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from bookings.models import Booking
from doctors.models import VisitMode

Audience = Literal["patient", "doctor"]

PRODUCT = "-//MedAI//Bookings//EN"


def booking_ics(booking: Booking, *, audience: Audience) -> bytes:
    """The booking as a message to one side's calendar, in the active language.

    METHOD is CANCEL once the booking is cancelled, else REQUEST; SEQUENCE rises with each change of time, so that a
    calendar app moves the entry it has (RFC 5546).
    """
    calendar = _calendar("CANCEL" if booking.is_cancelled else "REQUEST")
    calendar.add_component(_event(booking, audience))
    return calendar.to_ical()


def feed_ics(bookings: Iterable[Booking], *, audience: Audience, name: str) -> bytes:
    """Many bookings as one published calendar named `name`."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval;value=duration", "PT1H")
    for booking in bookings:
        calendar.add_component(_event(booking, audience))
    return calendar.to_ical()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(booking: Booking, audience: Audience) -> Event:
    event = Event()
    event.add("uid", f"{booking.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", booking.revision + int(booking.is_cancelled))
    event.add("dtstamp", booking.updated_at)
    event.add("created", booking.created_at)
    event.add("last-modified", booking.updated_at)
    event.add("dtstart", booking.starts_at)
    event.add("dtend", booking.ends_at)
    event.add("summary", _summary(booking, audience))
    event.add("status", _status(booking))
    event.add("transp", "TRANSPARENT" if booking.is_cancelled else "OPAQUE")
    event.add("location", _location(booking))
    event.add("description", _("Reference: %(reference)s") % {"reference": booking.reference})
    if booking.office and booking.office.latitude is not None:
        event.add("geo", (booking.office.latitude, booking.office.longitude))
    organizer = vCalAddress(f"mailto:{settings.CALENDAR_ORGANIZER}")
    organizer.params["cn"] = vText(booking.doctor.display_name)
    event.add("organizer", organizer)
    return event


def _summary(booking: Booking, audience: Audience) -> str:
    # A doctor's calendar app may be read by others, so it names the patient by initials only.
    if audience == "doctor":
        initials = "".join(f"{name[0]}." for name in booking.patient.full_name.split() if name)
        return f"{initials} {booking.visit_type.name}"
    return _("%(visit)s with %(doctor)s") % {
        "visit": booking.visit_type.name,
        "doctor": booking.doctor.name_in_a_sentence,
    }


def _location(booking: Booking) -> str:
    if booking.visit_mode == VisitMode.VIDEO:
        return booking.meeting_link or _("By video")
    return str(booking.office or "")


def _status(booking: Booking) -> str:
    if booking.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if booking.status == Booking.Status.PENDING_CONFIRMATION else "CONFIRMED"
