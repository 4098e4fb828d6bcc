"""/api/v1/patient/ (profile, dependents, insurance) and the public list of insurers."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import serializers as shapes
from accounts.guards import ANYONE, user_of
from accounts.models import Guardianship, InsuranceProvider, Patient, Role
from accounts.models.patients import Relationship
from accounts.services import insurance, people
from medai.common.api import ApiView, ConditionalGetMixin, IdempotentCreateMixin, answer
from medai.common.errors import NotFound

TAG = ["patient"]


class PatientView(ApiView):
    allowed_roles = (Role.PATIENT,)


def sent(shape: Any, request: Request, *, partial: bool = False) -> dict[str, Any]:
    """What the client sent, checked."""
    given = shape(data=request.data, partial=partial)
    given.is_valid(raise_exception=True)
    return given.validated_data


class ProfileView(PatientView):
    @extend_schema(tags=TAG, responses={200: shapes.PatientOutput, 404: None})
    def get(self, request: Request) -> Response:
        """The account's own record as a patient."""
        return answer(shapes.PatientOutput(_own(request)).data)

    @extend_schema(tags=TAG, request=shapes.PatientInput, responses={200: shapes.PatientOutput, 404: None})
    def patch(self, request: Request) -> Response:
        """Change the person and the record; only what is sent changes."""
        changes = sent(shapes.PatientInput, request, partial=True)
        of_the_record = {name: changes.pop(name) for name in people.OF_ONES_OWN_RECORD & changes.keys()}
        people.update_own_profile(user=user_of(request), profile=changes, record=of_the_record)
        return answer(shapes.PatientOutput(_own(request)).data)


def _own(request: Request) -> Patient:
    own = Patient.objects.cared_for_by(user_of(request))
    found = own.filter(guardianships__relationship=Relationship.SELF).first()
    if found is None:
        raise NotFound
    return found


def _dependents(request: Request) -> Any:
    rows = Guardianship.objects.filter(user=user_of(request), patient__deleted_at=None)
    return rows.exclude(relationship=Relationship.SELF).select_related("patient").order_by("created_at")


class DependentsView(IdempotentCreateMixin, PatientView):
    @extend_schema(tags=TAG, responses=shapes.DependentOutput(many=True))
    def get(self, request: Request) -> Response:
        """The people the account cares for."""
        return answer(shapes.DependentOutput(_dependents(request), many=True).data)

    @extend_schema(tags=TAG, request=shapes.DependentInput, responses={201: shapes.DependentOutput})
    def post(self, request: Request) -> Response:
        """Add a child, a parent or somebody else the account cares for."""
        added = people.add_dependent(user=user_of(request), **sent(shapes.DependentInput, request))
        return answer(shapes.DependentOutput(added).data, status=201)


class DependentView(PatientView):
    @extend_schema(tags=TAG, responses=shapes.DependentOutput)
    def get(self, request: Request, patient_id: UUID) -> Response:
        """One of them."""
        return self._answer(request, patient_id)

    @extend_schema(tags=TAG, request=shapes.DependentInput, responses=shapes.DependentOutput)
    def patch(self, request: Request, patient_id: UUID) -> Response:
        """Change what is sent."""
        changes = sent(shapes.DependentInput, request, partial=True)
        people.update_dependent(user=user_of(request), patient_id=patient_id, **changes)
        return self._answer(request, patient_id)

    @extend_schema(tags=TAG, responses={204: None})
    def delete(self, request: Request, patient_id: UUID) -> Response:
        """Stop caring for somebody; booked visits stay booked."""
        people.remove_dependent(user=user_of(request), patient_id=patient_id)
        return answer(status=204)

    def _answer(self, request: Request, patient_id: UUID) -> Response:
        row = _dependents(request).filter(patient_id=patient_id).first()
        if row is None:
            raise NotFound
        return answer(shapes.DependentOutput(row).data)


def _policies() -> Any:
    return insurance.in_reach().select_related("provider").order_by("created_at")


class PoliciesView(IdempotentCreateMixin, PatientView):
    @extend_schema(tags=TAG, responses=shapes.PolicyOutput(many=True))
    def get(self, request: Request) -> Response:
        """The policies of all the people the account cares for, oneself included."""
        return answer(shapes.PolicyOutput(_policies(), many=True).data)

    @extend_schema(tags=TAG, request=shapes.PolicyInput, responses={201: shapes.PolicyOutput, 404: None})
    def post(self, request: Request) -> Response:
        """Add a policy of somebody the account cares for; one for each insurer."""
        given = sent(shapes.PolicyInput, request)
        policy = insurance.add(
            patient_id=given["patient"],
            provider_id=given["provider"],
            policy_number=given["policy_number"],
            details=given.get("details"),
        )
        return answer(shapes.PolicyOutput(policy).data, status=201)


class PolicyView(PatientView):
    @extend_schema(tags=TAG, responses=shapes.PolicyOutput)
    def get(self, request: Request, policy_id: UUID) -> Response:
        """One policy."""
        return self._answer(policy_id)

    @extend_schema(tags=TAG, request=shapes.PolicyChangeInput, responses=shapes.PolicyOutput)
    def patch(self, request: Request, policy_id: UUID) -> Response:
        """Change what is sent."""
        given = sent(shapes.PolicyChangeInput, request, partial=True)
        insurance.change(
            policy_id=policy_id,
            provider_id=given.get("provider"),
            policy_number=given.get("policy_number"),
            details=given.get("details"),
        )
        return self._answer(policy_id)

    @extend_schema(tags=TAG, responses={204: None})
    def delete(self, request: Request, policy_id: UUID) -> Response:
        """Remove a policy; bookings made under it keep its number."""
        insurance.remove(policy_id=policy_id)
        return answer(status=204)

    def _answer(self, policy_id: UUID) -> Response:
        policy = _policies().filter(pk=policy_id).first()
        if policy is None:
            raise NotFound
        return answer(shapes.PolicyOutput(policy).data)


class InsuranceProvidersView(ConditionalGetMixin, ApiView):
    allowed_roles = ANYONE
    max_age = 300

    @extend_schema(tags=["public"], responses=shapes.InsuranceProviderOutput(many=True))
    def get(self, request: Request) -> Response:
        """The insurers a policy can be with."""
        rows = InsuranceProvider.objects.filter(is_active=True).order_by("name")
        return answer(shapes.InsuranceProviderOutput(rows, many=True).data)
