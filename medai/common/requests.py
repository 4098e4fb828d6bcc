"""What every answer carries: a request id to find it by, and headers that limit what a browser may do."""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv6Address

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

logger = logging.getLogger("medai.requests")

GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_request_id: ContextVar[str] = ContextVar("request_id", default="")

current_request_id = _request_id.get


@contextmanager
def request_id(value: str | None) -> Iterator[str]:
    """Enter a request id for the block: the given one where it is sane, else a new one."""
    chosen = value if value and _SANE_ID.fullmatch(value) else uuid.uuid4().hex
    token = _request_id.set(chosen)
    try:
        yield chosen
    finally:
        _request_id.reset(token)


class Middleware:
    """A middleware for sync and async chains alike.

    Subclasses wrap the request in `around`, a context manager that yields an empty list, into which the
    answer is put before the block is left.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    @contextmanager
    def around(self, request: HttpRequest) -> Iterator[list[HttpResponseBase]]:
        raise NotImplementedError

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self.__acall__(request)
        with self.around(request) as answer:
            answer.append(self.get_response(request))  # type: ignore[arg-type]  # sync here
        return answer[0]

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        with self.around(request) as answer:
            answer.append(await self.get_response(request))  # type: ignore[misc]  # async here
        return answer[0]


def route_of(request: HttpRequest) -> str:
    """The pattern of the URL, never the URL itself: paths hold tokens and ids of people."""
    match = request.resolver_match
    return f"/{match.route}" if match else "unmatched"


class RequestIdMiddleware(Middleware):
    """Gives each request an id (a proxy's `X-Request-ID` where it is sane), returns it, and logs one line."""

    @contextmanager
    def around(self, request: HttpRequest) -> Iterator[list[HttpResponseBase]]:
        started = time.perf_counter()
        with request_id(request.headers.get("X-Request-ID")) as identifier:
            request.request_id = identifier  # type: ignore[attr-defined]  # for templates of error pages
            request.asked_at = time.time()  # type: ignore[attr-defined]  # for pages that listen for changes
            answer: list[HttpResponseBase] = []
            yield answer
            answer[0]["X-Request-ID"] = identifier
            user = getattr(request, "_cached_user", None)
            details = {
                "method": request.method,
                "route": route_of(request),
                "status": answer[0].status_code,
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                "user_id": str(user.pk) if user is not None and user.pk else None,
            }
            logger.info("request", extra=details)


class SecurityHeadersMiddleware(Middleware):
    """Headers that Django and django-csp do not set. A view's own header wins."""

    HEADERS = {
        # Video visits need camera and microphone, the pharmacy search the position; nothing needs more.
        "Permissions-Policy": (
            "accelerometer=(), autoplay=(self), camera=(self), display-capture=(self), geolocation=(self), "
            "gyroscope=(), magnetometer=(), microphone=(self), midi=(), payment=(), usb=(), "
            "publickey-credentials-create=(self), publickey-credentials-get=(self)"
        ),
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Permitted-Cross-Domain-Policies": "none",
    }

    @contextmanager
    def around(self, request: HttpRequest) -> Iterator[list[HttpResponseBase]]:
        answer: list[HttpResponseBase] = []
        yield answer
        for name, value in self.HEADERS.items():
            answer[0].headers.setdefault(name, value)
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated:
            # On a shared computer, "back" after signing out must not show somebody's visits.
            answer[0].headers.setdefault("Cache-Control", "private, no-store")


def client_address(request: HttpRequest) -> str:
    """The caller's IP address. TRUSTED_PROXIES is how many proxies append to X-Forwarded-For.

    An IPv4 address is given as one, also where a socket for both kinds writes it as IPv6: all of those are in one
    network, so that everybody would count as one person.
    """
    proxies = settings.TRUSTED_PROXIES
    forwarded = [
        part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
    ]
    if proxies and forwarded:
        return _as_ipv4(forwarded[-min(proxies, len(forwarded))])
    return _as_ipv4(request.META.get("REMOTE_ADDR", ""))


def _as_ipv4(address: str) -> str:
    try:
        mapped = IPv6Address(address).ipv4_mapped
    except ValueError:
        return address
    return str(mapped or address)
