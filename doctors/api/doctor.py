"""A doctor's own practice."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.guards import HasAllowedRole, user_of
from accounts.identity import identity_for
from accounts.models import Role
from doctors.access import own_doctor
from doctors.api.serializers import (
    CredentialSerializer,
    ExceptionSerializer,
    NewCredentialSerializer,
    NewExceptionSerializer,
    NewProfileSerializer,
    OfficeSerializer,
    OwnProfileSerializer,
    ProfileChangesSerializer,
    RulesSerializer,
    ScheduleSerializer,
    VisitTypeSerializer,
)
from doctors.errors import ExceptionNotFound, OfficeNotFound, VisitTypeNotFound
from doctors.models import Doctor, ScheduleException, WeeklyHours
from doctors.services import credentials, exceptions, offices, onboarding, profiles, schedules, visit_types
from medai.common.api import ApiView, IdempotentCreateMixin, answer
from medai.common.identity import acting_as

TAGS = ["doctor"]


class PracticeView(ApiView):
    allowed_roles: tuple[str, ...] = (Role.DOCTOR,)
    permission_classes = [HasAllowedRole]


def profile_of(doctor: Doctor) -> dict[str, Any]:
    return OwnProfileSerializer(Doctor.objects.for_profile().get(pk=doctor.pk)).data


def checked(serializer: Any) -> Any:
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


class ProfileView(IdempotentCreateMixin, PracticeView):
    @extend_schema(tags=TAGS, responses=OwnProfileSerializer)
    def get(self, request: Request) -> Response:
        return answer(profile_of(own_doctor()))

    @extend_schema(tags=TAGS, request=NewProfileSerializer, responses={201: OwnProfileSerializer})
    def post(self, request: Request) -> Response:
        """Begin: an account with the role of doctor gets its profile, which is not public yet."""
        wanted = checked(NewProfileSerializer(data=request.data))
        doctor = onboarding.create_doctor(user=user_of(request), **wanted)
        # The identity of this request was entered before there was a calendar to keep.
        with acting_as(identity_for(request.user)):
            return answer(profile_of(doctor), status=201, message=_("Your profile was created."))

    @extend_schema(tags=TAGS, request=ProfileChangesSerializer, responses=OwnProfileSerializer)
    def patch(self, request: Request) -> Response:
        """Change what is sent. What was verified is changed by staff only."""
        wanted = checked(ProfileChangesSerializer(data=request.data))
        doctor = profiles.update_profile(doctor_id=own_doctor().pk, **wanted)
        return answer(profile_of(doctor), message=_("Saved."))


class SubmissionView(PracticeView):
    @extend_schema(tags=TAGS, request=None, responses=OwnProfileSerializer)
    def post(self, request: Request) -> Response:
        """Ask for verification, also again after a rejection."""
        doctor = onboarding.submit(doctor_id=own_doctor().pk)
        return answer(profile_of(doctor), message=_("Sent. We will review it."))


class CredentialsView(IdempotentCreateMixin, PracticeView):
    parser_classes = [MultiPartParser]
    rate_scope = "upload"

    @extend_schema(tags=TAGS, responses=CredentialSerializer(many=True))
    def get(self, request: Request) -> Response:
        listed = own_doctor().credentials.all()
        return answer(CredentialSerializer(listed, many=True, context={"user": request.user}).data)

    @extend_schema(tags=TAGS, request=NewCredentialSerializer, responses={201: CredentialSerializer})
    def post(self, request: Request) -> Response:
        """Upload a document for verification. Its type is told from its contents."""
        wanted = checked(NewCredentialSerializer(data=request.data))
        credential = credentials.upload_credential(
            doctor_id=own_doctor().pk, document_type=wanted["document_type"], upload=wanted["file"]
        )
        data = CredentialSerializer(credential, context={"user": request.user}).data
        return answer(data, status=201, message=_("Uploaded."))


class ScheduleView(PracticeView):
    @extend_schema(tags=TAGS, responses=ScheduleSerializer)
    def get(self, request: Request) -> Response:
        return answer(_schedule(own_doctor()))

    @extend_schema(tags=TAGS, request=ScheduleSerializer, responses=ScheduleSerializer)
    def put(self, request: Request) -> Response:
        """Replace the weekly hours, and the rules where they are sent, if nobody changed them since `version`."""
        serializer = ScheduleSerializer(data=request.data)
        wanted = checked(serializer)
        doctor = own_doctor()
        rows = [WeeklyHours(**values) for values in wanted["weekly_hours"]]
        sent = serializer.initial_data.get("rules") or {}
        rules = {name: value for name, value in (wanted.get("rules") or {}).items() if name in sent}
        doctor = schedules.replace_schedule(
            doctor_id=doctor.pk, version=wanted["version"], hours=rows, rules=rules
        )
        return answer(_schedule(doctor), message=_("Saved."))


def _schedule(doctor: Doctor) -> dict[str, Any]:
    rows = doctor.weekly_hours.filter(is_active=True)
    return ScheduleSerializer(
        {"version": doctor.schedule_version, "weekly_hours": rows, "rules": RulesSerializer(doctor).data}
    ).data


class ExceptionsView(IdempotentCreateMixin, PracticeView):
    @extend_schema(tags=TAGS, responses=ExceptionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """From today on."""
        return answer(ExceptionSerializer(exceptions.upcoming(own_doctor()), many=True).data)

    @extend_schema(tags=TAGS, request=NewExceptionSerializer, responses={201: ExceptionSerializer(many=True)})
    def post(self, request: Request) -> Response:
        """Block time, or open other or extra hours, on one day or several."""
        wanted = checked(NewExceptionSerializer(data=request.data))
        rows = exceptions.add_exception(doctor_id=own_doctor().pk, **wanted)
        return answer(ExceptionSerializer(rows, many=True).data, status=201, message=_("Saved."))


class ExceptionView(PracticeView):
    @extend_schema(tags=TAGS, responses={200: None})
    def delete(self, request: Request, exception_id: UUID) -> Response:
        if not ScheduleException.objects.filter(pk=exception_id, doctor=own_doctor()).exists():
            raise ExceptionNotFound
        exceptions.remove_exception(exception_id=exception_id)
        return answer(message=_("Removed."))


class VisitTypesView(IdempotentCreateMixin, PracticeView):
    @extend_schema(tags=TAGS, responses=VisitTypeSerializer(many=True))
    def get(self, request: Request) -> Response:
        listed = own_doctor().visit_types.filter(is_active=True)
        return answer(VisitTypeSerializer(listed, many=True).data)

    @extend_schema(tags=TAGS, request=VisitTypeSerializer, responses={201: VisitTypeSerializer})
    def post(self, request: Request) -> Response:
        wanted = checked(VisitTypeSerializer(data=request.data))
        visit_type = visit_types.add_visit_type(doctor_id=own_doctor().pk, **wanted)
        return answer(VisitTypeSerializer(visit_type).data, status=201, message=_("Saved."))


class VisitTypeView(PracticeView):
    @extend_schema(tags=TAGS, request=VisitTypeSerializer(partial=True), responses=VisitTypeSerializer)
    def patch(self, request: Request, visit_type_id: UUID) -> Response:
        self._require_own(visit_type_id)
        wanted = checked(VisitTypeSerializer(data=request.data, partial=True))
        visit_type = visit_types.update_visit_type(visit_type_id=visit_type_id, **wanted)
        return answer(VisitTypeSerializer(visit_type).data, message=_("Saved."))

    @extend_schema(tags=TAGS, responses={200: None})
    def delete(self, request: Request, visit_type_id: UUID) -> Response:
        """Offer it no more. The first visit and the follow-up always stay."""
        self._require_own(visit_type_id)
        visit_types.withdraw_visit_type(visit_type_id=visit_type_id)
        return answer(message=_("Removed."))

    def _require_own(self, visit_type_id: UUID) -> None:
        if not own_doctor().visit_types.filter(pk=visit_type_id, is_active=True).exists():
            raise VisitTypeNotFound


class OfficesView(IdempotentCreateMixin, PracticeView):
    @extend_schema(tags=TAGS, responses=OfficeSerializer(many=True))
    def get(self, request: Request) -> Response:
        return answer(OfficeSerializer(own_doctor().offices.filter(is_active=True), many=True).data)

    @extend_schema(tags=TAGS, request=OfficeSerializer, responses={201: OfficeSerializer})
    def post(self, request: Request) -> Response:
        wanted = checked(OfficeSerializer(data=request.data))
        office = offices.add_office(doctor_id=own_doctor().pk, **wanted)
        return answer(OfficeSerializer(office).data, status=201, message=_("Saved."))


class OfficeView(PracticeView):
    @extend_schema(tags=TAGS, request=OfficeSerializer(partial=True), responses=OfficeSerializer)
    def patch(self, request: Request, office_id: UUID) -> Response:
        self._require_own(office_id)
        wanted = checked(OfficeSerializer(data=request.data, partial=True))
        office = offices.update_office(office_id=office_id, **wanted)
        return answer(OfficeSerializer(office).data, message=_("Saved."))

    @extend_schema(tags=TAGS, responses={200: None})
    def delete(self, request: Request, office_id: UUID) -> Response:
        """See patients there no more; refused while weekly hours name it."""
        self._require_own(office_id)
        offices.close_office(office_id=office_id)
        return answer(message=_("Removed."))

    def _require_own(self, office_id: UUID) -> None:
        if not own_doctor().offices.filter(pk=office_id, is_active=True).exists():
            raise OfficeNotFound
