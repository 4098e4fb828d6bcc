"""What the menus show. Each app adds its own pages in ``AppConfig.ready``; only pages that exist appear.

    navigation.register("doctor", Entry(_("Today"), "sun", "bookings:today", order=10))

Portals are ``public``, ``patient``, ``doctor``, ``account`` (settings), and the columns of the public footer
``footer-patients``, ``footer-doctors`` and ``footer-about``. The first four entries of a portal have a place
in the bottom bar of a phone, the rest are behind "More".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BAR_PLACES = 4


@dataclass(frozen=True)
class Entry:
    """One page of a menu.

    ``also`` names further routes (or, ending in ":", a whole namespace) under which the entry is the current
    one; ``badge`` is the route of a partial that shows a number; ``when`` decides per request.
    """

    label: str | Promise
    icon: str
    route: str
    order: int = 100
    also: tuple[str, ...] = ()
    badge: str = ""
    when: Callable[[HttpRequest], bool] | None = None
    fragment: str = ""

    @property
    def url(self) -> str:
        """Its address, or nothing while the page does not exist."""
        return address(self.route) + (f"#{self.fragment}" if self.fragment else "")


@dataclass(frozen=True)
class Item:
    """An entry as this request sees it."""

    label: str
    icon: str
    url: str
    current: bool
    badge_url: str
    secondary: bool


@dataclass(frozen=True)
class Person:
    """Whose portal it is, as the menus show it."""

    name: str
    subtitle: str = ""
    photo_url: str = ""
    key: str = ""


_entries: dict[str, list[Entry]] = {}
_describe: Callable[[Any], Person] | None = None


def address(route: str, *args: Any) -> str:
    """The path of a named route, or an empty string while no app serves it."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def register(portal: str, *entries: Entry) -> None:
    """Add entries; one with the same route replaces the older, so that reloading an app adds none twice."""
    current = _entries.setdefault(portal, [])
    routes = {(entry.route, entry.fragment) for entry in entries}
    current[:] = [entry for entry in current if (entry.route, entry.fragment) not in routes]
    current.extend(entries)
    current.sort(key=lambda entry: entry.order)


def person_provider(describe: Callable[[Any], Person]) -> Callable[[Any], Person]:
    """Register how a user is shown (name, subtitle, photo). The last one wins."""
    global _describe
    _describe = describe
    return describe


def person(user: Any) -> Person:
    if _describe is not None:
        return _describe(user)
    return Person(name=str(user), key=str(user.pk))


def _is_current(entry: Entry, route: str) -> bool:
    if not route or entry.fragment:
        return False
    namespaces = tuple(name for name in entry.also if name.endswith(":"))
    return route == entry.route or route in entry.also or bool(namespaces and route.startswith(namespaces))


def items(portal: str, request: HttpRequest | None) -> list[Item]:
    """The portal's menu for this request, in order, the current page marked."""
    match = getattr(request, "resolver_match", None)
    route = match.view_name if match else ""
    visible: Iterable[tuple[Entry, str]] = (
        (entry, url)
        for entry in _entries.get(portal, [])
        if (url := entry.url) and (entry.when is None or (request is not None and entry.when(request)))
    )
    return [
        Item(
            label=str(entry.label),
            icon=entry.icon,
            url=url,
            current=_is_current(entry, route),
            badge_url=address(entry.badge) if entry.badge else "",
            secondary=place >= BAR_PLACES,
        )
        for place, (entry, url) in enumerate(visible)
    ]


register("public", Entry(_("For doctors"), "stethoscope", "home", order=200, fragment="doctors"))
register(
    "footer-about",
    Entry(_("Help"), "circle-question-mark", "help", order=10),
    Entry(_("Privacy"), "lock", "privacy", order=80),
    Entry(_("Terms"), "scale", "terms", order=90),
)
