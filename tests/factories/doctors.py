"""Practices at every stage, made through the services as their doctors would: valid and minimal."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.identity import identity_for
from accounts.models import Role, User
from doctors.models import (
    Credential,
    Doctor,
    DoctorAvailability,
    Office,
    Specialty,
    VisitMode,
    VisitType,
    WeeklyHours,
)
from doctors.models.doctors import CredentialStatus
from doctors.services import (
    credentials,
    directory,
    offices,
    onboarding,
    profiles,
    schedules,
    verification,
    visit_types,
)
from medai.common.identity import acting_as, acting_as_system
from tests.factories.accounts import make_user

_numbers = count(1)


@contextmanager
def as_user(user: User) -> Iterator[None]:
    with acting_as(identity_for(user)):
        yield


def make_specialty(slug: str = "", **fields: Any) -> Specialty:
    """A specialty; words for it as `synonyms_es` and `synonyms_en`."""
    number = next(_numbers)
    slug = slug or f"field-{number}"
    values = {
        "name_es": f"Campo {number}",
        "name_en": f"Field {number}",
        "practitioners_es": f"Expertos {number}",
        "practitioners_en": f"Experts {number}",
        "synonyms_es": [],
        "synonyms_en": [],
    }
    with acting_as_system("test"):
        return Specialty.objects.create(slug=slug, **{**values, **fields})


def make_doctor_user(**fields: Any) -> User:
    return make_user(Role.DOCTOR, **fields)


def make_practice(user: User | None = None, *, specialty: Specialty | None = None, **profile: Any) -> Doctor:
    """A complete practice in Bogotá, Monday to Friday 8 to 12, that nobody has verified: not public."""
    user = user or make_doctor_user()
    city = profile.pop("city", "Bogotá")
    modes = profile.pop("modes", list(VisitMode.values))
    fee_minor = profile.pop("fee_minor", 18_000_000)
    currency = profile.pop("currency", "COP")
    position = profile.pop("position", (None, None))
    with acting_as_system("test"):
        doctor = onboarding.create_doctor(
            user=user,
            first_name=profile.pop("first_name", "Andrés"),
            last_name=profile.pop("last_name", f"Quintero {next(_numbers)}"),
        )
        profiles.update_profile(
            doctor_id=doctor.pk,
            specialties=[(specialty or make_specialty()).pk],
            **{"license_number": "52-118", "bio_es": "Acompaño a mis pacientes.", **profile},
        )
        office = offices.add_office(
            doctor_id=doctor.pk,
            address="Cra. 11 # 93-46",
            neighborhood="Chicó",
            city=city,
            latitude=position[0],
            longitude=position[1],
        )
        for visit_type in VisitType.objects.filter(doctor=doctor):
            visit_types.update_visit_type(
                visit_type_id=visit_type.pk, fee_minor=fee_minor, currency=currency, modes=modes
            )
        hours = [
            WeeklyHours(day_of_week=day, start_minute=480, end_minute=720, office_id=office.pk)
            for day in range(1, 6)
        ]
        schedules.replace_weekly_hours(doctor_id=doctor.pk, version=None, hours=hours)
        onboarding.pass_step(doctor_id=doctor.pk, step="fees")
        doctor.refresh_from_db()
        doctor.user = user
    return doctor


def make_submitted_doctor(user: User | None = None, **profile: Any) -> Doctor:
    """A practice with its documents that waits for staff."""
    doctor = make_practice(user, **profile)
    with acting_as_system("test"):
        for place, kind in enumerate(onboarding.REQUIRED_DOCUMENTS):
            credentials.upload_credential(
                doctor_id=doctor.pk, document_type=kind, upload=pdf(text=f"{doctor.pk} {place}")
            )
        onboarding.submit(doctor_id=doctor.pk)
        user = doctor.user
        doctor.refresh_from_db()
        doctor.user = user
    return doctor


def make_public_doctor(
    user: User | None = None, *, free_in: timedelta | None = None, **profile: Any
) -> Doctor:
    """A doctor whom everybody finds, next free after `free_in` (None: nothing is free)."""
    doctor = make_practice(user, **profile)
    with acting_as_system("test"):
        Doctor.objects.filter(pk=doctor.pk).update(
            submitted_at=datetime.now(UTC),
            credential_status=CredentialStatus.VERIFIED,
            is_approved=True,
            first_published_at=datetime.now(UTC),
            onboarding_step="submitted",
        )
        user = doctor.user
        doctor.refresh_from_db()
        doctor.user = user
        directory.refresh(doctor_ids=[doctor.pk])
        if free_in is not None:
            set_next_free(doctor, datetime.now(UTC) + free_in)
    return doctor


def set_next_free(doctor: Doctor, moment: datetime | None, modes: Any = VisitMode.values) -> None:
    """What bookings would have computed."""
    with acting_as_system("test"):
        for mode in modes:
            DoctorAvailability.objects.update_or_create(
                doctor=doctor,
                visit_mode=mode,
                defaults={"next_free_at": moment, "checked_at": datetime.now(UTC)},
            )


def verify(doctor: Doctor) -> None:
    with acting_as_system("test"):
        verification.review(doctor_id=doctor.pk, decision="verified")


def office_of(doctor: Doctor) -> Office:
    with acting_as_system("test"):
        return Office.objects.filter(doctor=doctor).order_by("created_at").first()


def fresh(row: Any) -> Any:
    """The row as it is stored now, whoever may see it; None once it is gone."""
    with acting_as_system("test"):
        return type(row)._default_manager.filter(pk=row.pk).first()


def stored_hours(doctor: Doctor) -> list[tuple[int, int, int]]:
    with acting_as_system("test"):
        rows = WeeklyHours.objects.filter(doctor=doctor).order_by("day_of_week", "start_minute")
        return list(rows.values_list("day_of_week", "start_minute", "end_minute"))


def credentials_of(doctor: Doctor) -> list[Credential]:
    with acting_as_system("test"):
        return list(Credential.objects.filter(doctor=doctor).order_by("created_at"))


def pdf(name: str = "diploma.pdf", text: str = "diploma") -> SimpleUploadedFile:
    content = f"%PDF-1.4\n% {text}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return SimpleUploadedFile(name, content.encode(), "application/pdf")


def picture(
    name: str = "photo.jpg", kind: str = "JPEG", side: int = 200, **options: Any
) -> SimpleUploadedFile:
    output = io.BytesIO()
    Image.new("RGB", (side, side), options.pop("color", "teal")).save(output, kind, **options)
    return SimpleUploadedFile(name, output.getvalue(), f"image/{kind.lower()}")
