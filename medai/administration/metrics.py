"""How the platform does between two dates: what the dashboard, its CSV and the API show."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Min, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import User
from bookings.availability import load_calendars
from bookings.models import Booking
from bookings.slots import offered_minutes
from bookings.transitions import Status
from doctors.models import Doctor, VisitMode, VisitType
from medai.common.outbox.models import OutboxEvent
from medai.common.years import read_date
from messaging.models import Notification

LONGEST = 366
BUSIEST = 50
SEATED = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW, Status.PENDING_CONFIRMATION)


@dataclass(frozen=True)
class Period:
    """Whole days of the platform's zone, both ends included."""

    first: date
    last: date

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(settings.DEFAULT_PERSON_TIME_ZONE)

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, datetime.min.time(), tzinfo=self.zone)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), datetime.min.time(), tzinfo=self.zone)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=day) for day in range((self.last - self.first).days + 1)]


def period(first: str | None, last: str | None) -> Period:
    """The period of two ISO dates; the last 30 days for what is missing or malformed, a year at most."""
    today = timezone.now().astimezone(ZoneInfo(settings.DEFAULT_PERSON_TIME_ZONE)).date()
    end = _date(last) or today
    start = _date(first) or end - timedelta(days=29)
    start, end = min(start, end), max(start, end)
    return Period(max(start, end - timedelta(days=LONGEST - 1)), end)


