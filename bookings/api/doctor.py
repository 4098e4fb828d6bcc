"""A doctor's bookings."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.guards import HasAllowedRole
from accounts.models import Role
from bookings import services
from bookings.api.serializers import (
    BookingDetailSerializer,
    BookingSerializer,
    DoctorKpisSerializer,
)
from bookings.api.views import BookingsView, CancelBookingView, OneBookingView, RescheduleBookingView
from bookings.kpis import doctor_kpis
from bookings.services import moves
from doctors.models import Doctor
from medai.common.api import ApiView, answer
from medai.common.errors import NotFound

TAGS = ["doctor"]


class DoctorBookingsView(BookingsView):
    allowed_roles = (Role.DOCTOR,)
    # Somebody who only reserves a time is nobody's patient yet.
    without_holds = True

    @extend_schema(tags=TAGS, filters=True, responses=BookingSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Bookings of the calendars one keeps, the latest first."""
        return self.page(request)


class DashboardKpisView(ApiView):
    allowed_roles = (Role.DOCTOR,)
    permission_classes = [HasAllowedRole]

    @extend_schema(tags=TAGS, responses=DoctorKpisSerializer)
    def get(self, request: Request) -> Response:
        """How the practice is doing: visits, occupancy, attendance, income, rating."""
        identity = moves.acting()
        doctor = Doctor.objects.filter(pk__in=identity.doctor_ids).first()
        if doctor is None:
            raise NotFound
        return answer(DoctorKpisSerializer(doctor_kpis(doctor)).data)


class DoctorBookingView(OneBookingView):
    allowed_roles = (Role.DOCTOR,)
    without_holds = True

    @extend_schema(tags=TAGS, responses=BookingDetailSerializer)
    def get(self, request: Request, booking_id: UUID) -> Response:
        return self.detail(booking_id)


class _MoveView(OneBookingView):
    allowed_roles = (Role.DOCTOR,)
    service: Callable[..., Any]
    message: Any = ""

    @extend_schema(tags=TAGS, request=None, responses=BookingDetailSerializer)
    def post(self, request: Request, booking_id: UUID) -> Response:
        type(self).service(booking_id=booking_id)
        return self.detail(booking_id, message=self.message)


class DoctorConfirmView(_MoveView):
    """Confirm a booking that waits for the doctor."""

    service = staticmethod(services.confirm)
    message = _("Confirmed.")


class DoctorCompleteView(_MoveView):
    """Record that the visit took place."""

    service = staticmethod(services.complete)
    message = _("Recorded as completed.")


class DoctorNoShowView(_MoveView):
    """Record that the patient did not come."""

    service = staticmethod(services.mark_no_show)
    message = _("Recorded as not attended.")


@extend_schema(tags=TAGS)
class DoctorCancelView(CancelBookingView):
    """Cancel; what was paid is given back in full."""

    allowed_roles = (Role.DOCTOR,)
    without_holds = True


@extend_schema(tags=TAGS)
class DoctorRescheduleView(RescheduleBookingView):
    """Move to any free time to come, also outside the hours."""

    allowed_roles = (Role.DOCTOR,)
