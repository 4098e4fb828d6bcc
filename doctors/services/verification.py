"""What staff decide about a doctor: verified or rejected, approved, active. Each decision is in the audit log."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Role, User
from accounts.services.users import sign_up
from doctors.errors import AlreadyReviewed, DoctorNotFound, NotesNeeded, NothingToReview, NotVerified
from doctors.models import Credential, Doctor
from doctors.models.credentials import CredentialReview
from doctors.models.doctors import OF_THE_ACCOUNT, CredentialStatus, InactiveReason
from doctors.services import onboarding, practice
from medai.common import outbox, realtime
from medai.common.errors import PermissionRefused
from medai.common.identity import Kind, current_identity

DECISIONS = (CredentialStatus.VERIFIED, CredentialStatus.REJECTED)


@transaction.atomic
def create_by_staff(*, email: str, first_name: str = "", last_name: str = "", title: str = "Dr.") -> Doctor:
    """A profile that staff set up for a doctor's account, which is made (without a password) if need be."""
    _require_admin()
    user = User.objects.filter(email=User.objects.normalize_email(email)).first()
    if user is None:
        user = sign_up(
            email=email, password=None, role=Role.DOCTOR, first_name=first_name, last_name=last_name
        )
    doctor = onboarding.create_doctor(user=user, first_name=first_name, last_name=last_name, title=title)
    audit.record("created_doctor", doctor, user_id=user.pk)
    return doctor


@transaction.atomic
def review(*, doctor_id: UUID, decision: str, notes: str = "") -> Doctor:
    """Verify a submitted doctor, who becomes public, or reject with notes that say what to change.

    Documents that were waiting get the same answer. A verified doctor may be rejected later (a lapsed licence);
    the same decision twice is `AlreadyReviewed`.
    """
    reviewer_id = _require_admin()
    doctor = _locked(doctor_id)
    before, notes = doctor.credential_status, notes.strip()
    if decision not in DECISIONS:
        raise NothingToReview(field="decision")
    if doctor.submitted_at is None:
        raise NothingToReview
    if before == decision:
        raise AlreadyReviewed(status=CredentialStatus(before).label)
    if decision == CredentialStatus.REJECTED and not notes:
        raise NotesNeeded(field="notes")
    is_verified = decision == CredentialStatus.VERIFIED
    doctor.credential_status = decision
    doctor.verification_notes = notes
    doctor.is_approved = is_verified
    _save(doctor, "credential_status", "verification_notes", "is_approved")
    Credential.objects.filter(doctor=doctor, status=CredentialReview.PENDING).update(
        status=CredentialReview.ACCEPTED if is_verified else CredentialReview.REJECTED,
        reviewed_by_id=reviewer_id,
        reviewed_at=timezone.now(),
    )
    action = "verified_doctor" if is_verified else "rejected_doctor"
    audit.record(action, doctor, credential_status=[before, decision])
    outbox.record("doctor.verified" if is_verified else "doctor.rejected", doctor)
    practice.schedule_changed(doctor)
    return doctor


@transaction.atomic
def set_approval(*, doctor_id: UUID, is_approved: bool) -> Doctor:
    """Show a verified doctor to the public, or no longer."""
    _require_admin()
    doctor = _locked(doctor_id)
    if is_approved and doctor.credential_status != CredentialStatus.VERIFIED:
        raise NotVerified
    if doctor.is_approved == is_approved:
        return doctor
    doctor.is_approved = is_approved
    _save(doctor, "is_approved")
    audit.record(
        "approved_doctor" if is_approved else "withdrew_doctor_approval",
        doctor,
        is_approved=[not is_approved, is_approved],
    )
    practice.schedule_changed(doctor)
    return doctor


@transaction.atomic
def deactivate(*, doctor_id: UUID, reason: str = InactiveReason.STAFF) -> Doctor:
    """Take a doctor off the platform; nothing is deleted, and coming visits stay."""
    _require_admin()
    doctor = _locked(doctor_id)
    if doctor.is_active:
        doctor.is_active, doctor.inactive_reason = False, reason
        _save(doctor, "is_active", "inactive_reason")
        audit.record("deactivated_doctor", doctor, is_active=[True, False], reason=reason)
        practice.schedule_changed(doctor)
    return doctor


@transaction.atomic
def reactivate(*, doctor_id: UUID) -> Doctor:
    _require_admin()
    doctor = _locked(doctor_id)
    if not doctor.is_active:
        doctor.is_active, doctor.inactive_reason = True, ""
        _save(doctor, "is_active", "inactive_reason")
        audit.record("reactivated_doctor", doctor, is_active=[False, True])
        practice.schedule_changed(doctor)
    return doctor


@transaction.atomic
def follow_account(*, user_id: UUID) -> None:
    """Take off the doctor of an account that was banned or is no doctor's any more.

    One that was taken off for this alone comes back with the account.
    """
    doctor = Doctor.objects.select_related("user").filter(user_id=user_id).first()
    if doctor is None:
        return
    if not doctor.user.is_active:
        deactivate(doctor_id=doctor.pk, reason=InactiveReason.BANNED)
    elif doctor.user.role != Role.DOCTOR:
        deactivate(doctor_id=doctor.pk, reason=InactiveReason.ROLE)
    elif doctor.inactive_reason in OF_THE_ACCOUNT:
        reactivate(doctor_id=doctor.pk)


def _require_admin() -> UUID | None:
    """Admins verify; super admins manage people, not medicine. The system acts on their events."""
    identity = current_identity()
    if identity is None or identity.kind not in (Kind.ADMIN, Kind.SYSTEM):
        raise PermissionRefused
    return identity.actor_id or identity.user_id


def _locked(doctor_id: UUID) -> Doctor:
    doctor = Doctor.objects.select_for_update(no_key=True).filter(pk=doctor_id).first()
    if doctor is None:
        raise DoctorNotFound
    return doctor


def _save(doctor: Doctor, *fields: Any) -> None:
    changed = list(fields)
    publishes = (
        doctor.credential_status == CredentialStatus.VERIFIED and doctor.is_approved and doctor.is_active
    )
    if publishes and doctor.first_published_at is None:
        doctor.first_published_at = timezone.now()
        changed.append("first_published_at")
    practice.save(doctor, changed)
    realtime.changed(f"doctor-profile:{doctor.pk}")
    doctor.refresh_from_db(fields=["is_public"])
