"""What the endpoints of patients, doctors and staff share."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.guards import HasAllowedRole
from bookings import services
from bookings.api.serializers import (
    BookingDetailSerializer,
    BookingSerializer,
    CancelSerializer,
    RescheduleSerializer,
)
from bookings.errors import BookingNotFound
from bookings.models import Booking
from bookings.models.bookings import BookingQuerySet
from bookings.services import moves
from bookings.services.holds import Insurance
from medai.common.api import ApiView, answer
from medai.common.api.filters import MomentFilter
from medai.common.api.pagination import Pages


class BookingFilter(filters.FilterSet):
    status = filters.MultipleChoiceFilter(choices=Booking.Status.choices)
    starts_from = MomentFilter(field_name="starts_at", lookup_expr="gte")
    starts_until = MomentFilter(field_name="starts_at", lookup_expr="lt")

    class Meta:
        model = Booking
        fields = ["status", "visit_mode", "patient", "doctor"]


class _ReachView(ApiView):
    """`without_holds` leaves out times that somebody is only reserving, or let go."""

    permission_classes = [HasAllowedRole]
    without_holds = False

    def within_reach(self) -> BookingQuerySet:
        found = moves.in_reach(moves.acting()).for_listing()
        return found.booked() if self.without_holds else found


class BookingsView(_ReachView):
    """A page of the bookings within reach of whoever asks."""

    pagination_class = Pages
    filterset_class: type[filters.FilterSet] = BookingFilter

    def page(self, request: Request) -> Response:
        within_reach = self.within_reach().order_by("-starts_at", "pk")
        found = self.filterset_class(request.query_params, queryset=within_reach)
        if not found.is_valid():
            raise translate_validation(found.errors)
        pages = self.pagination_class()
        bookings = pages.paginate_queryset(found.qs, request, view=self)
        return pages.get_paginated_response(BookingSerializer(bookings, many=True).data)


class OneBookingView(_ReachView):
    def detail(self, booking_id: UUID, *, message: Any = "", status: int = 200) -> Response:
        booking = self.within_reach().filter(pk=booking_id).first()
        if booking is None:
            raise BookingNotFound
        data = BookingDetailSerializer(booking, context={"now": timezone.now()}).data
        return answer(data, message=message, status=status)


class CancelBookingView(OneBookingView):
    @extend_schema(request=CancelSerializer, responses=BookingDetailSerializer)
    def post(self, request: Request, booking_id: UUID) -> Response:
        wanted = CancelSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        services.cancel(booking_id=booking_id, reason=wanted.validated_data["reason"])
        return self.detail(booking_id, message=_("Cancelled."))


class RescheduleBookingView(OneBookingView):
    @extend_schema(request=RescheduleSerializer, responses=BookingDetailSerializer)
    def post(self, request: Request, booking_id: UUID) -> Response:
        wanted = RescheduleSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        services.reschedule(booking_id=booking_id, starts_at=wanted.validated_data["starts_at"])
        return self.detail(booking_id, message=_("Moved."))


def hold_arguments(wanted: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `services.hold` from what a client sent."""
    insurance = wanted["insurance"]
    return {
        "doctor_id": wanted["doctor"],
        "patient_id": wanted["patient"],
        "visit_type_id": wanted["visit_type"],
        "visit_mode": wanted["visit_mode"],
        "starts_at": wanted["starts_at"],
        "office_id": wanted["office"],
        "patient_notes": wanted["patient_notes"],
        "payment_method": wanted["payment_method"],
        "insurance": insurance
        and Insurance(provider_id=insurance["provider"], policy_number=insurance["policy_number"]),
    }
