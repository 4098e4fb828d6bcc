"""Doctors, where and when they see patients, and what it costs."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import InsuranceProvider, Profile
from doctors.models import (
    Doctor,
    DoctorSpecialty,
    Office,
    ScheduleException,
    Specialty,
    VisitType,
    WeeklyHours,
)
from medai.demo.avatars import draw, portrait_of
from medai.demo.drafts import DoctorDraft
from medai.demo.load.accounts import user_id
from medai.demo.load.rows import identifier, insert, missing
from medai.demo.timeline import doctor_joined_at


def doctor_id(slug: str) -> UUID:
    return identifier("doctor", slug)


def load_practices(drafts: Iterable[DoctorDraft], now: datetime) -> int:
    """Write the doctors that are not there yet, with all that belongs to them; the number of new ones."""
    by_id = {doctor_id(draft.slug): draft for draft in drafts}
    new = missing(Doctor, [_doctor(draft, now) for draft in by_id.values()])
    chosen = [by_id[doctor.pk] for doctor in new]
    for doctor in new:
        picture = draw(portrait_of(by_id[doctor.pk]))
        doctor.photo = save_file(f"doctors/photos/{_digest(picture)}.jpg", picture)
        avatar = save_file(f"avatars/{_digest(picture)}.jpg", picture)
        Profile.objects.filter(user_id=doctor.user_id).update(avatar=avatar)
    Doctor.objects.bulk_create(new)
    _specialties(chosen)
    _insurers(chosen)
    insert(office for draft in chosen for office in _offices(draft))
    VisitType.objects.bulk_create(visit_type for draft in chosen for visit_type in _visit_types(draft))
    insert(hours for draft in chosen for hours in _hours(draft))
    insert(exception for draft in chosen for exception in _exceptions(draft))
    return len(chosen)


def _digest(content: bytes) -> str:
    """What a photo is called: another picture, another name."""
    return hashlib.sha256(content).hexdigest()[:24]


def save_file(name: str, content: bytes) -> str:
    """Store a file under exactly this name, in place of one that an interrupted run left."""
    default_storage.delete(name)
    return default_storage.save(name, ContentFile(content))


def _doctor(draft: DoctorDraft, now: datetime) -> Doctor:
    rules = draft.rules
    public = draft.standing == "public"
    joined = doctor_joined_at(draft.slug, now, applies=not public)
    return Doctor(
        id=doctor_id(draft.slug),
        user_id=user_id(draft.slug),
        slug=draft.slug,
        title=draft.title,
        first_name=draft.first_name,
        last_name=draft.last_name,
        bio_es=draft.bio_es,
        bio_en=draft.bio_en,
        qualifications=[
            {"title_es": q.title_es, "title_en": q.title_en, "institution": q.institution, "year": q.year}
            for q in draft.qualifications
        ],
        experience_years=draft.experience_years,
        languages=list(draft.languages),
        license_number=draft.license_number,
        credential_status="verified" if public else "pending_review",
        is_approved=public,
        is_accepting_new_patients=draft.is_accepting_new_patients,
        onboarding_step="submitted",
        submitted_at=joined + timedelta(hours=3),
        first_published_at=joined + timedelta(days=2) if public else None,
        slot_minutes=rules.slot_minutes,
        buffer_before_minutes=rules.buffer_before_minutes,
        buffer_after_minutes=rules.buffer_after_minutes,
        minimum_notice_minutes=rules.minimum_notice_minutes,
        horizon_days=rules.horizon_days,
        maximum_per_day=rules.maximum_per_day,
        confirmation_mode="by_hand" if rules.confirms_by_hand else "automatic",
        free_cancellation_hours=rules.free_cancellation_hours,
        late_fee_percent=rules.late_fee_percent,
        accepts_payment_at_clinic=rules.accepts_payment_at_clinic,
    )


def _specialties(drafts: list[DoctorDraft]) -> None:
    ids = dict(Specialty.objects.values_list("slug", "pk"))
    insert(
        DoctorSpecialty(
            id=identifier("specialty", draft.slug, slug),
            doctor_id=doctor_id(draft.slug),
            specialty_id=ids[slug],
            is_primary=position == 0,
        )
        for draft in drafts
        for position, slug in enumerate(draft.specialties)
    )


def _insurers(drafts: list[DoctorDraft]) -> None:
    ids = dict(InsuranceProvider.objects.values_list("name", "pk"))
    accepts = Doctor.accepted_insurers.through
    accepts.objects.bulk_create(
        accepts(doctor_id=doctor_id(draft.slug), insuranceprovider_id=ids[name])
        for draft in drafts
        for name in draft.insurers
    )


def office_id(slug: str, position: int | None) -> UUID | None:
    return None if position is None else identifier("office", slug, position)


def _offices(draft: DoctorDraft) -> Iterable[Office]:
    for position, office in enumerate(draft.offices):
        yield Office(
            id=office_id(draft.slug, position),
            doctor_id=doctor_id(draft.slug),
            name=office.name,
            address=office.place.address,
            neighborhood=office.place.neighborhood,
            city=office.place.city,
            phone=office.phone,
            directions=office.directions,
            latitude=office.place.latitude,
            longitude=office.place.longitude,
        )


def _visit_types(draft: DoctorDraft) -> Iterable[VisitType]:
    for position, visit in enumerate(draft.visit_types):
        yield VisitType(
            id=identifier("visit type", draft.slug, position),
            doctor_id=doctor_id(draft.slug),
            kind=visit.kind,
            name_es=visit.name_es,
            name_en=visit.name_en,
            duration_minutes=visit.duration_minutes,
            fee_minor=visit.fee_minor,
            currency=visit.currency,
            modes=list(visit.modes),
        )


def _hours(draft: DoctorDraft) -> Iterable[WeeklyHours]:
    for position, hours in enumerate(draft.hours):
        yield WeeklyHours(
            id=identifier("hours", draft.slug, position),
            doctor_id=doctor_id(draft.slug),
            day_of_week=hours.day_of_week,
            start_minute=hours.start_minute,
            end_minute=hours.end_minute,
            mode=hours.mode,
            office_id=office_id(draft.slug, hours.office),
            slot_minutes=hours.slot_minutes,
        )


def _exceptions(draft: DoctorDraft) -> Iterable[ScheduleException]:
    for exception in draft.exceptions:
        values: dict[str, Any] = {
            "date": exception.date,
            "kind": exception.kind,
            "start_minute": exception.start_minute,
            "end_minute": exception.end_minute,
            "mode": exception.mode,
            "office_id": office_id(draft.slug, exception.office),
            "reason": exception.reason,
        }
        yield ScheduleException(
            id=identifier("exception", draft.slug, exception.date),
            doctor_id=doctor_id(draft.slug),
            **values,
        )
