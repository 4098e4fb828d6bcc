"""When each doctor is next free: computed here, kept in the doctors' app, where the directory sorts by it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bookings.availability import load_calendars, next_free_start
from bookings.free_days import free_days
from bookings.practices import practices_of
from doctors.models import Doctor, DoctorAvailability, VisitMode
from medai.common.database import lock
from medai.common.identity import acting_as_system

FRESH_FOR = timedelta(minutes=15)
BATCH = 100


@transaction.atomic
def refresh_availability(doctor_ids: Iterable[UUID], *, now: datetime | None = None) -> int:
    """Compute when these doctors are next free in each mode; the number of doctors done."""
    now = now or timezone.now()
    with acting_as_system("availability"):
        wanted = set(doctor_ids)
        # Before anything is read: else whoever read first could write last.
        lock(*(f"availability:{pk}" for pk in wanted))
        doctors = list(Doctor.objects.public().filter(pk__in=wanted).order_by("pk"))
        longest = max((doctor.horizon_days for doctor in doctors), default=0)
        calendars = load_calendars(doctors, window_start=now, window_end=now + timedelta(days=longest + 1))
        practices = practices_of(doctors)
        rows = [
            DoctorAvailability(
                doctor=doctor,
                visit_mode=mode,
                next_free_at=next_free_start(
                    calendars[doctor.pk], practices[doctor.pk].visit_types, mode, now=now
                ),
                free_days=free_days(calendars[doctor.pk], practices[doctor.pk].visit_types, mode, now=now),
                checked_at=now,
            )
            for doctor in doctors
            for mode in VisitMode.values
        ]
        DoctorAvailability.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["doctor", "visit_mode"],
            update_fields=["next_free_at", "free_days", "checked_at", "updated_at"],
        )
    return len(doctors)


def refresh_stale(*, now: datetime | None = None) -> int:
    """Refresh the doctors whose next free time is over, or was computed too long ago; the number of doctors."""
    now = now or timezone.now()
    stale = Q(availabilities__checked_at__lt=now - FRESH_FOR) | Q(availabilities__next_free_at__lt=now)
    ids = list(
        Doctor.objects.public()
        .filter(stale | Q(availabilities__isnull=True))
        .order_by("pk")
        .values_list("pk", flat=True)
        .distinct()
    )
    return sum(
        refresh_availability(ids[first : first + BATCH], now=now) for first in range(0, len(ids), BATCH)
    )
