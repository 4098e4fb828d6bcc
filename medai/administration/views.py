"""The dashboard of the staff's console, and its figures as CSV."""

import csv
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from bookings.models import Booking, Channel
from doctors.models import Doctor
from medai.administration.metrics import Metrics, collect, period
from medai.common import localtime
from medai.common.components.charts import Chart, Series, number
from medai.common.money import format_money


def chosen_metrics(request: HttpRequest) -> Metrics:
    return collect(period(request.GET.get("first"), request.GET.get("last")))


def dashboard_context(metrics: Metrics) -> dict[str, Any]:
    """Figures and charts for the top of the console."""
    days = [localtime.short_date(day) for day in metrics.period.days]
    names = {
        "attended": _("Attended"),
        "booked": _("Booked"),
        "no_show": _("Did not attend"),
        "cancelled": _("Cancelled"),
    }
    bookings = [Series(names[name], counts) for name, counts in metrics.bookings_by_day.items()]
    channels = {Channel(name).label: number for name, number in metrics.by_channel.items()}
    statuses = {Booking.Status(name).label: number for name, number in metrics.by_status.items()}
    doctors = metrics.utilisation_by_doctor[:10]
    return {
        "metrics": metrics,
        "revenue": [format_money(amount, currency) for currency, amount in metrics.revenue_minor.items()],
        "total_bookings": number(sum(metrics.by_status.values())),
        "total_users": number(sum(metrics.users_by_day)),
        "doctors_waiting": Doctor.objects.awaiting_verification().count(),
        "charts": [
            Chart(_("Visits per day"), days, bookings, kind="stacked"),
            Chart(_("New users per day"), days, [Series(_("Users"), metrics.users_by_day)], kind="line"),
            _ranked(_("By status"), statuses),
            _ranked(_("By channel"), channels),
            _ranked(
                _("Occupancy of the busiest doctors, per cent"),
                {name: round(share * 100) for name, share in doctors},
            ),
        ],
    }


def _ranked(title: str, numbers: Mapping[Any, int]) -> Chart:
    """Names and their numbers, the largest first."""
    rows = sorted(numbers.items(), key=lambda row: -row[1])
    return Chart(
        title,
        [str(name) for name, _n in rows],
        [Series(title, [number for _n, number in rows])],
        kind="ranked",
    )


def metrics_csv(request: HttpRequest) -> HttpResponse:
    """One line for each day of the period."""
    metrics = chosen_metrics(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"medai-{metrics.period.first}-{metrics.period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.DictWriter(response, fieldnames=list(metrics.rows[0]))
    writer.writeheader()
    writer.writerows(metrics.rows)
    return response
