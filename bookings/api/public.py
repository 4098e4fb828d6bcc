"""Free times, for everybody."""

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
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
from bookings.practices import Practice, public_practice
from doctors.models import Doctor, VisitType
from medai.common.api import ApiView, answer
from medai.common.errors import NotFound


class SlotsView(ApiView):
    """The free starts of one doctor for one kind of visit, day by day in the doctor's zone."""

    allowed_roles = ANYONE
    permission_classes = [HasAllowedRole]

    @extend_schema(
        tags=["public"], parameters=[SlotQuerySerializer], responses={200: SlotsSerializer, 404: None}
    )
    def get(self, request: Request) -> Response:
        query = SlotQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        practice = _public_practice(wanted["doctor"])
        visit_type = _visit_type(practice, wanted.get("visit_type"))
        return answer(slots_of(practice.doctor, visit_type, wanted, now=timezone.now()))


def slots_of(
    doctor: Doctor, visit_type: VisitType, wanted: dict[str, Any], *, now: datetime
) -> dict[str, Any]:
    """The answer of the slots endpoint; what it holds is described by `SlotsSerializer`."""
    zone = ZoneInfo(doctor.time_zone)
    first_day = wanted.get("date_from") or now.astimezone(zone).date()
    window_start = datetime.combine(first_day, time.min, tzinfo=zone)
    window_end = datetime.combine(first_day + timedelta(days=wanted["days"]), time.min, tzinfo=zone)
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
    return {
        "doctor": doctor.pk,
        "visit_type": visit_type.pk,
        "visit_mode": wanted["visit_mode"],
        "duration_minutes": visit_type.duration_minutes,
        "time_zone": doctor.time_zone,
        "next_free_at": next_free,
        "days": _days(starts, zone),
    }


def _days(starts: list[datetime], zone: ZoneInfo) -> list[dict[str, Any]]:
    """The starts by date. They are written out here: the encoder takes four times as long for hundreds of them."""
    days: list[dict[str, Any]] = []
    next_midnight = None
    for start in starts:
        if next_midnight is None or start >= next_midnight:
            day = start.astimezone(zone).date()
            next_midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)
            days.append({"date": day, "starts_at": []})
        days[-1]["starts_at"].append(f"{start.isoformat()[:-6]}Z")
    return days


def _public_practice(identifier: UUID | str) -> Practice:
    with suppress(ValueError):  # then it is a slug
        identifier = UUID(str(identifier))
    practice = public_practice(identifier)
    if practice is None:
        raise NotFound(field="doctor")
    return practice


def _visit_type(practice: Practice, visit_type_id: UUID | None) -> VisitType:
    for visit_type in practice.visit_types:
        if visit_type.pk == visit_type_id or (visit_type_id is None and visit_type.kind == "standard"):
            return visit_type
    raise VisitTypeNotOffered(field="visit_type")
