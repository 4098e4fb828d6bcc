"""What the pages of the doctor's portal share."""

import functools
from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.guards import role_required
from accounts.models import Role
from doctors.access import own_doctor_or_none
from doctors.models import Doctor

View = Callable[..., HttpResponse]


def practice_page(view: View) -> View:
    """A page for doctors, called with theirs; whoever has no practice yet is sent to set it up."""

    @never_cache
    @role_required(Role.DOCTOR)
    @functools.wraps(view)
    def page(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        doctor = own_doctor_or_none()
        if doctor is None:
            return redirect("doctors:onboarding")
        return view(request, doctor, *args, **kwargs)

    return page


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks, and only wants the part that it swaps."""
    return request.headers.get("HX-Request") == "true"


def schedule_tabs(doctor: Doctor, current: str) -> list[dict[str, Any]]:
    count = doctor.schedule_exceptions.filter(date__gte=today_of(doctor)).values("date").distinct().count()
    return [
        _tab(_("Weekly hours"), "schedule", current),
        {**_tab(_("Exceptions"), "exceptions", current), "badge": count or ""},
        _tab(_("Booking rules"), "rules", current),
    ]


def practice_tabs(current: str) -> list[dict[str, Any]]:
    return [
        _tab(_("Public profile"), "practice", current),
        _tab(_("Offices"), "offices", current),
        _tab(_("Visits and fees"), "visit-types", current),
        _tab(_("Documents"), "documents", current),
    ]


def _tab(label: str, route: str, current: str) -> dict[str, Any]:
    return {"label": label, "url": reverse(f"doctors:{route}"), "current": route == current}


def today_of(doctor: Doctor) -> date:
    """The date on the doctor's own calendar."""
    return timezone.now().astimezone(ZoneInfo(doctor.time_zone)).date()
