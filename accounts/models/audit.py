"""What staff did, kept so that nobody can change it afterwards, and who acted as whom."""

import math

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medai.common.models import BaseModel


class AuditAction(models.TextChoices):
    """What staff do that is worth keeping, in the words in which staff read it."""

    CREATED_DOCTOR = "created_doctor", _("Doctor created")
    UPDATED_DOCTOR = "updated_doctor", _("Doctor changed")
    VERIFIED_DOCTOR = "verified_doctor", _("Doctor verified")
    REJECTED_DOCTOR = "rejected_doctor", _("Doctor rejected")
    APPROVED_DOCTOR = "approved_doctor", _("Doctor approved")
    WITHDREW_DOCTOR_APPROVAL = "withdrew_doctor_approval", _("Approval of a doctor withdrawn")
    DEACTIVATED_DOCTOR = "deactivated_doctor", _("Doctor deactivated")
    REACTIVATED_DOCTOR = "reactivated_doctor", _("Doctor reactivated")
    CREATED_SPECIALTY = "created_specialty", _("Specialty created")
    UPDATED_SPECIALTY = "updated_specialty", _("Specialty changed")
    CREATED_INSURANCE_PROVIDER = "created_insurance_provider", _("Insurer created")
    UPDATED_INSURANCE_PROVIDER = "updated_insurance_provider", _("Insurer changed")
    CREATED_PATIENT = "created_patient", _("Patient created")
    UPDATED_PATIENT = "updated_patient", _("Patient changed")
    BANNED_USER = "banned_user", _("User banned")
    UNBANNED_USER = "unbanned_user", _("User unbanned")
    UPDATED_USER_ROLE = "updated_user_role", _("Role changed")
    IMPERSONATED_USER_START = "impersonated_user_start", _("Began to act as a user")
    IMPERSONATED_REQUEST = "impersonated_request", _("Request as a user")
    IMPERSONATED_USER_STOP = "impersonated_user_stop", _("Ceased to act as a user")
    BOOKED_FOR_PATIENT = "booked_for_patient", _("Booked for a patient")
    CANCELLED_BOOKING = "cancelled_booking", _("Booking cancelled")
    RETRIED_EVENT = "retried_event", _("Background event tried again")

    @classmethod
    def label_of(cls, code: str) -> str:
        """The words for a code; the code itself where none are kept for it any more."""
        return str(cls(code).label) if code in cls.values else code


class AdminAuditLog(BaseModel):
    """One action of staff. Rows are chained: `digest` is the HMAC of the row and of the digest before it.

    `details` holds ids, codes and statuses with their old and new values, never names, contacts or clinical text,
    so that a person can be erased while the log stays whole. `sequence` counts from 1 without gaps.
    """

    sequence = models.BigIntegerField(unique=True, editable=False)
    actor_id = models.UUIDField(_("who"), null=True, db_index=True)
    acting_as_id = models.UUIDField(_("acting as"), null=True, blank=True)
    action = models.CharField(_("action"), max_length=64, db_index=True)
    target_type = models.CharField(_("target"), max_length=64)
    target_id = models.CharField(_("target id"), max_length=64)
    details = models.JSONField(_("details"), default=dict)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    occurred_at = models.DateTimeField(_("time"), db_index=True)
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("audit log entry")
        verbose_name_plural = _("audit log")
        ordering = ["-sequence"]
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_target")]

    def __str__(self) -> str:
        return f"{AuditAction.label_of(self.action)} (#{self.sequence})"


class AuditAnchor(BaseModel):
    """The head of the chain as it stood on a day, so that a cut-off tail is noticed."""

    anchored_on = models.DateField(unique=True)
    sequence = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit anchor")
        verbose_name_plural = _("audit anchors")


class ImpersonationSession(BaseModel):
    """A member of staff acting as a user, for a stated reason and a limited time (`expires_at`)."""

    admin = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("impersonation")
        verbose_name_plural = _("impersonations")
        constraints = [
            models.CheckConstraint(condition=~Q(admin=F("user")), name="impersonation_is_of_someone_else"),
            models.CheckConstraint(condition=~Q(reason=""), name="impersonation_has_a_reason"),
        ]

    @property
    def minutes_left(self) -> int:
        """How many minutes are left, begun ones counted."""
        return max(0, math.ceil((self.expires_at - timezone.now()).total_seconds() / 60))

    def is_live(self) -> bool:
        """Whether it still holds: not ended, in time, and its admin still a member of staff."""
        return (
            self.ended_at is None
            and self.expires_at > timezone.now()
            and self.admin.is_active
            and self.admin.is_staff
        )
