"""A patient's bookings, and those of the people they care for."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role
from bookings import services
from bookings.api.serializers import (
    BookingDetailSerializer,
    BookingSerializer,
    ConfirmHoldSerializer,
    HoldSerializer,
)
from bookings.api.views import (
    BookingsView,
    CancelBookingView,
    OneBookingView,
    RescheduleBookingView,
    hold_arguments,
)
from medai.common.api import IdempotentCreateMixin

TAGS = ["patient"]


class PatientHoldsView(IdempotentCreateMixin, OneBookingView):
    allowed_roles = (Role.PATIENT,)

    @extend_schema(tags=TAGS, request=HoldSerializer, responses={201: BookingDetailSerializer, 404: None})
    def post(self, request: Request) -> Response:
        """Reserve a free time for ten minutes, to be confirmed by `patient/bookings`."""
        wanted = HoldSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        booking = services.hold(**hold_arguments(wanted.validated_data))
        return self.detail(booking.pk, message=_("The time is yours for ten minutes."), status=201)


class PatientBookingsView(IdempotentCreateMixin, BookingsView, OneBookingView):
    allowed_roles = (Role.PATIENT,)

    @extend_schema(tags=TAGS, filters=True, responses=BookingSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Bookings of oneself and of those one cares for, the latest first."""
        return self.page(request)

    @extend_schema(
        tags=TAGS, request=ConfirmHoldSerializer, responses={201: BookingDetailSerializer, 404: None}
    )
    def post(self, request: Request) -> Response:
        """Turn a hold into a booking, where nothing is to be paid online first."""
        wanted = ConfirmHoldSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        booking = services.confirm(booking_id=wanted.validated_data["hold"])
        message = (
            _("Booked.") if booking.status == booking.Status.CONFIRMED else _("The doctor will confirm it.")
        )
        return self.detail(booking.pk, message=message, status=201)


class PatientBookingView(OneBookingView):
    allowed_roles = (Role.PATIENT,)

    @extend_schema(tags=TAGS, responses=BookingDetailSerializer)
    def get(self, request: Request, booking_id: UUID) -> Response:
        return self.detail(booking_id)


@extend_schema(tags=TAGS)
class PatientCancelView(CancelBookingView):
    allowed_roles = (Role.PATIENT,)


@extend_schema(tags=TAGS)
class PatientRescheduleView(RescheduleBookingView):
    allowed_roles = (Role.PATIENT,)
