"""Filters of doctors' pages."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from doctors.directory.cards import Card
from doctors.models import ScheduleException, WeeklyHours
from doctors.schedules import span
from medai.common import localtime
from medai.common.components.maps import Pin

register = template.Library()


@register.filter
def hours_of(row: WeeklyHours | ScheduleException) -> str:
    """ "08:00–12:00" """
    return span(row.start_minute, row.end_minute)


@register.filter
def near_day(moment: datetime, zone: ZoneInfo) -> str:
    """ "today", else the weekday in short: for times of the coming week."""
    if localtime.local_date(moment, zone) == localtime.local_date(timezone.now(), zone):
        return _("today")
    return localtime.short_weekday(moment, zone)


@register.filter
def from_monday(rows: Iterable[WeeklyHours]) -> list[WeeklyHours]:
    """The hours of a week in the order of its days, as weeks are written here."""
    return sorted(rows, key=lambda row: ((row.day_of_week - 1) % 7, row.start_minute))


@register.filter
def pins(cards: Iterable[Card]) -> list[Pin]:
    """Where the doctors of these cards see patients, as far as it is known."""
    return [card.pin for card in cards if card.pin is not None]
