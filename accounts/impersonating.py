"""The browser's side of an impersonation: whose session it is now, and the way back.

The session keeps django-hijack's history (whom to return to) and, beside it, the id of our own record, which
decides whether the impersonation still holds.
"""

from uuid import UUID

from django.contrib.auth import BACKEND_SESSION_KEY, login, logout
from django.db import transaction
from django.http import HttpRequest
from hijack.signals import hijack_ended, hijack_started
from hijack.views import keep_session_age

from accounts.models import ImpersonationSession, User
from accounts.services import impersonation
from medai.common.identity import Identity, Kind, acting_as

KEY = "impersonation"
HISTORY = "hijack_history"


def begin(request: HttpRequest, *, user_id: UUID, reason: str) -> ImpersonationSession:
    """Turn the admin's session into one as the user, under a new key."""
    session = impersonation.start(user_id=user_id, reason=reason)
    admin = request.user
    _log_in(request, session.user)
    request.session[HISTORY] = [str(admin.pk)]
    request.session[KEY] = str(session.pk)
    hijack_started.send(sender=None, request=request, hijacker=admin, hijacked=session.user)
    return session


def leave(request: HttpRequest) -> User | None:
    """End the impersonation and give the admin the session back; None where that account is closed by now."""
    user = request.user
    _stop(request.session.get(KEY))
    history = request.session.get(HISTORY) or [None]
    with acting_as(Identity(Kind.SIGN_IN)):
        admin = User.objects.filter(pk=history[-1], is_active=True).first()
    if admin is None or not admin.is_staff:
        logout(request)
        return None
    _log_in(request, admin)
    request.session.pop(HISTORY, None)
    request.session.pop(KEY, None)
    hijack_ended.send(sender=None, request=request, hijacker=admin, hijacked=user)
    return admin


def _stop(session_id: str | None) -> None:
    session = impersonation.find(session_id) if session_id else None
    if session is not None:
        with acting_as(Identity(Kind.SIGN_IN, user_id=session.user_id, actor_id=session.admin_id)):
            impersonation.stop(session_id=session.pk)


def _log_in(request: HttpRequest, user: User) -> None:
    """Django's login, after which nobody can tell from `last_login` that the user was here: the user was not."""
    before, backend = user.last_login, request.session[BACKEND_SESSION_KEY]
    with acting_as(Identity(Kind.SIGN_IN)), keep_session_age(request.session), transaction.atomic():
        login(request, user, backend=backend)
        User.objects.filter(pk=user.pk).update(last_login=before)


def is_marked(request: HttpRequest) -> bool:
    """Whether this is, or was a moment ago, an impersonator's session."""
    return bool(request.session.get(KEY) or request.session.get(HISTORY))


def current(request: HttpRequest) -> ImpersonationSession | None:
    """The impersonation behind the session, if there is one and it still holds."""
    session_id = request.session.get(KEY)
    session = impersonation.find(session_id) if session_id else None
    if session is None or not session.is_live() or session.user_id != request.user.pk:
        return None
    return session
