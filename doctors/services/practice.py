"""What the other services share: the doctor one may change, checked changes, and telling that slots changed."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, QuerySet
from django.utils import timezone

from doctors.errors import DoctorNotFound
from doctors.models import Doctor
from doctors.services import directory
from medai.common import outbox, realtime
from medai.common.calendars import doctor_lock_key
from medai.common.database import lock
from medai.common.errors import FieldError, InvalidInput
from medai.common.identity import Kind, current_identity


def in_reach() -> QuerySet[Doctor]:
    """The doctors whose practice the current identity may change: their own, all for admins and the system."""
    identity = current_identity()
    if identity is None:
        return Doctor.objects.none()
    if identity.kind == Kind.DOCTOR:
        return Doctor.objects.filter(pk__in=identity.doctor_ids)
    return Doctor.objects.all() if identity.kind in (Kind.ADMIN, Kind.SYSTEM) else Doctor.objects.none()


def locked(doctor_id: UUID) -> Doctor:
    """The doctor to be changed, locked until the transaction ends; `DoctorNotFound` for anybody else's."""
    lock(doctor_lock_key(doctor_id))
    # NO KEY: whoever books at the same moment only needs the doctor to stay.
    doctor = in_reach().select_for_update(no_key=True, of=("self",)).filter(pk=doctor_id).first()
    if doctor is None:
        raise DoctorNotFound
    return doctor


def assign(instance: models.Model, changes: Mapping[str, Any], allowed: Iterable[str]) -> list[str]:
    """Set fields and check them as the model says; the names of those that are different now.

    Everything wrong is raised at once as `InvalidInput`, each under its field.
    """
    allowed = frozenset(allowed)
    if unknown := changes.keys() - allowed:
        raise TypeError(f"Not to be changed here: {', '.join(sorted(unknown))}")
    changed = [name for name, value in changes.items() if getattr(instance, name) != value]
    for name in changed:
        setattr(instance, name, changes[name])
    others = {each.name for each in instance._meta.fields} - set(changed)
    try:
        instance.clean_fields(exclude=others)
    except ValidationError as error:
        raise InvalidInput(errors=field_errors(error)) from error
    return changed


def field_errors(error: ValidationError) -> list[FieldError]:
    """Django's complaints about fields, one by one."""
    return [
        FieldError(name, each.code or "invalid", message)
        for name, listed in error.error_dict.items()
        for each in listed
        for message in each.messages
    ]


def save(instance: models.Model, changed: Iterable[str]) -> None:
    instance.save(update_fields=[*changed, "updated_at"])


def schedule_changed(doctor: Doctor, **data: Any) -> None:
    """Count the change, bring the directory up to date, and tell whoever computes or shows free slots."""
    Doctor.objects.filter(pk=doctor.pk).update(
        schedule_version=F("schedule_version") + 1, updated_at=timezone.now()
    )
    doctor.refresh_from_db(fields=["schedule_version", "updated_at"])
    directory.refresh(doctor_ids=[doctor.pk])
    outbox.record("doctor.schedule_changed", doctor, **data)
    realtime.changed(f"doctor-slots:{doctor.pk}", f"doctor-calendar:{doctor.pk}")
