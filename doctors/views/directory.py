"""Finding a doctor: the directory, its suggestions, and the live parts of the landing page."""

from collections.abc import Container
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url

from accounts.models import InsuranceProvider
from doctors.directory import DirectoryQuery, Listing, search
from doctors.directory.cards import cards_of
from doctors.directory.query import SORTS
from doctors.directory.suggestions import did_you_mean, suggest
from doctors.languages import capitalised, language_choices, language_name
from doctors.models import Specialty, VisitMode
from medai.common import money
from medai.common.components.charts import number
from medai.common.navigation import address

OPENINGS = 3
TOP_SPECIALTIES = 8
KEPT_SECONDS = 60
PRICE_STEPS = (100_000, 150_000, 200_000, 300_000)
LANGUAGES_SHOWN = 6

_TOP = """
SELECT specialty_id, count(*), min(next_free_at) FROM doctors_directoryentry, unnest(specialty_ids) AS specialty_id
GROUP BY specialty_id ORDER BY count(*) DESC, specialty_id LIMIT %s
"""


def viewer_zone() -> ZoneInfo:
    """The signed-in person's zone; for visitors the platform's own."""
    current = timezone.get_current_timezone()
    if isinstance(current, ZoneInfo) and current.key != "UTC":
        return current
    return ZoneInfo(settings.DEFAULT_PERSON_TIME_ZONE)


@require_safe
@vary_on_headers("HX-Target")
def directory(request: HttpRequest) -> HttpResponse:
    query = DirectoryQuery.read(request.GET)
    listing = search(query, now=timezone.now(), zone=viewer_zone())
    cards = cards_of(listing)
    insurers = dict(InsuranceProvider.objects.filter(is_active=True).values_list("pk", "name"))
    context = {
        "listing": listing,
        "query": query,
        "page_obj": _page(listing),
        "cards": cards,
        "heading": heading(listing),
        "count": _count(listing),
        "sorts": _sorts(query),
        "slots_url": _slots_url(listing),
        "options": _options(query, listing, insurers),
        "applied": _applied(query, insurers),
        "suggestions": [] if listing.entries else did_you_mean(query, listing),
        "canonical_query": _canonical(listing),
        "search_text": query.q or (listing.specialty.name if listing.specialty else ""),
        "kept": _pairs(query, without=("q", "specialty", "city", "day", "on")),
        "asked": _pairs(query, only=("q", "specialty", "currency", "latitude", "longitude")),
        "without_filters": f"?{_only_words(query).parameters()}",
        "in_any_city": f"?{query.parameters(city='')}",
    }
    if request.headers.get("HX-Target") != "found":
        return render(request, "doctors/directory.html", context)
    response = render(request, "doctors/directory.html#found", {**context, "part": True})
    # The address of the page, without the parameters that say nothing.
    push_url(response, f"{request.path}?{query.parameters(page=listing.page)}")
    return response


def _pairs(
    query: DirectoryQuery, *, only: Container[str] = (), without: Container[str] = ()
) -> list[tuple[str, str]]:
    """Parameters of the search to be carried along in hidden fields."""
    bare = DirectoryQuery()
    changes = {
        each.name: getattr(bare, each.name)
        for each in fields(query)
        if each.name in without or (only and each.name not in only)
    }
    return parse_qsl(query.parameters(**changes))


def _only_words(query: DirectoryQuery) -> DirectoryQuery:
    return DirectoryQuery(q=query.q, specialty=query.specialty, city=query.city, sort=query.sort)


@require_safe
def suggestions(request: HttpRequest) -> JsonResponse:
    """Specialties, doctors and cities for what is being typed, as the search field takes them."""
    return JsonResponse({"results": suggest(request.GET.get("q", ""))})


@require_safe
def landing_openings(request: HttpRequest) -> HttpResponse:
    """The doctors who are free soonest, each with a way to their times."""
    now, zone = timezone.now(), viewer_zone()
    listing = search(DirectoryQuery(), now=now, zone=zone, per_page=OPENINGS)
    cards = [card for card in cards_of(listing) if card.next_free_at]
    ids = ",".join(str(card.doctor_id) for card in cards)
    return render(request, "doctors/_landing_openings.html", {"cards": cards, "ids": ids, "zone": zone})


@require_safe
def landing_specialties(request: HttpRequest) -> HttpResponse:
    """The specialties with most doctors, and when the first of each is free."""
    rows = cache.get_or_set("doctors:top-specialties", _top_specialties, KEPT_SECONDS) or []
    known = {specialty.pk: specialty for specialty in Specialty.objects.active()}
    tiles = [
        {"specialty": known[specialty_id], "count": count, "soonest": _soonest(free_at)}
        for specialty_id, count, free_at in rows
        if specialty_id in known
    ]
    return render(request, "doctors/_landing_specialties.html", {"tiles": tiles})


def _top_specialties() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_TOP, [TOP_SPECIALTIES])
        return cursor.fetchall()


def _soonest(free_at: datetime | None) -> str:
    """ "today", "tomorrow" or nothing, on the viewer's clock."""
    if free_at is None:
        return ""
    zone = viewer_zone()
    days = (free_at.astimezone(zone).date() - timezone.now().astimezone(zone).date()) // timedelta(days=1)
    return {0: _("today"), 1: _("tomorrow")}.get(max(days, 0), "")


