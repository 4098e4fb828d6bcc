"""Free times, for everybody."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.guards import ANYONE, HasAllowedRole
from bookings.api.serializers import SlotQuerySerializer, SlotsSerializer
from bookings.availability import load_calendar, next_free_start
from bookings.errors import VisitTypeNotOffered
from bookings.practices import practice_of
from doctors.models import Doctor, VisitType
from medai.common.api import ApiView, answer
from medai.common.errors import NotFound


class SlotsView(ApiView):
    """The free starts of one doctor for one kind of visit, day by day in the doctor's zone."""

    allowed_roles = ANYONE
    permission_classes = [HasAllowedRole]

    @extend_schema(tags=["public"], parameters=[SlotQuerySerializer], responses=SlotsSerializer)
    def get(self, request: Request) -> Response:
        query = SlotQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        doctor = _public_doctor(wanted["doctor"])
        visit_type = _visit_type(doctor, wanted.get("visit_type"))
        return answer(slots_of(doctor, visit_type, wanted, now=timezone.now()))


def slots_of(
    doctor: Doctor, visit_type: VisitType, wanted: dict[str, Any], *, now: datetime
) -> dict[str, Any]:
    """The answer of the slots endpoint; what it holds is described by `SlotsSerializer`."""
    zone = ZoneInfo(doctor.time_zone)
    first_day = wanted.get("date_from") or now.astimezone(zone).date()
    window_start = datetime.combine(first_day, datetime.min.time(), tzinfo=zone)
    window_end = datetime.combine(
        first_day + timedelta(days=wanted["days"]), datetime.min.time(), tzinfo=zone
    )
    calendar = load_calendar(doctor, window_start=window_start, window_end=window_end)
    starts = calendar.free(
        visit_type,
        wanted["visit_mode"],
        window_start=window_start,
        window_end=window_end,
        now=now,
        office_id=wanted.get("office"),
    )
    next_free = starts[0] if starts else None
    if next_free is None and window_start <= now:
        horizon = load_calendar(
            doctor, window_start=now, window_end=now + timedelta(days=doctor.horizon_days + 1)
        )
        next_free = next_free_start(horizon, [visit_type], wanted["visit_mode"], now=now)
    by_day = groupby(starts, key=lambda start: start.astimezone(zone).date())
    return {
        "doctor": doctor.pk,
        "visit_type": visit_type.pk,
        "visit_mode": wanted["visit_mode"],
        "duration_minutes": visit_type.duration_minutes,
        "time_zone": doctor.time_zone,
        "next_free_at": next_free,
        "days": [{"date": day, "starts_at": list(listed)} for day, listed in by_day],
    }


def _public_doctor(identifier: str) -> Doctor:
    try:
        found = Doctor.objects.public().filter(pk=UUID(identifier)).first()
    except ValueError:
        found = Doctor.objects.public().filter(slug=identifier).first()
    if found is None:
        raise NotFound(field="doctor")
    return found


def _visit_type(doctor: Doctor, visit_type_id: UUID | None) -> VisitType:
    for visit_type in practice_of(doctor).visit_types:
        if visit_type.pk == visit_type_id or (visit_type_id is None and visit_type.kind == "standard"):
            return visit_type
    raise VisitTypeNotOffered(field="visit_type")
