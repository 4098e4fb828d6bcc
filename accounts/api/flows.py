"""allauth's sign-in flows without a browser.

A flow that takes several requests (a code by mail, a second step) keeps its state in a Django session that only
this API uses. The client holds its key as the `flow` token; once the person is signed in, the session is destroyed
and an API session with tokens of its own takes its place.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.stages import LoginStage
from allauth.headless.constants import Client
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit
from accounts.errors import (
    AccountInactive,
    CodeWrong,
    CredentialsWrong,
    FlowNotPending,
    MfaRequired,
    PasswordWrong,
)
from accounts.guards import user_of
from accounts.middleware import SECOND_STEPS
from accounts.models import User
from accounts.services import sessions
from medai.common.api import answer
from medai.common.errors import FieldError, InvalidInput, TooManyRequests

MARK = "api_flow"
LIFETIME = 15 * 60

# What a pending step of allauth is called here.
STEPS = {"verify_email": "verify_email", "login_by_code": "code", "mfa_authenticate": "mfa"}

REFUSALS = {
    "email_password_mismatch": CredentialsWrong,
    "invalid_login": CredentialsWrong,
    "incorrect_code": CodeWrong,
    "enter_current_password": PasswordWrong,
    "too_many_login_attempts": TooManyRequests,
    "rate_limited": TooManyRequests,
}


@dataclass
class Flow:
    """A request to which allauth's functions may be applied, and what came of them."""

    request: HttpRequest

    @property
    def session(self) -> SessionBase:
        return self.request.session

    @property
    def pending(self) -> LoginStage | None:
        return get_pending_stage(self.request)

    def require(self, step: str) -> LoginStage:
        """The pending step, if it is this one."""
        stage = self.pending
        if stage is None or STEPS.get(stage.key) != step:
            raise FlowNotPending(field="flow")
        return stage

    def outcome(self, *, inactive: bool = True) -> Response:
        """Tokens for whom the flow has signed in; else the next step and the token of the flow (202)."""
        if self.request.user.is_authenticated:
            return _signed_in(self.request)
        stage = self.pending
        if stage is None:
            raise AccountInactive if inactive else FlowNotPending(field="flow")
        return self.wait_for(STEPS[stage.key])

    def wait_for(self, step: str) -> Response:
        self.session[MARK] = True
        self.session.set_expiry(LIFETIME)
        self.session.save()
        return answer({"next": step, "flow": self.session.session_key}, status=202)


def _store(key: str | None = None) -> SessionBase:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


@contextmanager
def flow(request: Request, token: str | None = None) -> Iterator[Flow]:
    """Run allauth's functions on a session of their own: a new one, or the one the token names."""
    inner = request._request
    before = inner.session, inner.user
    session = _store(token)
    if token is not None and not session.get(MARK):
        # Never a browser's session: whoever holds its key could trade it for tokens.
        raise FlowNotPending(field="flow")
    inner.session, inner.user = session, AnonymousUser()
    inner.allauth.headless = SimpleNamespace(client=Client.APP, _pre_user=AnonymousUser())  # type: ignore[attr-defined]
    try:
        yield Flow(inner)
        if session is inner.session and session.modified and not session.is_empty() and session.session_key:
            session.save()
    finally:
        inner.session, inner.user = before
        inner.META["CSRF_COOKIE_NEEDS_UPDATE"] = False


def _signed_in(request: HttpRequest) -> Response:
    """Trade the session of the flow for an API session."""
    user = User.objects.get(pk=user_of(request).pk)
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    request.session.flush()
    if user.is_staff and not _has_second_step(user):
        raise MfaRequired
    opened = sessions.open_api_session(
        user=user,
        user_agent=request.headers.get("User-Agent", ""),
        ip_address=audit.current_address(),
    )
    return tokens_answer(opened)


def _has_second_step(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=SECOND_STEPS).exists()


def tokens_answer(opened: sessions.Tokens, *, status: int = 200) -> Response:
    """The pair of tokens as the client gets it."""
    user = opened.session.user
    return answer(
        {
            "access_token": opened.access,
            "refresh_token": opened.refresh,
            "token_type": "Bearer",
            "expires_at": opened.expires_at,
            "user": {"id": user.pk, "email": user.email, "role": user.role},
        },
        status=status,
        headers={"Cache-Control": "no-store"},
    )


def valid(form: forms.Form, names: dict[str, str] | None = None) -> Any:
    """The form, checked; its errors become ours, fields renamed to what the API calls them."""
    if form.is_valid():
        return form
    errors = form.errors.as_data()
    for field_errors in errors.values():
        for error in field_errors:
            if refusal := REFUSALS.get(error.code or ""):
                raise refusal
    names = names or {}
    raise InvalidInput(
        errors=[
            FieldError(
                None if name == NON_FIELD_ERRORS else names.get(name, name),
                error.code or "invalid",
                " ".join(error.messages),
            )
            for name, field_errors in errors.items()
            for error in field_errors
        ]
    )
