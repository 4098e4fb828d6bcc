"""How bookings are shown: the tone of a status, the words of a move."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from babel.numbers import format_percent
from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.translation import gettext as _

from bookings import payments
from bookings.models import Booking, BookingTransition
from bookings.picker import Picker
from bookings.transitions import Status
from medai.common import localtime

register = template.Library()

TONES = {
    Status.HELD: "info",
    Status.PENDING_CONFIRMATION: "warn",
    Status.CONFIRMED: "ok",
    Status.NO_SHOW: "danger",
    Status.CANCELLED_BY_DOCTOR: "danger",
}

COMING = (Status.PENDING_CONFIRMATION, Status.CONFIRMED)


@register.simple_tag
def booking_badge(booking: Booking) -> str:
    label = Booking.Status(booking.status).label
    return render_to_string("components/badge.html", {"label": label, "tone": TONES.get(booking.status, "")})


@register.filter
def moved(transition: BookingTransition) -> str:
    """What a transition did, in words."""
    if transition.reason == "rescheduled":
        return _("Moved to another time")
    return {
        Status.HELD: _("Time reserved"),
        Status.PENDING_CONFIRMATION: _("Booked, waiting for the doctor"),
        Status.CONFIRMED: _("Confirmed"),
        Status.COMPLETED: _("Visit completed"),
        Status.NO_SHOW: _("Did not attend"),
        Status.EXPIRED: _("The reservation ran out"),
        Status.CANCELLED_BY_PATIENT: _("Cancelled by the patient"),
        Status.CANCELLED_BY_DOCTOR: _("Cancelled by the doctor"),
        Status.CANCELLED_BY_ADMIN: _("Cancelled by MedAI"),
    }[transition.to_status]


@register.filter
def how_paid(booking: Booking) -> str:
    """How it is paid, to go behind the price."""
    return payments.how_paid(booking)


@register.filter
def is_coming(booking: Booking) -> bool:
    return booking.status in COMING and booking.ends_at > timezone.now()


@register.simple_tag(takes_context=True)
def keep_offline(context: dict[str, Any]) -> str:
    """The attribute of a page that its person may read without a connection; none while staff act as that person."""
    site = context["site"]
    if site.user is None or site.impersonating:
        return ""
    # Tells one person's pages from another's on a shared device, and nothing else.
    mark = salted_hmac("medai.offline", str(site.user.pk)).hexdigest()[:16]
    return format_html(' data-offline="{}"', mark)


@register.simple_tag
def picker_query(picker: Picker, **changes: object) -> str:
    """The picker's query string with some of its choices changed."""
    return picker.choice.query(**changes)


@register.filter
def zone_of_day(day: date, zone: ZoneInfo) -> str:
    """The zone's name and offset on that day: "Bogotá time (GMT-5)"."""
    return localtime.zone_label(datetime.combine(day, time(12), tzinfo=zone), zone)


@register.filter
def days_until(first: date, last: date) -> str:
    """A span of days: "16 a 22 de noviembre"."""
    if (first.year, first.month) != (last.year, last.month) or first.year != timezone.now().year:
        return _("%(first)s to %(last)s") % {
            "first": localtime.day_date(first),
            "last": localtime.day_date(last),
        }
    return _("%(month)s %(first)s to %(last)s") % {
        "month": localtime.format_date(first, "MMMM", locale=localtime.language()),
        "first": first.day,
        "last": last.day,
    }


@register.filter
def phone_number(text: str) -> str:
    """A number as people write it, with its country: "+57 601 555 0102"; as it is where it is none."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@register.filter
def zone_city(zone: str) -> str:
    return localtime.city(zone)


@register.filter
def zone_of_day_name(day: date, zone: str) -> str:
    return zone_of_day(day, ZoneInfo(zone))


@register.filter
def share(value: float | None) -> str:
    """A part of one as "84 %", or a dash while it is not known."""
    return "–" if value is None else format_percent(value, locale=localtime.language())


@register.simple_tag
def weekday_points(daily: list[tuple[date, int]]) -> list[tuple[str, float]]:
    return [(localtime.short_weekday(day).capitalize(), number) for day, number in daily]
