"""Bookings as staff see them: all, with manual booking on a patient's behalf."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role
from bookings import services
from bookings.api.serializers import (
    BookingDetailSerializer,
    BookingSerializer,
    ManualBookingSerializer,
)
from bookings.api.views import BookingFilter, BookingsView, CancelBookingView, OneBookingView, hold_arguments
from medai.common.api import IdempotentCreateMixin

TAGS = ["admin"]


class StaffBookingFilter(BookingFilter):
    reference = filters.CharFilter(lookup_expr="iexact")

    class Meta(BookingFilter.Meta):
        fields = [*BookingFilter.Meta.fields, "channel", "payment_method", "specialty"]


class AdminBookingsView(IdempotentCreateMixin, BookingsView, OneBookingView):
    allowed_roles = (Role.ADMIN,)
    filterset_class = StaffBookingFilter

    @extend_schema(tags=TAGS, filters=True, responses=BookingSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.page(request)

    @extend_schema(
        tags=TAGS, request=ManualBookingSerializer, responses={201: BookingDetailSerializer, 404: None}
    )
    def post(self, request: Request) -> Response:
        """Book on a patient's behalf; it is confirmed at once."""
        wanted = ManualBookingSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        booking = services.book_for_patient(
            channel=wanted.validated_data["channel"], **hold_arguments(wanted.validated_data)
        )
        return self.detail(booking.pk, message=_("Booked."), status=201)


class AdminBookingView(OneBookingView):
    allowed_roles = (Role.ADMIN,)

    @extend_schema(tags=TAGS, responses=BookingDetailSerializer)
    def get(self, request: Request, booking_id: UUID) -> Response:
        return self.detail(booking_id)


@extend_schema(tags=TAGS)
class AdminCancelView(CancelBookingView):
    allowed_roles = (Role.ADMIN,)
