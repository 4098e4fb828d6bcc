"""Asking a route as somebody, and what came of it; whatever it did is undone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.urls.resolvers import URLPattern, URLResolver
from psycopg.pq import TransactionStatus

from accounts.models import User
from medai.common.identity import acting_as_system
from tests.access.world import READS, World
from tests.factories.accounts import signed_in

VISITORS = ("anonymous", "pA", "pB", "dA", "dB", "ph", "admin", "super")
SIGN_IN_PAGES = ("/accounts/login/", "/admin/login/")
REFUSALS = frozenset({"in", "401", "403", "404", "405"})

_WRITTEN = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int FROM pg_stat_xact_user_tables
WHERE schemaname = 'public' AND relname <> 'django_session'
"""


@dataclass(frozen=True)
class Route:
    """A route of the URL configuration. `name` is its name with namespaces, or its pattern where it has none."""

    name: str
    pattern: str
    callback: Any

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/v1/")

    @property
    def is_console(self) -> bool:
        return self.pattern.startswith("admin/")

    @property
    def is_sign_in(self) -> bool:
        return self.pattern.startswith("accounts/")

    def extra_methods(self) -> set[str]:
        """Methods besides GET and POST that a class-based view has written for itself."""
        view = getattr(self.callback, "cls", None) or getattr(self.callback, "view_class", None)
        return {name.upper() for name in ("put", "patch", "delete") if view and _is_own(view, name)}


def _is_own(view: type, method: str) -> bool:
    """Django's form views have `put` as another name of `post`; ours are written where the view is."""
    function = getattr(view, method, None)
    return function is not None and not function.__module__.startswith("django.")


def routes() -> list[Route]:
    """Every route there is."""
    return list(_walk(get_resolver()))


def _walk(resolver: Any, prefix: str = "", namespace: str = "") -> Iterator[Route]:
    for one in resolver.url_patterns:
        pattern = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one, pattern, namespace + (f"{one.namespace}:" if one.namespace else ""))
        elif isinstance(one, URLPattern):
            yield Route(namespace + one.name if one.name else pattern, pattern, one.callback)


@dataclass(frozen=True)
class Answer:
    """`outcome` is the status, or `in` where somebody is sent to sign in, with `!` where a statement failed.

    `written` counts the rows that a refusal wrote, `touched` names other people's rows that changed.
    """

    outcome: str
    written: int
    touched: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Mismatch:
    route: str
    method: str
    visitor: str
    problem: str

    def __str__(self) -> str:
        return f"{self.method:6} {self.route:45} {self.visitor:9} {self.problem}"


