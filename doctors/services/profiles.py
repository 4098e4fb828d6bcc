"""Who a doctor is to patients."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import InsuranceProvider
from doctors.errors import (
    InvalidQualification,
    KeptAsVerified,
    UnknownInsurer,
    UnknownLanguage,
    UnknownSpecialty,
)
from doctors.languages import LANGUAGES
from doctors.models import Doctor, DoctorSpecialty, Specialty
from doctors.models.doctors import CredentialStatus
from doctors.services import directory, practice
from medai.common import files, realtime
from medai.common.errors import FieldError, InvalidInput
from medai.common.identity import Kind, current_identity

VERIFIED = ("first_name", "last_name", "license_number")
FIELDS = (
    *VERIFIED,
    "title",
    "bio_es",
    "bio_en",
    "qualifications",
    "experience_years",
    "languages",
    "is_accepting_new_patients",
)
MOST_QUALIFICATIONS = 20
MOST_SPECIALTIES = 6
LONGEST_BIO = 4000
PHOTO_SIDE = 640


@transaction.atomic
def update_profile(
    *,
    doctor_id: UUID,
    specialties: Sequence[UUID] | None = None,
    insurers: Iterable[UUID] | None = None,
    **changes: Any,
) -> Doctor:
    """Change what is given. `specialties` are all of them, the primary one first; `insurers` all that are accepted.

    What was verified (name, licence, specialties) is changed by staff only, else `KeptAsVerified`. Which fields staff
    changed is on record.
    """
    doctor = practice.locked(doctor_id)
    accepted = doctor.is_accepting_new_patients
    changed = practice.assign(doctor, _cleaned(changes), FIELDS)
    if _is_kept(doctor):
        for name in VERIFIED:
            if name in changed:
                raise KeptAsVerified(field=name)
    if changed:
        practice.save(doctor, changed)
    # A booking names the specialty, and goes by what is kept of the practice's version.
    is_other = specialties is not None and _set_specialties(doctor, specialties)
    if is_other:
        changed = [*changed, "specialties"]
    if insurers is not None and _set_insurers(doctor, insurers):
        changed = [*changed, "insurers"]
    if changed and _is_by_staff():
        audit.record("updated_doctor", doctor, fields=changed)
    if is_other or doctor.is_accepting_new_patients != accepted:
        practice.schedule_changed(doctor)
    else:
        _shown(doctor)
    return doctor


@transaction.atomic
def set_photo(*, doctor_id: UUID, upload: UploadedFile) -> Doctor:
    """Replace the photo by the uploaded one, drawn anew: smaller, upright and without its metadata."""
    picture = files.safe_image(upload, side=PHOTO_SIDE)
    doctor = practice.locked(doctor_id)
    content = picture.read()
    picture.seek(0)
    old = doctor.photo.name
    # The name changes with the picture, so that browsers may keep it for ever.
    doctor.photo.save(f"{hashlib.sha256(content).hexdigest()[:24]}.jpg", picture, save=False)
    practice.save(doctor, ["photo"])
    _forget_file(doctor, old)
    _shown(doctor)
    return doctor


@transaction.atomic
def remove_photo(*, doctor_id: UUID) -> Doctor:
    doctor = practice.locked(doctor_id)
    old = doctor.photo.name
    doctor.photo = ""
    practice.save(doctor, ["photo"])
    _forget_file(doctor, old)
    _shown(doctor)
    return doctor


def _forget_file(doctor: Doctor, name: str | None) -> None:
    if name and name != doctor.photo.name:
        storage = doctor.photo.storage
        transaction.on_commit(lambda: storage.delete(name))


def _shown(doctor: Doctor) -> None:
    directory.refresh(doctor_ids=[doctor.pk])
    realtime.changed(f"doctor-slots:{doctor.pk}")


def _is_by_staff() -> bool:
    identity = current_identity()
    return identity is not None and identity.kind == Kind.ADMIN


def _is_kept(doctor: Doctor) -> bool:
    identity = current_identity()
    by_doctor = identity is not None and identity.kind == Kind.DOCTOR
    return by_doctor and doctor.credential_status == CredentialStatus.VERIFIED


def _cleaned(changes: dict[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value for name, value in changes.items()
    }
    errors = [
        FieldError(name, "max_length", InvalidInput.message)
        for name in ("bio_es", "bio_en")
        if len(cleaned.get(name, "")) > LONGEST_BIO
    ]
    if errors:
        raise InvalidInput(errors=errors)
    if "languages" in cleaned:
        cleaned["languages"] = list(dict.fromkeys(cleaned["languages"]))
        if not set(cleaned["languages"]) <= set(LANGUAGES):
            raise UnknownLanguage(field="languages")
    if "qualifications" in cleaned:
        cleaned["qualifications"] = _qualifications(cleaned["qualifications"])
    return cleaned


def _qualifications(given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Degrees, the latest first: `title_es`, `title_en`, `institution`, `year`."""
    if len(given) > MOST_QUALIFICATIONS:
        raise InvalidQualification(field="qualifications")
    this_year = timezone.now().year
    rows = []
    for place, one in enumerate(given):
        row = {
            name: str(one.get(name) or "").strip()[:160] for name in ("title_es", "title_en", "institution")
        }
        year = one.get("year") or None
        if not (row["title_es"] or row["title_en"]):
            raise InvalidQualification(field=f"qualifications.{place}.title_es")
        if year is not None and not (str(year).isdigit() and this_year - 80 <= int(year) <= this_year):
            raise InvalidQualification(field=f"qualifications.{place}.year")
        rows.append({**row, "year": int(year) if year else None})
    return sorted(rows, key=lambda row: -(row["year"] or 0))


def _set_specialties(doctor: Doctor, chosen: Sequence[UUID]) -> bool:
    """Whether they were others before."""
    chosen = list(dict.fromkeys(chosen))
    current = list(
        doctor.doctor_specialties.order_by("-is_primary", "created_at").values_list("specialty_id", flat=True)
    )
    if chosen == current:
        return False
    if _is_kept(doctor):
        raise KeptAsVerified(field="specialties")
    known = set(Specialty.objects.active().filter(pk__in=chosen).values_list("pk", flat=True))
    if not chosen or len(chosen) > MOST_SPECIALTIES or known != set(chosen):
        raise UnknownSpecialty(field="specialties")
    DoctorSpecialty.objects.filter(doctor=doctor).delete()
    # One after the other: their order is the order of their creation.
    for place, specialty_id in enumerate(chosen):
        DoctorSpecialty.objects.create(doctor=doctor, specialty_id=specialty_id, is_primary=place == 0)
    return True


def _set_insurers(doctor: Doctor, chosen: Iterable[UUID]) -> bool:
    """Whether they were others before."""
    chosen = set(chosen)
    known = set(InsuranceProvider.objects.filter(pk__in=chosen, is_active=True).values_list("pk", flat=True))
    current = set(doctor.accepted_insurers.values_list("pk", flat=True))
    if not chosen <= known | current:
        raise UnknownInsurer(field="insurers")
    doctor.accepted_insurers.set(InsuranceProvider.objects.filter(pk__in=chosen))
    return chosen != current
