"""Which language a page is in, and how people change it.

In order: the ``lang`` parameter of the address (a shareable link), the cookie of this browser, the account's
own language, then what the browser asks for. A language chosen by link or by button is remembered.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

PARAMETER = "lang"
COOKIE_AGE = 60 * 60 * 24 * 365

Listener = Callable[[Any, str], object]
_listeners: list[Listener] = []


def on_choice(listener: Listener) -> Listener:
    """Register what remembers a signed-in person's choice: called with the user and the language code."""
    _listeners.append(listener)
    return listener


def is_known(code: str | None) -> bool:
    return code in dict(settings.LANGUAGES)


def remember(response: HttpResponse, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=COOKIE_AGE,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def choose(request: HttpRequest, response: HttpResponse, code: str) -> None:
    """Keep a person's choice: in this browser, and in the account if there is one."""
    remember(response, code)
    user = getattr(request, "user", None)
    # While staff look through someone's eyes, that person's settings stay as they are.
    if user is not None and user.is_authenticated and not getattr(request, "impersonation", None):
        for listener in _listeners:
            listener(user, code)


def address_in(request: HttpRequest, code: str) -> str:
    """The current address in another language, other parameters kept."""
    query = [(k, v) for k, values in request.GET.lists() if k != PARAMETER for v in values]
    return f"{request.path}?{urlencode([*query, (PARAMETER, code)])}"


def _asks_for_itself(request: HttpRequest) -> bool:
    """Whether the request says its language: a browser by its cookie, a client of the API by its header."""
    if request.path.startswith("/api/"):
        return "Accept-Language" in request.headers
    return settings.LANGUAGE_COOKIE_NAME in request.COOKIES


class LanguageMiddleware:
    """Applies what LocaleMiddleware cannot know: the link's language and the account's. Comes after it and
    after the middleware that knows the user.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = request.GET.get(PARAMETER)
        if not is_known(code) and not _asks_for_itself(request):
            code = getattr(getattr(request, "user", None), "language", None)
        if code is None or not is_known(code):
            return self.get_response(request)
        translation.activate(code)
        request.LANGUAGE_CODE = code
        response = self.get_response(request)
        remember(response, code)
        return response
