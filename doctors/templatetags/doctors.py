"""Filters of doctors' pages."""

from django import template

from doctors.models import ScheduleException, WeeklyHours
from doctors.schedules import span

register = template.Library()


@register.filter
def hours_of(row: WeeklyHours | ScheduleException) -> str:
    """ "08:00–12:00" """
    return span(row.start_minute, row.end_minute)
