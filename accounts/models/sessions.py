"""Where somebody is signed in through the API. Web sessions are Django's."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.audit import ImpersonationSession
from medai.common.models import BaseModel


class ApiSessionQuerySet(models.QuerySet[Any]):
    def live(self) -> Self:
        """Neither ended nor run out; whether the account is banned is asked apart."""
        return self.filter(ended_at=None, expires_at__gt=timezone.now())


class ApiSession(BaseModel):
    """One sign-in of a mobile or other client: access tokens name it, one refresh token at a time renews it.

    Of the refresh token only digests are kept: `family_digest` of the part that stays the same, so that a spent
    token is told from an invented one, and `refresh_digest` of the one that is valid now. `auth_digest` ties the
    session to the password and the `session_epoch` it was opened under, as Django ties a browser's. Under an
    impersonation there is no refresh token and the session ends with the impersonation.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_sessions")
    impersonation = models.ForeignKey(
        ImpersonationSession, on_delete=models.CASCADE, null=True, blank=True, related_name="api_sessions"
    )
    family_digest = models.CharField(max_length=64, editable=False)
    refresh_digest = models.CharField(max_length=64, editable=False)
    auth_digest = models.CharField(max_length=64, editable=False, default="")
    user_agent = models.CharField(_("device"), max_length=200, blank=True)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"))
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ApiSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("API session")
        verbose_name_plural = _("API sessions")
        indexes = [models.Index(fields=["user"], name="api_session_live", condition=Q(ended_at=None))]