def _date(text: str | None) -> date | None:
    try:
        return read_date(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class QueueHealth:
    """`oldest` is when the oldest event was due that no worker has done yet."""

    waiting: int
    oldest: datetime | None
    dead: int
    unknown_messages: int


@dataclass(frozen=True)
class Metrics:
    """Counts by day are in the order of `period.days`; shares are between 0 and 1 or unknown."""

    period: Period
    bookings_by_day: dict[str, list[int]]
    by_status: dict[str, int]
    by_channel: dict[str, int]
    no_show_rate: float | None
    utilisation: float | None
    utilisation_by_doctor: list[tuple[str, float]]
    revenue_minor: dict[str, int]
    users_by_day: list[int]
    new_users: dict[str, int]
    messages: dict[str, int]
    delivery_rate: float | None
    queue: QueueHealth
    rows: list[dict[str, Any]] = field(default_factory=list)


def collect(chosen: Period) -> Metrics:
    """Everything for a period. Bookings count on the day of the visit, users on the day they signed up."""
    booked = Booking.objects.booked().filter(starts_at__gte=chosen.since, starts_at__lt=chosen.until)
    by_status = _counts(booked, "status")
    by_day = _bookings_by_day(booked, chosen)
    users = User.objects.filter(created_at__gte=chosen.since, created_at__lt=chosen.until)
    users_by_day = _by_day(users, "created_at", chosen)
    messages = _counts(
        Notification.objects.filter(due_at__gte=chosen.since, due_at__lt=chosen.until), "status"
    )
    overall, by_doctor = _utilisation(chosen)
    seen = by_status.get(Status.COMPLETED, 0) + by_status.get(Status.NO_SHOW, 0)
    ended = sum(messages.get(status, 0) for status in ("sent", "failed", "unknown"))
    return Metrics(
        period=chosen,
        bookings_by_day=by_day,
        by_status=by_status,
        by_channel=_counts(booked, "channel"),
        no_show_rate=by_status.get(Status.NO_SHOW, 0) / seen if seen else None,
        utilisation=overall,
        utilisation_by_doctor=by_doctor,
        revenue_minor=_revenue(booked),
        users_by_day=users_by_day,
        new_users=_counts(users, "role"),
        messages=messages,
        delivery_rate=messages.get("sent", 0) / ended if ended else None,
        queue=_queue(),
        rows=_rows(chosen, by_day, users_by_day),
    )


def _counts(rows: Any, name: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(name).annotate(number=Count("pk")))


def _by_day(rows: Any, moment: str, chosen: Period) -> list[int]:
    day = TruncDate(moment, tzinfo=chosen.zone)
    counts = dict(rows.order_by().annotate(day=day).values_list("day").annotate(number=Count("pk")))
    return [counts.get(each, 0) for each in chosen.days]


def _bookings_by_day(booked: Any, chosen: Period) -> dict[str, list[int]]:
    day = TruncDate("starts_at", tzinfo=chosen.zone)
    counts: dict[tuple[date, str], int] = {
        (when, status): number
        for when, status, number in booked.order_by()
        .annotate(day=day)
        .values_list("day", "status")
        .annotate(number=Count("pk"))
    }
    groups = {
        "attended": (Status.COMPLETED,),
        "booked": (Status.CONFIRMED, Status.PENDING_CONFIRMATION),
        "no_show": (Status.NO_SHOW,),
        "cancelled": (Status.CANCELLED_BY_PATIENT, Status.CANCELLED_BY_DOCTOR, Status.CANCELLED_BY_ADMIN),
    }
    return {
        name: [sum(counts.get((each, status), 0) for status in statuses) for each in chosen.days]
        for name, statuses in groups.items()
    }


def _revenue(booked: Any) -> dict[str, int]:
    """Price less discount of the visits that took place, by currency."""
    return dict(
        booked.filter(status=Status.COMPLETED)
        .order_by()
        .values_list("currency")
        .annotate(total=Sum(F("price_minor") - F("discount_minor")))
    )


def _utilisation(chosen: Period) -> tuple[float | None, list[tuple[str, float]]]:
    """Booked ÷ offered time of the busiest doctors, together and each."""
    booked: dict[Any, int] = dict(
        Booking.objects.filter(starts_at__gte=chosen.since, starts_at__lt=chosen.until, status__in=SEATED)
        .order_by()
        .values_list("doctor_id")
        .annotate(minutes=Sum("duration_minutes"))
        .order_by("-minutes")[:BUSIEST]
    )
    doctors = Doctor.objects.filter(pk__in=booked)
    calendars = load_calendars(doctors, window_start=chosen.since, window_end=chosen.until)
    standard: dict[Any, VisitType] = {
        visit_type.doctor_id: visit_type
        for visit_type in VisitType.objects.filter(doctor_id__in=booked, kind="standard")
    }
    offered: dict[Any, int] = defaultdict(int)
    for doctor_id, calendar in calendars.items():
        if (visit_type := standard.get(doctor_id)) is not None:
            mode = visit_type.modes[0] if visit_type.modes else VisitMode.IN_PERSON
            offered[doctor_id] = offered_minutes(
                calendar.rules(visit_type, mode), window_start=chosen.since, window_end=chosen.until
            )
    shares = [
        (calendars[doctor_id].doctor.display_name, min(minutes / offered[doctor_id], 1.0))
        for doctor_id, minutes in booked.items()
        if offered[doctor_id]
    ]
    total = sum(offered.values())
    overall = min(sum(booked[each] for each in offered) / total, 1.0) if total else None
    return overall, sorted(shares, key=lambda pair: -pair[1])


def _queue() -> QueueHealth:
    waiting = OutboxEvent.objects.filter(done_at=None, failed_at=None).aggregate(
        number=Count("pk"), oldest=Min("created_at")
    )
    return QueueHealth(
        waiting=waiting["number"],
        oldest=waiting["oldest"],
        dead=OutboxEvent.objects.filter(~Q(failed_at=None), done_at=None).count(),
        unknown_messages=Notification.objects.filter(status="unknown").count(),
    )


def _rows(chosen: Period, by_day: dict[str, list[int]], users: list[int]) -> list[dict[str, Any]]:
    """One line for each day, for the CSV."""
    return [
        {
            "date": day.isoformat(),
            **{name: counts[place] for name, counts in by_day.items()},
            "new_users": users[place],
        }
        for place, day in enumerate(chosen.days)
    ]