# --- What the page shows ---


def heading(listing: Listing) -> str:
    """ "Cardiologists in Bogotá", from what was asked for."""
    names = {
        "who": listing.specialty.practitioners if listing.specialty else _("Doctors"),
        "city": listing.city,
    }
    if listing.city:
        return _("%(who)s in %(city)s") % names
    return str(names["who"])


def _count(listing: Listing) -> str:
    if listing.is_more:
        return _("More than %(total)s doctors") % {"total": number(listing.total)}
    return str(
        ngettext("%(total)s doctor", "%(total)s doctors", listing.total) % {"total": number(listing.total)}
    )


def _page(listing: Listing) -> Page:  # type: ignore[type-arg]  # pages of nothing but their number
    return Paginator(range(listing.total), listing.per_page).get_page(listing.page)


def _sorts(query: DirectoryQuery) -> list[dict[str, Any]]:
    labels = {
        "soonest": _("Soonest free time"),
        "rating": _("Best rated"),
        "price": _("Lowest fee"),
        "distance": _("Nearest"),
    }
    return [
        {"value": sort, "label": labels[sort], "selected": sort == query.sort}
        for sort in SORTS
        # Without a script nobody's position is known.
        if sort != "distance" or query.position
    ]


def _slots_url(listing: Listing) -> str:
    """Where bookings gives the free times of all doctors of the page at once."""
    url = address("bookings:card-slots")
    if not url or not listing.entries:
        return ""
    ids = ",".join(str(entry.doctor_id) for entry in listing.entries)
    mode = f"&visit_mode={listing.query.modes[0]}" if len(listing.query.modes) == 1 else ""
    return f"{url}?doctors={ids}{mode}"


def _canonical(listing: Listing) -> str:
    """The part of a search that is a page of its own for search engines: a specialty, a city, or both."""
    slug = listing.specialty.slug if listing.specialty else ""
    pairs = DirectoryQuery(specialty=slug, city=listing.city)
    return pairs.parameters()


# --- What can be chosen ---


def _options(query: DirectoryQuery, listing: Listing, insurers: dict[UUID, str]) -> dict[str, Any]:
    facets = listing.facets
    modes = {VisitMode.IN_PERSON.value: _("At the office"), VisitMode.VIDEO.value: _("Video")}
    days = {"today": _("Today"), "3days": _("Next 3 days"), "": _("Any day")}
    return {
        "modes": [
            _choice(mode, label, mode in query.modes, facets.modes.get(mode, 0) if facets else None)
            for mode, label in modes.items()
        ],
        "days": [
            _choice(day, label, day == query.day, facets.days.get(day, 0) if facets else None)
            for day, label in days.items()
        ],
        "languages": _languages(query, listing),
        "insurers": [
            {"value": str(pk), "label": name, "selected": pk == query.insurer}
            for pk, name in insurers.items()
        ],
        "prices": _prices(query),
    }


def _choice(value: str, label: str, is_chosen: bool, count: int | None) -> dict[str, Any]:
    return {"value": value, "label": label, "selected": is_chosen, "count": count, "id": value or "any"}


def _languages(query: DirectoryQuery, listing: Listing) -> list[dict[str, Any]]:
    """The languages most spoken among these doctors, and those that were chosen."""
    counts = listing.facets.languages if listing.facets else {}
    names = dict(language_choices())
    order = sorted(names, key=lambda code: (-counts.get(code, 0), list(names).index(code)))
    shown = [code for code in order if counts.get(code) or code in ("es", "en")][:LANGUAGES_SHOWN]
    shown += [code for code in query.languages if code not in shown]
    return [
        _choice(code, names[code], code in query.languages, counts.get(code, 0) if listing.facets else None)
        for code in shown
    ]


def _prices(query: DirectoryQuery) -> list[dict[str, Any]]:
    steps = {str(step): step for step in PRICE_STEPS}
    if query.max_price is not None:
        steps.setdefault(str(query.max_price), int(query.max_price))
    exponent = money.exponent(query.currency)
    return [
        {
            "value": value,
            "label": money.format_money(step * 10**exponent, query.currency),
            "selected": query.max_price is not None and value == str(query.max_price),
        }
        for value, step in sorted(steps.items(), key=lambda one: one[1])
    ]


def _applied(query: DirectoryQuery, insurers: dict[UUID, str]) -> list[dict[str, str]]:
    """The filters in force, each with the address of the search without it."""
    applied: list[tuple[str, dict[str, Any]]] = []
    for mode in query.modes:
        rest = tuple(each for each in query.modes if each != mode)
        applied.append((str(VisitMode(mode).label), {"modes": rest}))
    for code in query.languages:
        rest = tuple(each for each in query.languages if each != code)
        applied.append((capitalised(language_name(code)), {"languages": rest}))
    if query.insurer:
        applied.append((insurers.get(query.insurer, _("Insurer")), {"insurer": None}))
    if query.max_price is not None:
        amount = money.format_money(query.max_price_minor or 0, query.currency)
        applied.append((_("Up to %(amount)s") % {"amount": amount}, {"max_price": None}))
    return [{"label": label, "remove_url": f"?{query.parameters(**changes)}"} for label, changes in applied]
