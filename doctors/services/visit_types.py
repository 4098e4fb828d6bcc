"""What can be booked with a doctor, how long it takes and what it costs."""

from typing import Any
from uuid import UUID

from django.db import transaction

from doctors.errors import (
    UnknownCurrency,
    VisitModesMissing,
    VisitTypeNeeded,
    VisitTypeNotFound,
    VisitTypeUnnamed,
)
from doctors.models import Doctor, VisitMode, VisitType
from doctors.models.practice import VisitTypeKind
from doctors.services import practice
from medai.common import money

FIELDS = ("name_es", "name_en", "duration_minutes", "fee_minor", "currency", "modes")
ALWAYS = (VisitTypeKind.STANDARD, VisitTypeKind.FOLLOW_UP)
LARGEST_FEE = 10**15


def create_always(doctor: Doctor) -> None:
    """The two visit types that every doctor has, free of charge and in person until they say otherwise."""
    VisitType.objects.bulk_create(
        VisitType(doctor=doctor, kind=kind, modes=[VisitMode.IN_PERSON], currency=doctor_currency(doctor))
        for kind in ALWAYS
    )


def doctor_currency(doctor: Doctor) -> str:
    """What the doctor's other visits are paid in, else the platform's own currency."""
    used = VisitType.objects.filter(doctor=doctor).values_list("currency", flat=True).first()
    return used or VisitType._meta.get_field("currency").get_default()


@transaction.atomic
def add_visit_type(*, doctor_id: UUID, **details: Any) -> VisitType:
    """A visit of the doctor's own beside the two that always exist."""
    doctor = practice.locked(doctor_id)
    visit_type = VisitType(doctor=doctor, kind=VisitTypeKind.OTHER)
    _assign(visit_type, {name: details[name] for name in FIELDS if name in details} | _extra(details))
    visit_type.save(force_insert=True)
    practice.schedule_changed(doctor)
    return visit_type


def _extra(details: dict[str, Any]) -> dict[str, Any]:
    """What is no field, so that a misspelt name is refused."""
    return {name: value for name, value in details.items() if name not in FIELDS}


@transaction.atomic
def update_visit_type(*, visit_type_id: UUID, **changes: Any) -> VisitType:
    doctor, visit_type = _locked(visit_type_id)
    changed = _assign(visit_type, changes)
    if changed:
        practice.save(visit_type, changed)
        practice.schedule_changed(doctor)
    return visit_type


@transaction.atomic
def withdraw_visit_type(*, visit_type_id: UUID) -> VisitType:
    """Offer a visit no more; it stays on the bookings made for it."""
    doctor, visit_type = _locked(visit_type_id)
    if visit_type.kind in ALWAYS:
        raise VisitTypeNeeded
    visit_type.is_active = False
    practice.save(visit_type, ["is_active"])
    practice.schedule_changed(doctor)
    return visit_type


def _locked(visit_type_id: UUID) -> tuple[Doctor, VisitType]:
    found = VisitType.objects.filter(pk=visit_type_id, doctor__in=practice.in_reach(), is_active=True).first()
    if found is None:
        raise VisitTypeNotFound
    doctor = practice.locked(found.doctor_id)
    return doctor, VisitType.objects.select_for_update().get(pk=visit_type_id)


def _assign(visit_type: VisitType, changes: dict[str, Any]) -> list[str]:
    changes = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    if "modes" in changes:
        changes["modes"] = [mode for mode in VisitMode.values if mode in changes["modes"]]
    if "currency" in changes:
        changes["currency"] = changes["currency"].upper()
    changed = practice.assign(visit_type, changes, FIELDS)
    if not money.is_currency(visit_type.currency):
        raise UnknownCurrency(field="currency")
    if visit_type.fee_minor > LARGEST_FEE:
        raise money.AmountInvalid(
            field="fee_minor", example=money.format_money(20_000_000, visit_type.currency)
        )
    if not visit_type.modes:
        raise VisitModesMissing(field="modes")
    if visit_type.kind == VisitTypeKind.OTHER and not (visit_type.name_es or visit_type.name_en):
        raise VisitTypeUnnamed(field="name_es")
    return changed
