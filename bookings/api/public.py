"""Free times, for everybody."""

from bisect import bisect_left
from collections.abc import Sequence
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
from bookings.availability import (
    DoctorCalendar,
    busy_of,
    calendar_of,
    load_calendar,
    next_free_start,
    reading_busy,
)
from bookings.errors import VisitTypeNotOffered
from bookings.practices import as_read, reading_public
from bookings.slots import NOBODY, clock
from doctors.models import VisitType
from medai.common.api import ApiView, answer
from medai.common.database import Statement, execute_together
from medai.common.errors import NotFound

A_DAY = timedelta(days=1)
_UTC = ZoneInfo("UTC")
_TIMES = [f"T{minute // 60:02}:{minute % 60:02}:00Z" for minute in range(clock.DAY_MINUTES)]


class SlotsView(ApiView):
    """The free starts of one doctor for one kind of visit, day by day in the doctor's zone."""

    allowed_roles = ANYONE
    permission_classes = [HasAllowedRole]

    @extend_schema(
        tags=["public"], parameters=[SlotQuerySerializer], responses={200: SlotsSerializer, 404: None}
    )
    def get(self, request: Request) -> Response:
        wanted = _QUERY.run_validation(request.query_params)
        now = timezone.now()
        calendar, visit_types = _read(wanted, now)
        visit_type = _visit_type(visit_types, wanted.get("visit_type"))
        return answer(slots_of(calendar, visit_type, wanted, now=now))


# Whoever makes a serializer copies its fields, which takes longer than to use them.
_QUERY = SlotQuerySerializer()


def slots_of(
    calendar: DoctorCalendar, visit_type: VisitType, wanted: dict[str, Any], *, now: datetime
) -> dict[str, Any]:
    """The answer of the slots endpoint; what it holds is described by `SlotsSerializer`."""
    doctor, zone = calendar.doctor, calendar.zone
    first_day = wanted.get("date_from") or now.astimezone(zone).date()
    window_start = datetime.combine(first_day, time.min, tzinfo=zone)
    window_end = datetime.combine(first_day + timedelta(days=wanted["days"]), time.min, tzinfo=zone)
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
    """The starts by date, written out here: the encoder takes ten times as long for hundreds of them."""
    days: list[dict[str, Any]] = []
    index = 0
    while index < len(starts):
        first = starts[index]
        day = clock.day_at(zone, first)
        # All until the day ends, there or in UTC, share the day's entry and the date before their time.
        end = min(clock.midnight(zone, day + 1), clock.midnight(_UTC, first.toordinal() + 1))
        until = bisect_left(starts, end, index)
        date_before = first.date().isoformat()
        written = [date_before + _TIMES[start.hour * 60 + start.minute] for start in starts[index:until]]
        date = datetime.fromordinal(day).date()
        if days and days[-1]["date"] == date:
            days[-1]["starts_at"] += written
        else:
            days.append({"date": date, "starts_at": written})
        index = until
    return days


def _read(wanted: dict[str, Any], now: datetime) -> tuple[DoctorCalendar, Sequence[VisitType]]:
    """The doctor's calendar around the wanted days, in one round trip where the doctor is named by id."""
    identifier: UUID | str = wanted["doctor"]
    with suppress(ValueError):  # then it is a slug
        identifier = UUID(str(identifier))
    if isinstance(identifier, UUID):
        public, busy = execute_together(reading_public(identifier), _reading_busy(identifier, wanted, now))
    else:
        (public,) = execute_together(reading_public(identifier))
        busy = execute_together(_reading_busy(public[0][0], wanted, now))[0] if public else []
    found = as_read(public)
    if found is None:
        raise NotFound(field="doctor")
    doctor, practice = found
    return calendar_of(doctor, practice, busy_of(busy).get(doctor.pk, NOBODY)), practice.visit_types


def _reading_busy(doctor_id: UUID, wanted: dict[str, Any], now: datetime) -> Statement:
    # The doctor's zone is not known yet, and its days begin within a day of those of UTC.
    first = datetime.combine(wanted.get("date_from") or now.date(), time.min, tzinfo=UTC)
    return reading_busy(
        [doctor_id], window_start=first - A_DAY, window_end=first + A_DAY * (wanted["days"] + 1)
    )


def _visit_type(visit_types: Sequence[VisitType], visit_type_id: UUID | None) -> VisitType:
    for visit_type in visit_types:
        if visit_type.pk == visit_type_id or (visit_type_id is None and visit_type.kind == "standard"):
            return visit_type
    raise VisitTypeNotOffered(field="visit_type")
