"""Settings: how the account is entered, and where it is open."""

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, devices
from accounts.guards import not_under_impersonation, role_required, user_of
from accounts.models import ApiSession
from accounts.services import sessions
from medai.common.identity import Identity, Kind, acting_as


@require_safe
@role_required()
def overview(request: HttpRequest) -> HttpResponse:
    """Each way into the account, and where to change it."""
    authenticators = Authenticator.objects.filter(user=user_of(request))
    kinds = [authenticator.type for authenticator in authenticators]
    email = EmailAddress.objects.filter(user=user_of(request), primary=True).first()
    context = {
        "email": email,
        # In its two halves: a narrow screen breaks it between them, not in the middle of a word.
        "address": str(email.email if email else user_of(request).email).split("@"),
        "has_password": user_of(request).has_usable_password(),
        "has_app": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "google_offered": bool(settings.SOCIALACCOUNT_PROVIDERS["google"]["APPS"]),
        "google": SocialAccount.objects.filter(user=user_of(request)).first(),
        "open_sessions": len(_web_sessions(request)) + len(_api_sessions(request)),
    }
    return render(request, "accounts/security.html", context)


def _web_sessions(request: HttpRequest) -> list[UserSession]:
    """The user's browsers that are still signed in, this one first."""
    current = request.session.session_key
    rows = UserSession.objects.filter(user=user_of(request)).order_by("-last_seen_at")
    live = [row for row in rows if row.session_key == current or row.exists()]
    if all(row.session_key != current for row in live):
        # Entered without the sign-in page (by staff, say): it is open all the same.
        agent = request.headers.get("User-Agent", "")
        live.append(UserSession(session_key=current, ip=audit.current_address(), user_agent=agent))
    return sorted(live, key=lambda row: row.session_key != current)


def _api_sessions(request: HttpRequest) -> list[ApiSession]:
    rows = ApiSession.objects.live().filter(user=user_of(request), impersonation=None)
    return list(rows.order_by("-last_used_at"))


@require_safe
@role_required()
def session_list(request: HttpRequest) -> HttpResponse:
    """Every browser and app in which the account is open."""
    current = request.session.session_key
    rows: list[dict[str, Any]] = [
        {
            "kind": "web",
            "id": row.pk,
            "device": devices.describe(row.user_agent),
            "ip": row.ip,
            "since": row.created_at,
            "is_current": row.session_key == current,
        }
        for row in _web_sessions(request)
    ] + [
        {
            "kind": "app",
            "id": row.pk,
            "device": devices.describe(row.user_agent),
            "ip": row.ip_address,
            "since": row.created_at,
            "is_current": False,
        }
        for row in _api_sessions(request)
    ]
    others = any(not row["is_current"] for row in rows)
    return render(request, "accounts/sessions.html", {"sessions": rows, "others": others})


@require_POST
@role_required()
@not_under_impersonation
def end_web_session(request: HttpRequest, session_id: int) -> HttpResponse:
    if not sessions.end_web_session(session_id=session_id, user=user_of(request)):
        raise Http404
    return _ended(request)


@require_POST
@role_required()
@not_under_impersonation
def end_api_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    if not sessions.end_api_session(session_id=session_id, user=user_of(request)):
        raise Http404
    return _ended(request)


def _ended(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("That device is signed out."))
    return redirect("accounts:sessions")


@require_POST
@role_required()
@not_under_impersonation
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    sessions.end_all(user=user_of(request))
    update_session_auth_hash(request, user_of(request))
    with acting_as(Identity(Kind.SIGN_IN)):
        UserSession.objects.create_from_request(request)
    messages.success(request, _("Every other device is signed out."))
    return redirect("accounts:sessions")
