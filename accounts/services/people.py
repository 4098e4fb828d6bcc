"""The person behind an account, and the people an account cares for."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import phonenumbers
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts import pictures
from accounts.errors import NotYourself, PhoneInvalid, TimeZoneUnknown, TooManyPeople
from accounts.models import Guardianship, Patient, Profile, User
from accounts.models.patients import Relationship
from accounts.services.users import remember_language
from medai.common import outbox
from medai.common.errors import InvalidInput, NotFound
from medai.common.identity import acting_as_system

MOST_PEOPLE = 20
OF_A_DEPENDENT = frozenset({"first_name", "last_name", "date_of_birth", "sex", "address", "city"})
OF_ONES_OWN_RECORD = frozenset(
    {"date_of_birth", "sex", "address", "city", "emergency_contact_name", "emergency_contact_phone"}
)
DEPENDENTS = frozenset({Relationship.CHILD, Relationship.PARENT, Relationship.OTHER})


def e164(text: str, *, field: str = "phone") -> str:
    """A phone number in the form +573001234567; one without a country code is of the default country."""
    if not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, settings.DEFAULT_COUNTRY)
    except phonenumbers.NumberParseException:
        raise PhoneInvalid(field=field) from None
    if not phonenumbers.is_valid_number(number):
        raise PhoneInvalid(field=field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@transaction.atomic
def update_profile(
    *,
    user: User,
    first_name: str | None = None,
    last_name: str | None = None,
    phone: str | None = None,
    time_zone: str | None = None,
    language: str | None = None,
) -> Profile:
    """Change what is given of a person's profile; a patient's own record follows. A new phone is unverified."""
    changes = {"first_name": first_name, "last_name": last_name, "time_zone": time_zone}
    values: dict[str, Any] = {name: value.strip() for name, value in changes.items() if value is not None}
    if phone is not None:
        values["phone"] = e164(phone)
    if values.get("time_zone", settings.DEFAULT_PERSON_TIME_ZONE) not in available_timezones():
        raise TimeZoneUnknown(field="time_zone")
    with acting_as_system("update profile"):
        profile, _ = Profile.objects.select_for_update().get_or_create(user=user)
        if "phone" in values and values["phone"] != profile.phone:
            profile.phone_verified_at = None
        for name, value in values.items():
            setattr(profile, name, value)
        profile.save()
        if values:
            _own_records(user).update(**values)
    if language is not None:
        remember_language(user, language)
    return profile


def _own_records(user: User) -> Any:
    return Patient.objects.filter(guardianships__user=user, guardianships__relationship=Relationship.SELF)


@transaction.atomic
def set_avatar(*, user: User, upload: UploadedFile) -> Profile:
    """Replace a person's photo by a square cut of the uploaded one, without its metadata."""
    picture = pictures.square(upload)
    with acting_as_system("avatar"):
        profile, _ = Profile.objects.select_for_update().get_or_create(user=user)
        _delete_after_commit(profile)
        profile.avatar.save(pictures.new_name(), picture, save=False)
        profile.save(update_fields=["avatar", "updated_at"])
    return profile


@transaction.atomic
def remove_avatar(*, user: User) -> None:
    with acting_as_system("avatar"):
        profile = Profile.objects.select_for_update().filter(user=user).first()
        if profile is not None and profile.avatar:
            _delete_after_commit(profile)
            profile.avatar = ""
            profile.save(update_fields=["avatar", "updated_at"])


def _delete_after_commit(profile: Profile) -> None:
    if profile.avatar:
        storage, name = profile.avatar.storage, str(profile.avatar.name)
        transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def update_own_record(*, user: User, **changes: Any) -> Patient:
    """Change the medical person's data of the account's own patient record (see `OF_ONES_OWN_RECORD`)."""
    with acting_as_system("update patient"):
        patient = _own_records(user).select_for_update(of=("self",)).first()
        if patient is None:
            raise NotFound
        _apply(patient, changes, OF_ONES_OWN_RECORD)
    return patient


@transaction.atomic
def update_own_profile(*, user: User, profile: dict[str, Any], record: dict[str, Any]) -> None:
    """Profile and own patient record in one go: both change, or neither."""
    if profile:
        update_profile(user=user, **profile)
    if record:
        update_own_record(user=user, **record)


@transaction.atomic
def add_dependent(*, user: User, relationship: str, **details: Any) -> Guardianship:
    """Record a child, a parent or somebody else the account cares for, and may book for from now on."""
    if relationship not in DEPENDENTS:
        raise InvalidInput(field="relationship")
    with acting_as_system("add dependent"):
        # The account's row serialises two requests that would both be the last one allowed.
        User.objects.select_for_update().get(pk=user.pk)
        if Guardianship.objects.filter(user=user).count() > MOST_PEOPLE:
            raise TooManyPeople(limit=MOST_PEOPLE)
        patient = Patient(language=user.language, time_zone=_time_zone_of(user))
        _apply(patient, details, OF_A_DEPENDENT)
        return Guardianship.objects.create(user=user, patient=patient, relationship=relationship)


@transaction.atomic
def update_dependent(
    *, user: User, patient_id: UUID, relationship: str | None = None, **changes: Any
) -> Patient:
    with acting_as_system("update dependent"):
        guardianship = _dependent(user, patient_id)
        if relationship is not None:
            if relationship not in DEPENDENTS:
                raise InvalidInput(field="relationship")
            guardianship.relationship = relationship
            guardianship.save(update_fields=["relationship", "updated_at"])
        _apply(guardianship.patient, changes, OF_A_DEPENDENT)
    return guardianship.patient


@transaction.atomic
def remove_dependent(*, user: User, patient_id: UUID) -> None:
    """Stop caring for somebody. The record stays for the care it documents; one that documents none goes too."""
    with acting_as_system("remove dependent"):
        guardianship = _dependent(user, patient_id)
        patient = guardianship.patient
        guardianship.delete()
        if not patient.guardianships.exists() and not patient.is_in_use():
            Patient.objects.filter(pk=patient.pk).soft_delete()
        outbox.record("patient.guardian_removed", patient, user_id=user.pk)


def _dependent(user: User, patient_id: UUID) -> Guardianship:
    guardianship = (
        Guardianship.objects.select_for_update(of=("self", "patient"))
        .select_related("patient")
        .filter(user=user, patient_id=patient_id, patient__deleted_at=None)
        .first()
    )
    if guardianship is None:
        raise NotFound
    if guardianship.relationship == Relationship.SELF:
        raise NotYourself
    return guardianship


def _time_zone_of(user: User) -> str:
    found = Profile.objects.filter(user=user).values_list("time_zone", flat=True).first()
    return found or settings.DEFAULT_PERSON_TIME_ZONE


def _apply(patient: Patient, changes: dict[str, Any], allowed: frozenset[str]) -> None:
    unknown = changes.keys() - allowed
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))} cannot be changed here")
    if "emergency_contact_phone" in changes:
        phone = e164(changes["emergency_contact_phone"], field="emergency_contact_phone")
        changes = {**changes, "emergency_contact_phone": phone}
    for name, value in changes.items():
        setattr(patient, name, value.strip() if isinstance(value, str) else value)
    patient.save()


def age_on(day: date, born_on: date) -> int:
    """Whole years between birth and a day."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
