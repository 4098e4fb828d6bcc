"""Choosing a time: the picker on the doctor's page, the page of its own, and the cards of the directory."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.availability import DoctorCalendar, load_calendars
from bookings.picker import PickerDay, PickerSlot, build_picker, read_choice, viewer_zone
from doctors.models import Doctor, VisitMode, VisitType

CARD_DAYS = 4
CARD_SLOTS = 2
MOST_CARDS = 30


@require_safe
def picker(request: HttpRequest, doctor_id: UUID) -> HttpResponse:
    """The picker alone, for pages that show it among other things."""
    doctor = get_object_or_404(Doctor.objects.public(), pk=doctor_id)
    return render(request, "bookings/_picker.html", picker_context(request, doctor))


@require_safe
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of its own for choosing a time, also without a script."""
    doctor = get_object_or_404(Doctor.objects.public(), slug=slug)
    return render(request, "bookings/choose.html", picker_context(request, doctor))


def picker_context(request: HttpRequest, doctor: Doctor) -> dict[str, Any]:
    visit_types = list(VisitType.objects.filter(doctor=doctor, is_active=True))
    if not visit_types:
        return {"doctor": doctor, "picker": None}
    zone = viewer_zone(doctor)
    choice = read_choice(doctor, visit_types, request.GET.dict(), zone)
    return {
        "doctor": doctor,
        "picker": build_picker(
            doctor,
            visit_types,
            choice,
            zone,
            link=lambda start, chosen: start_url(doctor, start, chosen.visit_type.pk, chosen.visit_mode),
            month_url=lambda query: f"{reverse('bookings:choose', args=[doctor.slug])}?{query}",
        ),
    }


def start_url(doctor: Doctor, start: datetime, visit_type_id: UUID, visit_mode: str) -> str:
    """Where booking a certain time begins."""
    query = urlencode(
        {"start": start.isoformat(), "visit_type": str(visit_type_id), "visit_mode": visit_mode}
    )
    return f"{reverse('bookings:start', args=[doctor.slug])}?{query}"


@require_safe
def card_slots(request: HttpRequest) -> HttpResponse:
    """The next free times of many doctors at once, each to be put in its card."""
    doctors = Doctor.objects.public().filter(pk__in=_ids(request.GET.get("doctors", "")))
    visit_mode = request.GET.get("visit_mode", "")
    now = timezone.now()
    longest = now + timedelta(days=CARD_DAYS * 4)
    calendars = load_calendars(doctors, window_start=now, window_end=longest)
    first_visits = {
        visit_type.doctor_id: visit_type
        for visit_type in VisitType.objects.filter(doctor_id__in=calendars, kind="standard", is_active=True)
    }
    cards = [
        {
            "doctor": calendar.doctor,
            "days": _card_days(calendar, first_visits[doctor_id], visit_mode, now),
            "zone": viewer_zone(calendar.doctor),
        }
        for doctor_id, calendar in calendars.items()
        if doctor_id in first_visits
    ]
    return render(request, "bookings/_card_slots.html", {"cards": cards})


def _ids(text: str) -> list[UUID]:
    ids = []
    for part in text.split(",")[:MOST_CARDS]:
        try:
            ids.append(UUID(part))
        except ValueError:
            continue
    return ids


def _card_days(
    calendar: DoctorCalendar, visit_type: VisitType, visit_mode: str, now: datetime
) -> list[PickerDay]:
    """The next days that have something free, with the first times of each."""
    doctor = calendar.doctor
    zone: ZoneInfo = viewer_zone(doctor)
    mode = visit_mode if visit_mode in visit_type.modes else (visit_type.modes or [VisitMode.IN_PERSON])[0]
    starts = calendar.free(
        visit_type, mode, window_start=now, window_end=now + timedelta(days=CARD_DAYS * 4), now=now
    )
    days: dict[Any, list[datetime]] = {}
    for start in starts:
        days.setdefault(start.astimezone(zone).date(), []).append(start)
    today = now.astimezone(zone).date()
    more = reverse("bookings:choose", args=[doctor.slug])
    return [
        PickerDay(
            day,
            [
                PickerSlot(start, start_url(doctor, start, visit_type.pk, mode))
                for start in listed[:CARD_SLOTS]
            ],
            today=day == today,
            more_url=f"{more}?{urlencode({'from': day.isoformat(), 'visit_mode': mode})}"
            if len(listed) > CARD_SLOTS
            else "",
            more_label=f"+{len(listed) - CARD_SLOTS}",
        )
        for day, listed in list(days.items())[:CARD_DAYS]
    ]
