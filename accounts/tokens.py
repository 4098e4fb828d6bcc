"""The two tokens of the API, as text: a signed access token (JWT) and an opaque refresh token."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from django.utils import timezone

from accounts.errors import RefreshTokenInvalid, TokenExpired, TokenInvalid
from medai.common.encryption import keyed_digest

ALGORITHM = "HS256"
ISSUER = "medai"
# When it was issued limits nothing, but would refuse a fresh token where this server's clock is a second slow.
OPTIONS: Any = {"require": ["exp", "iat", "iss", "sid", "sub"], "verify_iat": False}


@dataclass(frozen=True)
class AccessToken:
    """What an access token says: whose it is, which session it names, who is behind it if somebody else."""

    user_id: UUID
    session_id: UUID
    actor_id: UUID | None


@dataclass(frozen=True)
class RefreshToken:
    """`family` stays the same as long as the session lasts; `nonce` is new each time."""

    session_id: UUID
    family: str
    nonce: str

    def __str__(self) -> str:
        return f"{self.session_id.hex}.{self.family}.{self.nonce}"

    @property
    def family_digest(self) -> str:
        return keyed_digest(self.family, "refresh-token-family")

    @property
    def digest(self) -> str:
        return keyed_digest(str(self), "refresh-token")

    def next(self) -> "RefreshToken":
        return RefreshToken(self.session_id, self.family, secrets.token_urlsafe(24))


def new_refresh_token(session_id: UUID) -> RefreshToken:
    return RefreshToken(session_id, secrets.token_urlsafe(24), secrets.token_urlsafe(24))


def parse_refresh_token(text: str) -> RefreshToken:
    parts = text.split(".")
    if len(parts) != 3 or not all(parts) or len(text) > 200:
        raise RefreshTokenInvalid
    try:
        return RefreshToken(UUID(hex=parts[0]), parts[1], parts[2])
    except ValueError:
        raise RefreshTokenInvalid from None


def _key(secret: str) -> tuple[str, bytes]:
    """A signing key that is good for nothing else, and the name under which tokens refer to it."""
    key = hmac.digest(secret.encode(), b"medai.access-token", hashlib.sha256)
    return hashlib.sha256(key).hexdigest()[:12], key


def encode_access_token(
    *, user_id: UUID, session_id: UUID, expires_at: datetime, actor_id: UUID | None = None
) -> str:
    """A JWT for the session; `actor_id` becomes the `act` claim (RFC 8693) of an impersonation."""
    name, key = _key(settings.SECRET_KEY)
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "sub": str(user_id),
        "sid": str(session_id),
        "iat": timezone.now(),
        "exp": expires_at,
    }
    if actor_id is not None:
        claims["act"] = {"sub": str(actor_id)}
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": name})


def decode_access_token(token: str) -> AccessToken:
    """The contents of a token of ours; whether its session still lives is for the caller to ask."""
    keys = dict(_key(str(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    try:
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(token, key, algorithms=[ALGORITHM], issuer=ISSUER, options=OPTIONS)
        actor = claims.get("act")
        return AccessToken(
            user_id=UUID(claims["sub"]),
            session_id=UUID(claims["sid"]),
            actor_id=UUID(actor["sub"]) if actor else None,
        )
    except jwt.ExpiredSignatureError:
        raise TokenExpired from None
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError):
        raise TokenInvalid from None
