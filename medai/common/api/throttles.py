"""The stated limits of the API: for each address, for each user, and for single endpoints by `rate_scope`."""

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from medai.common import limits
from medai.common.requests import client_address

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which loads this module while its class is being made


class _Limit(BaseThrottle):
    _wait: int | None = None

    def parts(self, request: Request, view: "APIView") -> tuple[str, str] | None:
        """The scope and who is counted in it; None where this limit does not apply."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: "APIView") -> bool:
        parts = self.parts(request, view)
        self._wait = limits.wait_for(*parts) if parts else None
        return self._wait is None

    def wait(self) -> float | None:
        return self._wait


def _caller(request: Request) -> str:
    user = request.user
    return f"user:{user.pk}" if user and user.is_authenticated else f"ip:{_address(request)}"


def _address(request: Request) -> str:
    return limits.of_address(client_address(request._request))


class AddressLimit(_Limit):
    def parts(self, request: Request, view: "APIView") -> tuple[str, str]:
        return "api_address", _address(request)


class UserLimit(_Limit):
    def parts(self, request: Request, view: "APIView") -> tuple[str, str] | None:
        caller = _caller(request)
        return ("api_user", caller) if caller.startswith("user:") else None


class EndpointLimit(_Limit):
    def parts(self, request: Request, view: Any) -> tuple[str, str] | None:
        scope = getattr(view, "rate_scope", None)
        return (scope, _caller(request)) if scope else None
