"""Who calls the API. The middleware has looked at the token already and entered the identity it gives."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; a bad one is a 401 that says whether to refresh or to sign in."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        error = getattr(request._request, "token_error", None)
        if error is not None:
            raise error
        session = getattr(request._request, "api_session", None)
        return (session.user, session) if session is not None else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
