"""The platform's figures over the API."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.guards import STAFF, HasAllowedRole
from doctors.api.serializers import money
from medai.administration.metrics import collect, period
from medai.common.api import ApiView, answer


class PeriodSerializer(serializers.Serializer[Any]):
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False)


class MetricsSerializer(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()
    bookings_by_status = serializers.DictField(child=serializers.IntegerField())
    bookings_by_channel = serializers.DictField(child=serializers.IntegerField())
    no_show_rate = serializers.FloatField(allow_null=True)
    utilisation = serializers.FloatField(allow_null=True)
    revenue = serializers.ListField(child=serializers.DictField())
    new_users = serializers.DictField(child=serializers.IntegerField())
    messages = serializers.DictField(child=serializers.IntegerField())
    delivery_rate = serializers.FloatField(allow_null=True)
    queue_waiting = serializers.IntegerField()
    queue_dead = serializers.IntegerField()
    days = serializers.ListField(child=serializers.DictField())


class MetricsView(ApiView):
    allowed_roles = STAFF
    permission_classes = [HasAllowedRole]

    @extend_schema(tags=["admin"], parameters=[PeriodSerializer], responses=MetricsSerializer)
    def get(self, request: Request) -> Response:
        """Bookings, attendance, occupancy, income, users, messages and queue between two dates (30 days)."""
        wanted = PeriodSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        metrics = collect(period(request.query_params.get("first"), request.query_params.get("last")))
        return answer(
            {
                "first": metrics.period.first,
                "last": metrics.period.last,
                "bookings_by_status": metrics.by_status,
                "bookings_by_channel": metrics.by_channel,
                "no_show_rate": metrics.no_show_rate,
                "utilisation": metrics.utilisation,
                "revenue": [money(amount, currency) for currency, amount in metrics.revenue_minor.items()],
                "new_users": metrics.new_users,
                "messages": metrics.messages,
                "delivery_rate": metrics.delivery_rate,
                "queue_waiting": metrics.queue.waiting,
                "queue_dead": metrics.queue.dead,
                "days": metrics.rows,
            }
        )


urlpatterns = [path("admin/metrics/", MetricsView.as_view(), name="admin-metrics")]
