"""Doctors and specialties, for the people who verify them."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.guards import HasAllowedRole
from accounts.models import Role
from doctors.api.doctor import checked
from doctors.api.serializers import (
    CredentialSerializer,
    NewDoctorSerializer,
    ProfileChangesSerializer,
    ReviewSerializer,
    StaffDoctorSerializer,
    StaffSpecialtySerializer,
)
from doctors.errors import DoctorNotFound
from doctors.models import Doctor, Specialty
from doctors.models.doctors import CredentialStatus
from doctors.services import profiles, specialties, verification
from medai.common.api import ApiView, IdempotentCreateMixin, answer
from medai.common.api.filters import STRICT, YesNoFilter
from medai.common.api.pagination import Pages

TAGS = ["admin"]


class StaffView(ApiView):
    # Super admins manage people; verifying doctors is the admins' work.
    allowed_roles: tuple[str, ...] = (Role.ADMIN,)
    permission_classes = [HasAllowedRole]


class DoctorFilter(filters.FilterSet):
    status = filters.ChoiceFilter(field_name="credential_status", choices=CredentialStatus.choices)
    waiting = YesNoFilter(method="filter_waiting", help_text="Submitted and not reviewed yet.")
    search = filters.CharFilter(method="filter_search", help_text="Part of a name, email or licence number.")

    class Meta:
        model = Doctor
        fields = ["is_approved", "is_active"]
        filter_overrides = STRICT

    def filter_waiting(self, doctors: Any, name: str, value: bool) -> Any:
        waiting = Q(credential_status=CredentialStatus.PENDING_REVIEW, submitted_at__isnull=False)
        return doctors.filter(waiting if value else ~waiting)

    def filter_search(self, doctors: Any, name: str, value: str) -> Any:
        for word in value.split()[:6]:
            doctors = doctors.filter(
                Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(user__email__icontains=word)
                | Q(license_number__icontains=word)
            )
        return doctors


def detail(doctor: Doctor, *, message: Any = "", status: int = 200) -> Response:
    found = Doctor.objects.for_profile().get(pk=doctor.pk)
    return answer(StaffDoctorSerializer(found).data, message=message, status=status)


class DoctorsView(IdempotentCreateMixin, StaffView):
    pagination_class = Pages

    @extend_schema(tags=TAGS, filters=True, responses=StaffDoctorSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All doctors, public or not, the latest first."""
        doctors = Doctor.objects.for_profile().order_by("-created_at", "pk")
        found = DoctorFilter(request.query_params, queryset=doctors)
        if not found.is_valid():
            raise translate_validation(found.errors)
        pages = self.pagination_class()
        page = pages.paginate_queryset(found.qs, request, view=self)
        return pages.get_paginated_response(StaffDoctorSerializer(page, many=True).data)

    @extend_schema(tags=TAGS, request=NewDoctorSerializer, responses={201: StaffDoctorSerializer})
    def post(self, request: Request) -> Response:
        """A profile for a doctor's account, which is made where there is none of that address."""
        wanted = checked(NewDoctorSerializer(data=request.data))
        doctor = verification.create_by_staff(**wanted)
        return detail(doctor, status=201, message=_("Created."))


class DoctorView(StaffView):
    @extend_schema(tags=TAGS, responses=StaffDoctorSerializer)
    def get(self, request: Request, doctor_id: UUID) -> Response:
        return detail(_doctor(doctor_id))

    @extend_schema(tags=TAGS, request=ProfileChangesSerializer, responses=StaffDoctorSerializer)
    def patch(self, request: Request, doctor_id: UUID) -> Response:
        """Change what is sent, also what was verified."""
        wanted = checked(ProfileChangesSerializer(data=request.data))
        doctor = profiles.update_profile(doctor_id=_doctor(doctor_id).pk, **wanted)
        return detail(doctor, message=_("Saved."))

    @extend_schema(tags=TAGS, responses={200: StaffDoctorSerializer})
    def delete(self, request: Request, doctor_id: UUID) -> Response:
        """Take the doctor off the platform. Nothing is deleted; coming visits stay."""
        return detail(verification.deactivate(doctor_id=doctor_id), message=_("Deactivated."))


class ApprovalView(StaffView):
    @extend_schema(tags=TAGS, request=ReviewSerializer, responses=StaffDoctorSerializer)
    def post(self, request: Request, doctor_id: UUID) -> Response:
        """Decide on a doctor: verified, rejected (with notes), approved or withdrawn."""
        wanted = checked(ReviewSerializer(data=request.data))
        decision = wanted["decision"]
        if decision in ("approved", "withdrawn"):
            doctor = verification.set_approval(doctor_id=doctor_id, is_approved=decision == "approved")
        else:
            doctor = verification.review(doctor_id=doctor_id, decision=decision, notes=wanted["notes"])
        return detail(doctor, message=_("Decided."))


class DoctorCredentialsView(StaffView):
    @extend_schema(tags=TAGS, responses=CredentialSerializer(many=True))
    def get(self, request: Request, doctor_id: UUID) -> Response:
        listed = _doctor(doctor_id).credentials.all()
        return answer(CredentialSerializer(listed, many=True, context={"user": request.user}).data)


class StaffSpecialtiesView(IdempotentCreateMixin, StaffView):
    @extend_schema(tags=TAGS, responses=StaffSpecialtySerializer(many=True))
    def get(self, request: Request) -> Response:
        return answer(StaffSpecialtySerializer(Specialty.objects.all(), many=True).data)

    @extend_schema(tags=TAGS, request=StaffSpecialtySerializer, responses={201: StaffSpecialtySerializer})
    def post(self, request: Request) -> Response:
        wanted = checked(StaffSpecialtySerializer(data=request.data))
        specialty = specialties.create_specialty(**wanted)
        return answer(StaffSpecialtySerializer(specialty).data, status=201, message=_("Created."))


class StaffSpecialtyView(StaffView):
    @extend_schema(
        tags=TAGS, request=StaffSpecialtySerializer(partial=True), responses=StaffSpecialtySerializer
    )
    def patch(self, request: Request, specialty_id: UUID) -> Response:
        wanted = checked(StaffSpecialtySerializer(data=request.data, partial=True))
        specialty = specialties.update_specialty(specialty_id=specialty_id, **wanted)
        return answer(StaffSpecialtySerializer(specialty).data, message=_("Saved."))


def _doctor(doctor_id: UUID) -> Doctor:
    doctor = Doctor.objects.filter(pk=doctor_id).first()
    if doctor is None:
        raise DoctorNotFound
    return doctor
