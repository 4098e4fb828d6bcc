"""Where a doctor sees patients."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services.people import e164
from doctors.errors import OfficeInUse, OfficeNotFound, PositionInvalid
from doctors.models import Doctor, Office, ScheduleException, WeeklyHours
from doctors.schedules import day_name
from doctors.services import practice
from medai.common.errors import FieldError, InvalidInput

FIELDS = (
    "name",
    "address",
    "neighborhood",
    "city",
    "country",
    "phone",
    "directions",
    "latitude",
    "longitude",
)


@transaction.atomic
def add_office(*, doctor_id: UUID, **details: Any) -> Office:
    """A new place where the doctor sees patients."""
    doctor = practice.locked(doctor_id)
    office = Office(doctor=doctor)
    _assign(office, {name: details.get(name, getattr(office, name)) for name in FIELDS} | _unknown(details))
    office.save(force_insert=True)
    practice.schedule_changed(doctor)
    return office


def _unknown(details: dict[str, Any]) -> dict[str, Any]:
    """What is no field, so that a misspelt name is refused."""
    return {name: value for name, value in details.items() if name not in FIELDS}


@transaction.atomic
def update_office(*, office_id: UUID, **changes: Any) -> Office:
    doctor, office = _locked(office_id)
    changed = _assign(office, changes)
    if changed:
        practice.save(office, changed)
        practice.schedule_changed(doctor)
    return office


@transaction.atomic
def close_office(*, office_id: UUID) -> Office:
    """Offer an office no more; it stays on the bookings made for it. Hours that name it keep it open."""
    doctor, office = _locked(office_id)
    if not office.is_active:
        return office
    used_on = WeeklyHours.objects.filter(office=office, is_active=True).order_by("day_of_week")
    days = dict.fromkeys(used_on.values_list("day_of_week", flat=True))
    if days:
        raise OfficeInUse(days=", ".join(day_name(day) for day in days))
    ScheduleException.objects.filter(office=office).update(office=None)
    office.is_active = False
    practice.save(office, ["is_active"])
    practice.schedule_changed(doctor)
    return office


def _locked(office_id: UUID) -> tuple[Doctor, Office]:
    found = Office.objects.filter(pk=office_id, doctor__in=practice.in_reach(), is_active=True).first()
    if found is None:
        raise OfficeNotFound
    doctor = practice.locked(found.doctor_id)
    return doctor, Office.objects.select_for_update().get(pk=office_id)


def _assign(office: Office, changes: dict[str, Any]) -> list[str]:
    changes = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    if changes.get("phone"):
        changes["phone"] = e164(changes["phone"])
    if "country" in changes:
        changes["country"] = str(changes["country"]).upper()
    changed = practice.assign(office, changes, FIELDS)
    errors = [
        FieldError(name, "required", _("This is needed."))
        for name in ("address", "city")
        if not getattr(office, name)
    ]
    if errors:
        raise InvalidInput(errors=errors)
    if (office.latitude is None) != (office.longitude is None):
        raise PositionInvalid(field="latitude")
    for name, limit in (("latitude", 90), ("longitude", 180)):
        value = getattr(office, name)
        if value is not None and abs(value) > limit:
            raise PositionInvalid(field=name)
    return changed
