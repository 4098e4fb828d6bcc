"""How a doctor's practice is doing, in a few figures and series."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings.availability import load_calendar
from bookings.models import Booking
from bookings.slots import offered_minutes
from bookings.transitions import Status
from doctors.models import Doctor, VisitMode, VisitType

WEEKS = 8
NO_SHOW_DAYS = 90
ATTENDED = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW, Status.PENDING_CONFIRMATION)


@dataclass(frozen=True)
class DoctorKpis:
    """Figures at one moment; weeks begin on Monday in the doctor's zone, shares are between 0 and 1 or unknown.

    `weekly_*` run from the oldest of eight weeks to the present one. `revenue_minor` sums this month's completed and
    confirmed visits by currency.
    """

    today: int
    this_week: int
    last_week: int
    utilisation: float | None
    no_show_rate: float | None
    revenue_minor: dict[str, int]
    rating_average: Decimal | None
    rating_count: int
    new_patients: int
    returning_patients: int
    weekly_bookings: list[int]
    weekly_utilisation: list[float]
    daily: list[tuple[date, int]]


@dataclass(frozen=True)
class _Visit:
    starts_at: datetime
    minutes: int
    status: str
    total_minor: int
    currency: str
    patient_id: UUID
    day: date


def doctor_kpis(doctor: Doctor, *, now: datetime | None = None) -> DoctorKpis:
    now = now or timezone.now()
    zone = ZoneInfo(doctor.time_zone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    earliest = min(first, today - timedelta(days=NO_SHOW_DAYS))
    visits = _visits(doctor, _midnight(earliest, zone), _midnight(monday + timedelta(days=7), zone), zone)
    by_week = Counter((visit.day - timedelta(days=visit.day.weekday())) for visit in visits)
    weeks = [first + timedelta(weeks=week) for week in range(WEEKS)]
    utilisation = _utilisation(doctor, visits, weeks, zone)
    by_day = Counter(visit.day for visit in visits)
    new, returning = _new_and_returning(doctor, visits, today.replace(day=1))
    return DoctorKpis(
        today=by_day[today],
        this_week=by_week[monday],
        last_week=by_week[monday - timedelta(weeks=1)],
        utilisation=utilisation[-1],
        no_show_rate=_no_show_rate(visits, now),
        revenue_minor=_revenue(visits, today.replace(day=1), today),
        rating_average=doctor.rating_average,
        rating_count=doctor.rating_count,
        new_patients=new,
        returning_patients=returning,
        weekly_bookings=[by_week[week] for week in weeks],
        weekly_utilisation=[share or 0.0 for share in utilisation],
        daily=[(monday + timedelta(days=day), by_day[monday + timedelta(days=day)]) for day in range(7)],
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=zone)


def _visits(doctor: Doctor, since: datetime, until: datetime, zone: ZoneInfo) -> list[_Visit]:
    rows = Booking.objects.filter(
        doctor=doctor, starts_at__gte=since, starts_at__lt=until, status__in=ATTENDED
    ).values_list(
        "starts_at", "duration_minutes", "status", "price_minor", "discount_minor", "currency", "patient_id"
    )
    return [
        _Visit(start, minutes, status, price - discount, currency, patient, start.astimezone(zone).date())
        for start, minutes, status, price, discount, currency, patient in rows
    ]


def _utilisation(
    doctor: Doctor, visits: list[_Visit], weeks: list[date], zone: ZoneInfo
) -> list[float | None]:
    """Booked ÷ offered time of each week; hours as they are now, since earlier ones are not kept."""
    visit_type = VisitType.objects.filter(doctor=doctor, kind="standard").first()
    if visit_type is None:
        return [None] * len(weeks)
    window_start, window_end = _midnight(weeks[0], zone), _midnight(weeks[-1] + timedelta(days=7), zone)
    calendar = load_calendar(doctor, window_start=window_start, window_end=window_end)
    mode = visit_type.modes[0] if visit_type.modes else VisitMode.IN_PERSON
    rules = calendar.rules(visit_type, mode)
    shares: list[float | None] = []
    for week in weeks:
        start, end = _midnight(week, zone), _midnight(week + timedelta(days=7), zone)
        offered = offered_minutes(rules, window_start=start, window_end=end)
        booked = sum(visit.minutes for visit in visits if start <= visit.starts_at < end)
        shares.append(min(booked / offered, 1.0) if offered else None)
    return shares


def _no_show_rate(visits: list[_Visit], now: datetime) -> float | None:
    recent = [
        visit
        for visit in visits
        if now - timedelta(days=NO_SHOW_DAYS) <= visit.starts_at < now
        and visit.status in (Status.COMPLETED, Status.NO_SHOW)
    ]
    if not recent:
        return None
    return sum(visit.status == Status.NO_SHOW for visit in recent) / len(recent)


def _revenue(visits: list[_Visit], first: date, today: date) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for visit in visits:
        earned = visit.status == Status.COMPLETED or (visit.status == Status.CONFIRMED and visit.day <= today)
        if visit.day >= first and earned:
            sums[visit.currency] += visit.total_minor
    return dict(sums)


def _new_and_returning(doctor: Doctor, visits: list[_Visit], first: date) -> tuple[int, int]:
    """How many of this month's patients came for the first time, and how many had been here before."""
    patients = {visit.patient_id for visit in visits if visit.day >= first}
    before = set(
        Booking.objects.filter(
            doctor=doctor,
            patient_id__in=patients,
            status=Status.COMPLETED,
            starts_at__lt=_midnight(first, ZoneInfo(doctor.time_zone)),
        ).values_list("patient_id", flat=True)
    )
    return len(patients - before), len(before)
