"""Who is asking, for every request: by session cookie on pages, by access token on the API."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts import audit, impersonating
from accounts.errors import MfaRequired, RefusedUnderImpersonation
from accounts.identity import identity_for
from accounts.models import ImpersonationSession, User
from accounts.services import impersonation, sessions
from medai.common.database import is_lost
from medai.common.errors import DomainError, ServiceUnavailable
from medai.common.identity import Identity, Kind, acting_as
from medai.common.requests import client_address, route_of
from medai.common.views import error as error_page
from medai.common.views import unavailable

logger = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/"
# Where access tokens count: the JSON endpoints, and the private files that they link to.
BY_TOKEN = (API, "/files/")
# A restart of the database takes seconds.
OUTAGE = 5
SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

# What a member of staff without a second step may still open: the way to one, the way out, and what every page
# needs or may link to.
WAYS_TO_MFA = ("/accounts/2fa/", "/accounts/reauthenticate/", "/accounts/logout/", "/accounts/confirm-email/")
OPEN_WITHOUT_MFA = (
    *WAYS_TO_MFA,
    "/language/",
    "/theme/",
    "/help/",
    "/privacy/",
    "/terms/",
    "/offline/",
    "/manifest.webmanifest",
    "/service-worker.js",
)
# What an impersonator may use of the sign-in pages, all others being the person's own business.
OPEN_UNDER_IMPERSONATION = ("/accounts/logout/", "/api/v1/auth/me", "/api/v1/auth/logout")


@dataclass(frozen=True)
class Caller:
    user: User | AnonymousUser
    impersonation: ImpersonationSession | None = None


class IdentityMiddleware:
    """Enter the identity of the signed-in user for the rest of the request.

    A safe request reads in one transaction, which costs less than an identity for each lone statement and shows
    one state of the database. Other requests leave transactions to the services. Sign-in pages must look accounts
    up before anybody is known, so they run as `sign_in`, which sees accounts but no profile and nothing medical.

    Also kept here, since no page may forget them: an impersonation ends in time, keeps off the person's security
    settings and is logged request by request; staff without a second step get no further than setting one up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._identified(request)
        except OperationalError as error:
            if not is_lost(error):
                raise
            logger.error("The database does not answer: %s", type(error.__cause__ or error).__name__)
            if request.path.startswith(API):
                return _refuse(request, ServiceUnavailable(retry_after=OUTAGE))
            return unavailable(request, retry_after=OUTAGE)

    def _identified(self, request: HttpRequest) -> HttpResponse:
        with audit.from_address(_address(request)):
            caller = _by_token(request) if _bears_token(request) else _by_session(request)
            if caller is None:
                return _impersonation_over(request)
            with acting_as(_identity_of(request, caller)) as identity:
                request.identity = identity  # type: ignore[attr-defined]
                request.impersonation = caller.impersonation  # type: ignore[attr-defined]
                response = self._answer(request, caller)
                if caller.impersonation is not None:
                    _record(request, response, caller.impersonation)
                return response

    def _answer(self, request: HttpRequest, caller: Caller) -> HttpResponse:
        if caller.impersonation is not None and _is_closed_to_impersonators(request):
            return _refuse(request, RefusedUnderImpersonation())
        if _lacks_mfa(request, caller.user):
            return _send_to_mfa(request)
        with _one_transaction(request):
            response = self.get_response(request)
            if response.status_code >= 500 and connection.in_atomic_block:
                # A statement may have failed, and then there is nothing left to commit.
                transaction.set_rollback(True)
            return response


def _address(request: HttpRequest) -> str | None:
    try:
        return str(ip_address(client_address(request)))
    except ValueError:
        return None


def _bears_token(request: HttpRequest) -> bool:
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    return request.path.startswith(BY_TOKEN) and scheme.lower() == "bearer"


def _by_token(request: HttpRequest) -> Caller:
    """The token alone decides, whatever cookie comes with it. A bad one is refused by the API's authentication."""
    user: User | AnonymousUser = AnonymousUser()
    found = None
    try:
        session = sessions.session_of(request.headers["Authorization"].partition(" ")[2].strip())
        request.api_session = session  # type: ignore[attr-defined]
        user, found = session.user, session.impersonation
    except DomainError as error:
        request.token_error = error  # type: ignore[attr-defined]
    request.user = user
    request._cached_user = user  # type: ignore[attr-defined]  # where logs and headers look for it
    return Caller(user, found)


def _by_session(request: HttpRequest) -> Caller | None:
    """None: the impersonation is over, and the session is the admin's own again."""
    with acting_as(Identity(Kind.SIGN_IN)):
        found = impersonating.current(request) if request.user.is_authenticated else None
        if found is None and impersonating.is_marked(request):
            impersonating.leave(request)
            return None
        return Caller(request.user, found)


def _identity_of(request: HttpRequest, caller: Caller) -> Identity:
    actor = caller.impersonation.admin if caller.impersonation else None
    if not request.path.startswith(tuple(settings.SIGN_IN_PATHS)):
        return identity_for(caller.user, actor=actor)
    user_id = caller.user.pk if caller.user.is_authenticated else None
    return replace(Identity(Kind.SIGN_IN, user_id=user_id), actor_id=actor.pk if actor else None)


def _impersonation_over(request: HttpRequest) -> HttpResponse:
    return _redirect(request, f"{reverse('accounts:home')}?impersonation=over")


def _is_closed_to_impersonators(request: HttpRequest) -> bool:
    path = request.path
    return path.startswith(tuple(settings.SIGN_IN_PATHS)) and not path.startswith(OPEN_UNDER_IMPERSONATION)


def _lacks_mfa(request: HttpRequest, user: User | AnonymousUser) -> bool:
    if not user.is_authenticated or not user.is_staff or request.path.startswith(OPEN_WITHOUT_MFA):
        return False
    with acting_as(Identity(Kind.SIGN_IN)):
        return not Authenticator.objects.filter(user_id=user.pk, type__in=SECOND_STEPS).exists()


def _send_to_mfa(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        return _refuse(request, MfaRequired())
    if urlsplit(request.headers.get("HX-Current-URL", "")).path.startswith(WAYS_TO_MFA):
        # A part of the very page they are sent to: sending them there again would never end.
        return HttpResponse(status=204)
    return _redirect(request, reverse("mfa_index"))


def _refuse(request: HttpRequest, error: DomainError) -> HttpResponse:
    if not request.path.startswith(API):
        return error_page(request, error.status, message=str(error))
    errors = [{"field": None, "code": error.code, "message": str(error)}]
    body = {"success": False, "statusCode": error.status, "message": str(error), "errors": errors}
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return JsonResponse(body, status=error.status, headers=headers)


def _redirect(request: HttpRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def _one_transaction(request: HttpRequest) -> AbstractContextManager[object]:
    if request.method in SAFE_METHODS and not request.path.startswith(tuple(settings.SIGN_IN_PATHS)):
        return transaction.atomic()
    return nullcontext()


def _record(request: HttpRequest, response: HttpResponse, session: ImpersonationSession) -> None:
    impersonation.record_request(
        session=session, method=request.method or "", route=route_of(request), status=response.status_code
    )


class AllauthPagesMiddleware:
    """Make allauth's pages like all others: our `site` in their templates, 422 for a form that was refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        if request.path.startswith("/accounts/") and response.context_data is not None:
            # Django's Site of the same name would hide ours, with its languages, theme and person.
            response.context_data.pop("site", None)
            refused = (isinstance(v, BaseForm) and v.errors for v in response.context_data.values())
            if request.method == "POST" and response.status_code == 200 and any(refused):
                response.status_code = 422
        return response