class Asker:
    """Browsers and API clients of everybody, and requests that leave nothing behind."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = Client(raise_request_exception=False)
        self.cookies = {name: session_of(world.users[name]) for name in VISITORS if name != "anonymous"}
        self._written: int | None = None
        _name_sessions(self.cookies, world)
        self._places = _places(world)

    def ask(
        self,
        visitor: str,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        bearer: bool = False,
    ) -> Answer:
        """One request, rolled back."""
        with transaction.atomic():
            before = _rows_written() if self._written is None else self._written
            response = self.send(visitor, method, path, body, bearer=bearer)
            outcome = _outcome(response)
            if connection.connection.info.transaction_status == TransactionStatus.INERROR:
                # The database refused a statement, and nothing undid it: the rest of the request went without.
                outcome += "!"
            # Only a refusal must not write, so only then the count is asked for.
            self._written = _rows_written() if outcome in REFUSALS else None
            written = self._written - before if self._written else 0
            touched = self._touched(visitor) if self._written is None and method != "GET" else ()
            answer = Answer(outcome, written, touched, _text(response))
            transaction.set_rollback(True)
        return answer

    def send(
        self,
        visitor: str,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        bearer: bool = False,
    ) -> HttpResponseBase:
        """One request: JSON for the API, a form for pages. `bearer`: by access token, not by session."""
        self.client.cookies.clear()
        headers = {"Accept-Language": "en"}
        if bearer:
            headers["Authorization"] = f"Bearer {self.world.one[f'access {visitor}']}"
        elif visitor in self.cookies:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[visitor]
        # Rate limits and cached sessions live there.
        cache.clear()
        call = getattr(self.client, method.lower())
        if method == "GET":
            return call(path, headers=headers)
        if path.startswith("/api/"):
            return call(path, data=body or {}, content_type="application/json", headers=headers)
        return call(path, data=body or {}, headers=headers)

    def _touched(self, visitor: str) -> tuple[str, ...]:
        """Rows of people whose things the visitor does not even read that have changed place."""
        if connection.needs_rollback:
            return ()
        after = _places(self.world)
        return tuple(
            f"{table}: {label}"
            for (table, label), place in self._places.items()
            if after[table, label] != place and not set(owners_of(label)) & set(READS[visitor])
        )


# Everything in these belongs to somebody, whose name the row's label says.
PERSONAL = (
    "accounts_apisession",
    "accounts_guardianship",
    "accounts_patient",
    "accounts_patientinsurance",
    "accounts_profile",
    "accounts_user",
    "account_emailaddress",
    "bookings_booking",
    "bookings_bookingtransition",
    "bookings_calendarfeed",
    "doctors_credential",
    "doctors_doctor",
    "doctors_office",
    "doctors_scheduleexception",
    "doctors_visittype",
    "doctors_weeklyhours",
    "messaging_inboxnotice",
    "messaging_notificationpreferences",
    "mfa_authenticator",
    "usersessions_usersession",
)


def owners_of(label: str) -> tuple[str, ...]:
    """Whose row it is: bookings have two letters, for the patient and the doctor."""
    first = label.split()[0]
    if first in ("aa", "ab", "ba", "bb"):
        return (f"p{first[0].upper()}", f"d{first[1].upper()}")
    # The one met at a desk can be claimed by A, with whose address they came.
    return {"desk": ("pA",), "gone": ()}.get(first, (first,))


def _places(world: World) -> dict[tuple[str, str], str | None]:
    parts = [f"SELECT '{table}', id::text, ctid::text FROM {table}" for table in PERSONAL]
    with acting_as_system("matrix"), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        found = {(table, key): place for table, key, place in cursor.fetchall()}
    return {
        (table, label): found.get((table, str(key)))
        for table in PERSONAL
        for label, key in world.rows[table].items()
    }


def _name_sessions(cookies: dict[str, str], world: World) -> None:
    """The sessions listed in people's settings are these, or else they would count as ended."""
    with acting_as_system("matrix"):
        for name, key in cookies.items():
            UserSession.objects.filter(pk=world.rows["usersessions_usersession"][name]).update(
                session_key=key
            )


def session_of(user: User) -> str:
    """A session in which the password was given a moment ago, or else every page about it would ask for that first."""
    client = signed_in(user)
    request = HttpRequest()
    request.user, request.session = user, client.session
    record_authentication(request, request.user, method="password", reauthenticated=True)
    request.session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _rows_written() -> int:
    """Rows written so far in this transaction, those of savepoints that were rolled back included."""
    with connection.connection.cursor() as cursor:
        return cursor.execute(_WRITTEN).fetchone()[0]


def _outcome(response: Any) -> str:
    if response.status_code in (301, 302, 303) and urlsplit(response.url).path in SIGN_IN_PAGES:
        return "in"
    return str(response.status_code)


def _text(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    location = response.headers.get("Location", "")
    return (content.decode(errors="replace") + location).lower()


def leaked(world: World, visitor: str, answer: Answer, sent: str) -> list[str]:
    """Texts in an answer that its reader may not see; what the reader sent is no secret."""
    return [
        text
        for owner, texts in world.secrets.items()
        if owner not in READS[visitor]
        for text in texts
        if text in answer.text and text not in sent
    ]


_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^()]*\)")


def address(route: Route, arguments: dict[str, Any]) -> str:
    """The path of a route with the arguments it takes."""
    if route.name == route.pattern:
        pattern = route.pattern.removeprefix("^").removesuffix("$")
        path = "/" + _PARAMETER.sub(lambda found: str(arguments[found[1] or found[2]]), pattern)
    else:
        names = {found[1] or found[2] for found in _PARAMETER.finditer(route.pattern)}
        path = reverse(route.name, kwargs={name: arguments[name] for name in names if name in arguments})
    assert resolve(path).func is route.callback, f"{path} leads elsewhere than to {route.name}"
    return path
