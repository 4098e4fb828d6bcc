"""Who may open what: role guards for pages and for the API, and the actions closed to an impersonator."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.errors import RefusedUnderImpersonation
from accounts.models import STAFF_ROLES, Role, User
from medai.common.identity import current_identity

P = ParamSpec("P")
R = TypeVar("R")

SIGNED_IN: tuple[str, ...] = tuple(Role.values)
STAFF: tuple[str, ...] = tuple(STAFF_ROLES)
ANYONE: tuple[str, ...] = ("anyone",)

SAFE_METHODS = frozenset({"GET", "HEAD"})


class View(Protocol):
    def __call__(self, request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse: ...


def role_required(*roles: str) -> Callable[[View], View]:
    """Decorate a page that only these roles may open; without roles, anybody who is signed in.

    A visitor is sent to sign in and comes back afterwards (htmx: the whole page goes there); a wrong role
    is a 403.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
            refusal = _refusal(request, roles or SIGNED_IN)
            return refusal if refusal is not None else view(request, *args, **kwargs)

        guarded.allowed_roles = roles or SIGNED_IN  # type: ignore[attr-defined]  # read by the access matrix
        return cast(View, guarded)

    return decorate


class HasAllowedRole(BasePermission):
    """The same for the API, and its default: every view names its `allowed_roles`, be it `ANYONE` or `SIGNED_IN`.

    No valid token or session is a 401, a wrong role a 403.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        allowed = getattr(view, "allowed_roles", None)
        if not allowed:
            raise ImproperlyConfigured(f"{type(view).__name__} must name its allowed_roles.")
        return tuple(allowed) == ANYONE or getattr(request.user, "role", None) in allowed


def _refusal(request: HttpRequest, roles: tuple[str, ...]) -> HttpResponse | None:
    user = request.user
    if not user.is_authenticated:
        return sign_in_redirect(request)
    if user.role not in roles:
        raise PermissionDenied
    return None


def sign_in_redirect(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page and, afterwards, back to the page the person was on."""
    url = resolve_url(settings.LOGIN_URL)
    if page := _page_to_return_to(request):
        url = f"{url}?{urlencode({'next': page})}"
    if getattr(request, "htmx", False) or request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def _page_to_return_to(request: HttpRequest) -> str:
    """A page that can be opened by GET: this one, or the one whose form or partial this is."""
    partial = request.headers.get("HX-Request") == "true"
    if request.method in SAFE_METHODS and not partial:
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(page)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def user_of(request: HttpRequest | Request) -> User:
    """The signed-in user, of a page or endpoint that a guard has let nobody else into."""
    user = request.user
    if not user.is_authenticated:
        raise PermissionDenied
    return user


def is_impersonated(request: HttpRequest) -> bool:
    """Whether a member of staff is acting as the signed-in user."""
    identity = getattr(request, "identity", None) or current_identity()
    return identity is not None and identity.is_impersonated


def not_under_impersonation(view: Callable[P, R]) -> Callable[P, R]:
    """Decorate a page or API method (payment, password, MFA, erasure) that the person alone may use."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        request = next(a for a in args if isinstance(a, HttpRequest | Request))
        refuse_under_impersonation(request)
        return view(*args, **kwargs)

    return guarded


def refuse_under_impersonation(request: HttpRequest | Request) -> None:
    """Raise `RefusedUnderImpersonation` where somebody acts as the signed-in user."""
    if is_impersonated(getattr(request, "_request", request)):
        raise RefusedUnderImpersonation
