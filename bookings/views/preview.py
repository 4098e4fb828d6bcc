"""What patients would see if the hours being typed were saved."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import role_required
from accounts.models import Role
from bookings.availability import DoctorCalendar, load_calendar
from bookings.picker import PickerDay, PickerSlot
from bookings.views.doctor import own_doctor
from doctors.models import VisitMode, VisitType
from doctors.schedules import parse_weekly_hours

DAYS = 14
COLUMNS = 4
SLOTS = 4


@require_POST
@role_required(Role.DOCTOR)
def schedule_preview(request: HttpRequest) -> HttpResponse:
    """The slots of the coming days under the unsaved weekly hours, with the saved exceptions, rules and visits."""
    doctor = own_doctor()
    if doctor is None:
        raise Http404
    parsed = parse_weekly_hours(request.POST)
    visit_type = VisitType.objects.filter(doctor=doctor, is_active=True).order_by("-kind").first()
    zone = ZoneInfo(doctor.time_zone)
    first = timezone.now().astimezone(zone).date() + timedelta(days=1)
    since = datetime.combine(first, datetime.min.time(), tzinfo=zone)
    saved = load_calendar(doctor, window_start=since, window_end=since + timedelta(days=DAYS))
    typed = replace(saved, weekly_hours=[row for row in parsed.rows if row.is_active], known_rules={})
    before, after = (
        _starts(calendar, visit_type, since) if visit_type else [] for calendar in (saved, typed)
    )
    context = {
        "days": _days(after, first, zone),
        "zone": zone,
        "total": len(after),
        "more": max(len(after) - len(before), 0),
        "fewer": max(len(before) - len(after), 0),
        "errors": parsed.errors,
        "last": first + timedelta(days=DAYS - 1),
    }
    return render(request, "bookings/_schedule_preview.html", context)


def _starts(calendar: DoctorCalendar, visit_type: VisitType, since: datetime) -> list[datetime]:
    found: set[datetime] = set()
    for mode in VisitMode.values:
        if mode in visit_type.modes:
            window_end = since + timedelta(days=DAYS)
            found.update(
                calendar.free(visit_type, mode, window_start=since, window_end=window_end, now=timezone.now())
            )
    return sorted(found)


def _days(starts: list[datetime], first: date, zone: ZoneInfo) -> list[PickerDay]:
    by_day: dict[date, list[datetime]] = {}
    for start in starts:
        by_day.setdefault(start.astimezone(zone).date(), []).append(start)
    return [
        PickerDay(
            day,
            [PickerSlot(start) for start in listed[:SLOTS]],
            more_label=f"+{len(listed) - SLOTS}" if len(listed) > SLOTS else "",
        )
        for day, listed in list(by_day.items())[:COLUMNS]
    ]
