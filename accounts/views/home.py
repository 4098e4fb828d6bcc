"""Where a signed-in person belongs, and the way back from an impersonation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import impersonating
from accounts.errors import NotImpersonating
from accounts.guards import role_required, user_of
from accounts.homes import home_of


@require_safe
@role_required()
def home(request: HttpRequest) -> HttpResponse:
    """Where everybody lands after signing in: each role in its own portal."""
    if request.GET.get("impersonation") == "over":
        messages.info(request, _("The time to act as someone else is over. You are yourself again."))
    return redirect(home_of(user_of(request).role))


@require_POST
@role_required()
def stop_impersonating(request: HttpRequest) -> HttpResponse:
    """Back to one's own account in one click."""
    if not impersonating.is_marked(request):
        raise NotImpersonating
    user_id = user_of(request).pk
    admin = impersonating.leave(request)
    if admin is None:
        return redirect("account_login")
    messages.success(request, _("You are yourself again."))
    try:
        return redirect("admin:accounts_user_change", user_id)
    except NoReverseMatch:
        return redirect("accounts:home")
