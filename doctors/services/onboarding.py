"""From an account to a profile that staff can verify."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import Profile, Role, User
from doctors.errors import AlreadyADoctor, NotADoctorAccount, OnboardingIncomplete
from doctors.models import Doctor
from doctors.models.credentials import CredentialReview, DocumentType
from doctors.models.doctors import CredentialStatus
from doctors.services import practice, visit_types
from doctors.words import plain
from medai.common import outbox
from medai.common.database import constraint_errors
from medai.common.errors import FieldError, InvalidInput
from medai.common.identity import acting_as_system

REQUIRED_DOCUMENTS = (DocumentType.MEDICAL_DEGREE, DocumentType.MEDICAL_LICENSE)
# Addresses beneath /doctors/ that are no doctor's.
RESERVED_SLUGS = frozenset({"photos", "suggest", "map", "specialties", "new", "search"})

STEPS: dict[str, Promise] = {
    "profile": _("Profile"),
    "credentials": _("Documents"),
    "hours": _("Hours"),
    "fees": _("Fees and rules"),
    "review": _("Send"),
}


@transaction.atomic
def create_doctor(*, user: User, first_name: str = "", last_name: str = "", title: str = "Dr.") -> Doctor:
    """A profile for an account with the role of doctor, not public, with its first visit and follow-up.

    Names that are left out are those of the account's person. The caller has to be allowed to: this acts as system.
    """
    if user.role != Role.DOCTOR:
        raise NotADoctorAccount
    with acting_as_system("create doctor"):
        profile = Profile.objects.filter(user=user).first()
        first_name = first_name.strip() or (profile.first_name if profile else "")
        last_name = last_name.strip() or (profile.last_name if profile else "")
        errors = [
            FieldError(name, "required", _("This is needed."))
            for name, value in (("first_name", first_name), ("last_name", last_name))
            if not value
        ]
        if errors:
            raise InvalidInput(errors=errors)
        doctor = Doctor(
            user=user,
            title=title,
            first_name=first_name[:80],
            last_name=last_name[:80],
            slug=free_slug(f"{first_name} {last_name}"),
            languages=[user.language],
        )
        if profile is not None:
            doctor.time_zone = profile.time_zone
        with constraint_errors({"doctors_doctor_user_id_key": AlreadyADoctor}):
            doctor.save(force_insert=True)
        visit_types.create_always(doctor)
    return doctor


def free_slug(name: str) -> str:
    """The name as an address, with a number behind it where others bear the same name."""
    base = slugify(plain(name))[:100] or "doctor"
    taken = set(Doctor.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED_SLUGS
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


@dataclass(frozen=True)
class Progress:
    """How far a doctor is: the steps that are complete, and the first that is not."""

    done: frozenset[str]

    @property
    def next(self) -> str:
        return next((step for step in STEPS if step not in self.done), "review")

    @property
    def missing(self) -> list[str]:
        return [step for step in STEPS if step != "review" and step not in self.done]


def progress(doctor: Doctor) -> Progress:
    """Which steps a doctor has completed, from what is stored."""
    is_done = {
        "profile": bool(
            doctor.license_number
            and doctor.languages
            and (doctor.bio_es or doctor.bio_en)
            and doctor.doctor_specialties.exists()
        ),
        "credentials": _has_documents(doctor),
        "hours": doctor.weekly_hours.filter(is_active=True).exists(),
        # Fees start at zero; that they were looked at is what counts.
        "fees": doctor.onboarding_step in ("review", "submitted"),
        "review": doctor.submitted_at is not None and doctor.credential_status != CredentialStatus.REJECTED,
    }
    return Progress(frozenset(step for step, done in is_done.items() if done))


def _has_documents(doctor: Doctor) -> bool:
    uploaded = set(
        doctor.credentials.exclude(status=CredentialReview.REJECTED).values_list("document_type", flat=True)
    )
    return uploaded.issuperset(REQUIRED_DOCUMENTS)


@transaction.atomic
def pass_step(*, doctor_id: UUID, step: str) -> Doctor:
    """Note that the doctor saw a step through."""
    doctor = practice.locked(doctor_id)
    names = list(STEPS)
    if doctor.onboarding_step in names:
        following = names[min(names.index(step) + 1, len(names) - 1)]
        if names.index(following) > names.index(doctor.onboarding_step):
            doctor.onboarding_step = following
            practice.save(doctor, ["onboarding_step"])
    return doctor


@transaction.atomic
def submit(*, doctor_id: UUID) -> Doctor:
    """Ask staff to verify the profile, for the first time or again after a rejection.

    Submitting what waits already, or is verified, changes nothing. `OnboardingIncomplete` names what is missing.
    """
    doctor = practice.locked(doctor_id)
    if doctor.credential_status == CredentialStatus.VERIFIED:
        return doctor
    if doctor.credential_status == CredentialStatus.PENDING_REVIEW and doctor.submitted_at is not None:
        return doctor
    missing = progress(doctor).missing
    if missing:
        names = ", ".join(str(STEPS[step]) for step in missing)
        raise OnboardingIncomplete(missing=names, steps=missing)
    doctor.credential_status = CredentialStatus.PENDING_REVIEW
    doctor.submitted_at = timezone.now()
    doctor.onboarding_step = "submitted"
    practice.save(doctor, ["credential_status", "submitted_at", "onboarding_step"])
    with acting_as_system("submit doctor"):
        User.objects.filter(pk=doctor.user_id).update(onboarding_complete=True)
    outbox.record("doctor.submitted", doctor)
    return doctor
