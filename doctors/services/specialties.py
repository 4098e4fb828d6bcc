"""The fields of medicine that doctors are found by; kept by staff."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts import audit
from doctors.errors import SpecialtyExists, SpecialtyNotFound
from doctors.models import Specialty
from doctors.services import directory, practice
from doctors.words import plain
from medai.common.database import constraint_errors
from medai.common.errors import FieldError, InvalidInput, PermissionRefused
from medai.common.identity import Kind, current_identity

FIELDS = (
    "slug",
    "name_es",
    "name_en",
    "practitioners_es",
    "practitioners_en",
    "description_es",
    "description_en",
    "synonyms_es",
    "synonyms_en",
    "icon",
    "is_active",
)
NEEDED = ("slug", "name_es", "name_en", "practitioners_es", "practitioners_en")
UNIQUE = {
    "doctors_specialty_slug_key": SpecialtyExists(field="slug"),
    "doctors_specialty_name_es_key": SpecialtyExists(field="name_es"),
    "doctors_specialty_name_en_key": SpecialtyExists(field="name_en"),
}


@transaction.atomic
def create_specialty(**details: Any) -> Specialty:
    """A new specialty; without a slug it gets its English name as one."""
    _require_admin()
    specialty = Specialty()
    details["slug"] = details.get("slug") or slugify(plain(details.get("name_en", "")))[:50]
    _assign(specialty, details)
    with constraint_errors(UNIQUE):
        specialty.save(force_insert=True)
    audit.record("created_specialty", specialty, slug=specialty.slug)
    return specialty


@transaction.atomic
def update_specialty(*, specialty_id: UUID, **changes: Any) -> Specialty:
    """Change a specialty; one that is no longer active leaves the directory, and stays on past bookings."""
    _require_admin()
    specialty = Specialty.objects.select_for_update().filter(pk=specialty_id).first()
    if specialty is None:
        raise SpecialtyNotFound
    changed = _assign(specialty, changes)
    if not changed:
        return specialty
    with constraint_errors(UNIQUE):
        practice.save(specialty, changed)
    if {"slug", "is_active"} & set(changed):
        directory.refresh(doctor_ids=specialty.doctor_specialties.values_list("doctor_id", flat=True))
    audit.record("updated_specialty", specialty, fields=changed)
    return specialty


def _assign(specialty: Specialty, changes: dict[str, Any]) -> list[str]:
    cleaned = {
        name: [word.strip() for word in value if word.strip()]
        if isinstance(value, list)
        else value.strip()
        if isinstance(value, str)
        else value
        for name, value in changes.items()
    }
    changed = practice.assign(specialty, cleaned, FIELDS)
    errors = [
        FieldError(name, "required", _("This is needed.")) for name in NEEDED if not getattr(specialty, name)
    ]
    if errors:
        raise InvalidInput(errors=errors)
    return changed


def _require_admin() -> None:
    identity = current_identity()
    if identity is None or identity.kind not in (Kind.ADMIN, Kind.SYSTEM):
        raise PermissionRefused
