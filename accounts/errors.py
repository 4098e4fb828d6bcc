"""What accounts refuses, and why."""

from django.utils.translation import gettext_lazy as _

from medai.common.errors import DomainError


class RefusedUnderImpersonation(DomainError):
    code = "refused_under_impersonation"
    status = 403
    message = _("This cannot be done while acting as someone else. Return to your own account first.")
