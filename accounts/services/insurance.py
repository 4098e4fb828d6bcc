"""Policies of patients."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import InsurerUnknown, PolicyExists
from accounts.models import InsuranceProvider, PatientInsurance
from medai.common.database import constraint_errors
from medai.common.errors import NotFound
from medai.common.identity import current_identity

UNIQUE = {"patient_insurance_is_unique": PolicyExists(field="provider")}


def _require_own_patient(patient_id: UUID) -> None:
    identity = current_identity()
    if identity is None or patient_id not in identity.patient_ids:
        raise NotFound(field="patient")


def _provider(provider_id: UUID) -> InsuranceProvider:
    provider = InsuranceProvider.objects.filter(pk=provider_id, is_active=True).first()
    if provider is None:
        raise InsurerUnknown(field="provider")
    return provider


@transaction.atomic
def add(
    *, patient_id: UUID, provider_id: UUID, policy_number: str, details: dict[str, Any] | None = None
) -> PatientInsurance:
    """Record a policy of a patient the current identity cares for; one for each insurer."""
    _require_own_patient(patient_id)
    provider = _provider(provider_id)
    with constraint_errors(UNIQUE):
        return PatientInsurance.objects.create(
            patient_id=patient_id,
            provider=provider,
            policy_number=policy_number.strip(),
            details=details or {},
        )


def in_reach() -> QuerySet[PatientInsurance]:
    """The policies of the patients that the current identity cares for."""
    identity = current_identity()
    return PatientInsurance.objects.filter(patient_id__in=identity.patient_ids if identity else ())


def _find(policy_id: UUID) -> PatientInsurance:
    policy = (
        in_reach()
        .select_for_update(of=("self",))
        .select_related("provider", "patient")
        .filter(pk=policy_id)
        .first()
    )
    if policy is None:
        raise NotFound
    return policy


@transaction.atomic
def change(
    *,
    policy_id: UUID,
    provider_id: UUID | None = None,
    policy_number: str | None = None,
    details: dict[str, Any] | None = None,
) -> PatientInsurance:
    policy = _find(policy_id)
    if provider_id is not None and provider_id != policy.provider_id:
        policy.provider = _provider(provider_id)
    if policy_number is not None:
        policy.policy_number = policy_number.strip()
    if details is not None:
        policy.details = details
    with constraint_errors(UNIQUE):
        policy.save()
    return policy


@transaction.atomic
def remove(*, policy_id: UUID) -> None:
    """Forget a policy; bookings made under it keep its number."""
    _find(policy_id).delete()
