"""What staff did, kept so that nobody can change it afterwards, and who acted as whom."""

import math

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medai.common.models import BaseModel


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
        return f"{self.sequence} {self.action}"


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
