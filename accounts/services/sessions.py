"""Sessions of web and API: opening, renewing and ending them."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts import tokens
from accounts.errors import RefreshTokenInvalid, RefreshTokenReused, SessionEnded, TokenInvalid
from accounts.models import ApiSession, ImpersonationSession, User
from medai.common.identity import acting_as_system

KEPT_AFTER_THE_END = timedelta(days=30)


@dataclass(frozen=True)
class Tokens:
    """What a client keeps. Under an impersonation there is no refresh token."""

    access: str
    refresh: str | None
    expires_at: datetime
    session: ApiSession


def open_api_session(
    *,
    user: User,
    user_agent: str = "",
    ip_address: str | None = None,
    impersonation: ImpersonationSession | None = None,
) -> Tokens:
    """Sign a user in for the API."""
    now = timezone.now()
    session = ApiSession(
        user=user,
        impersonation=impersonation,
        user_agent=user_agent[:200],
        ip_address=ip_address,
        last_used_at=now,
        expires_at=impersonation.expires_at if impersonation else now + settings.REFRESH_TOKEN_LIFETIME,
    )
    refresh = tokens.new_refresh_token(session.pk)
    session.family_digest, session.refresh_digest = refresh.family_digest, refresh.digest
    with acting_as_system("open API session"):
        # Read anew: whoever asks may hold the account as it was before the password changed.
        session.auth_digest = User.objects.get(pk=user.pk).get_session_auth_hash()
        session.save(force_insert=True)
    return _tokens(session, None if impersonation else refresh)


def _tokens(session: ApiSession, refresh: tokens.RefreshToken | None) -> Tokens:
    expires_at = min(session.expires_at, timezone.now() + settings.ACCESS_TOKEN_LIFETIME)
    access = tokens.encode_access_token(
        user_id=session.user_id,
        session_id=session.pk,
        expires_at=expires_at,
        actor_id=session.impersonation.admin_id if session.impersonation else None,
    )
    return Tokens(access, str(refresh) if refresh else None, expires_at, session)


def session_of(access_token: str) -> ApiSession:
    """The live session that an access token names, with its user; refused at once after a ban or an end."""
    token = tokens.decode_access_token(access_token)
    with acting_as_system("API session"):
        session = (
            ApiSession.objects.live()
            .select_related("user", "impersonation__admin")
            .filter(pk=token.session_id)
            .first()
        )
    if session is None or not _stands(session):
        raise SessionEnded
    if session.user_id != token.user_id or _actor_of(session) != token.actor_id:
        raise TokenInvalid
    if session.impersonation and not session.impersonation.is_live():
        raise SessionEnded
    return session


def _stands(session: ApiSession) -> bool:
    """Whether the account is open and neither its password nor its epoch has changed."""
    return session.user.is_active and session.user.session_is_current(session.auth_digest)


def _actor_of(session: ApiSession) -> UUID | None:
    return session.impersonation.admin_id if session.impersonation else None


def refresh(*, refresh_token: str) -> Tokens:
    """A new pair for a refresh token, which is spent thereby.

    A spent one shows that two clients hold the session, one of them a thief: the session ends for both.
    """
    token = tokens.parse_refresh_token(refresh_token)
    with acting_as_system("refresh API session"), transaction.atomic():
        session = (
            ApiSession.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(pk=token.session_id, impersonation=None)
            .first()
        )
        if session is None or not hmac.compare_digest(session.family_digest, token.family_digest):
            raise RefreshTokenInvalid
        if session.ended_at or session.expires_at <= timezone.now() or not _stands(session):
            raise SessionEnded
        is_current = hmac.compare_digest(session.refresh_digest, token.digest)
        if is_current:
            renewed = token.next()
            session.refresh_digest = renewed.digest
            session.last_used_at = timezone.now()
            session.expires_at = session.last_used_at + settings.REFRESH_TOKEN_LIFETIME
            session.save(update_fields=["refresh_digest", "last_used_at", "expires_at", "updated_at"])
        else:
            session.ended_at = timezone.now()
            session.save(update_fields=["ended_at", "updated_at"])
    if not is_current:
        raise RefreshTokenReused
    return _tokens(session, renewed)


def end_api_session(*, session_id: UUID, user: User) -> bool:
    """End one API session of the user; whether there was one to end."""
    with acting_as_system("end API session"):
        ended = ApiSession.objects.live().filter(pk=session_id, user=user).update(ended_at=timezone.now())
    return bool(ended)


def end_web_session(*, session_id: int, user: User) -> bool:
    """Sign the user out of one browser; whether there was such a session."""
    with acting_as_system("end web session"):
        session = UserSession.objects.filter(pk=session_id, user=user).first()
        if session is None:
            return False
        session.end()
    return True


@transaction.atomic
def end_all(*, user: User) -> None:
    """Sign a user out everywhere at once: browsers, API sessions, and impersonations by or of the user.

    The account's `session_epoch` moves on, so that even a session nobody listed is over. A view that keeps its own
    session calls Django's `update_session_auth_hash` afterwards.
    """
    now = timezone.now()
    with acting_as_system("end all sessions"):
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
        for session in UserSession.objects.filter(user=user):
            session.end()
        ApiSession.objects.filter(user=user, ended_at=None).update(ended_at=now)
        ImpersonationSession.objects.filter(Q(user=user) | Q(admin=user), ended_at=None).update(ended_at=now)
        user.refresh_from_db(fields=["session_epoch"])


def clean() -> int:
    """Delete browsers' sessions that ran out, and API sessions that did so some time ago; how many of these."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    horizon = timezone.now() - KEPT_AFTER_THE_END
    with acting_as_system("clean sessions"):
        return ApiSession.objects.filter(Q(ended_at__lt=horizon) | Q(expires_at__lt=horizon)).delete()[0]
