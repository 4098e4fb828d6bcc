"""What the search field offers while somebody types, and what an empty page offers instead."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from rapidfuzz import fuzz

from doctors.directory import tags
from doctors.directory.interpretation import FILLERS, LONGEST_TEXT, likeness, terms_alike
from doctors.directory.query import DirectoryQuery
from doctors.directory.results import Listing
from doctors.models import DirectoryEntry, SearchTerm, SearchTermKind, Specialty
from doctors.words import plain

MOST_SPECIALTIES = 5
MOST_DOCTORS = 4
MOST_CITIES = 2
WORDS_OF_NAMES = 30
MEANT = 5


def suggest(text: str) -> list[dict[str, Any]]:
    """Specialties by any of their words, then doctors by name, then cities."""
    typed = plain(text[:LONGEST_TEXT])
    if len(typed) < 2:
        return []
    terms = _terms(typed)
    known = {specialty.slug: specialty for specialty in Specialty.objects.active()}
    return [*_specialties(typed, terms, known), *_doctors(typed, known), *_cities(typed, terms)]


def _terms(typed: str) -> list[tuple[str, str, str, str]]:
    """Kind, term, target and label of what begins so, has a word that begins so, or is nearly so."""
    begins = Q(term__startswith=typed)
    if len(typed) > 2:
        begins |= Q(term__contains=f" {typed}")
    rows = SearchTerm.objects.filter(begins).exclude(kind=SearchTermKind.NAME)
    found = list(rows.values_list("kind", "term", "target", "label")[:200])
    if not found:
        alike = terms_alike([typed])
        found = [
            (kind, term, target, "")
            for _typed, kind, term, target in alike
            if kind == SearchTermKind.SPECIALTY and likeness(typed, term) > 0
        ]
    return found


def _specialties(
    typed: str, terms: list[tuple[str, str, str, str]], known: dict[str, Specialty]
) -> list[dict[str, Any]]:
    best: dict[str, str] = {}
    for kind, term, target, _label in sorted(
        terms, key=lambda row: (not row[1].startswith(typed), len(row[1]))
    ):
        if kind == SearchTermKind.SPECIALTY and target in known:
            best.setdefault(target, term)
    return [
        {
            "label": known[slug].name,
            "detail": _as_people_write(known[slug], term),
            "icon": known[slug].icon,
            "url": _address(specialty=slug),
        }
        for slug, term in list(best.items())[:MOST_SPECIALTIES]
    ]


def _as_people_write(specialty: Specialty, term: str) -> str:
    """The word that was matched, with its accents; nothing where it is the name itself."""
    names = (specialty.name_es, specialty.name_en, specialty.practitioners_es, specialty.practitioners_en)
    if term in map(plain, names):
        return ""
    return next(
        (word for word in (*specialty.synonyms_es, *specialty.synonyms_en) if plain(word) == term), ""
    )


def _doctors(typed: str, known: dict[str, Specialty]) -> list[dict[str, Any]]:
    """Doctors each of whose typed names begins a word of theirs."""
    words = [word for word in typed.split() if word not in FILLERS][:4]
    if not words or len("".join(words)) < 2:
        return []
    condition = Q()
    for word in words:
        condition |= Q(term__startswith=word)
    names = SearchTerm.objects.filter(condition, kind=SearchTermKind.NAME).order_by("term")
    candidates = list(names.values_list("term", flat=True)[: WORDS_OF_NAMES * len(words)])
    entries = DirectoryEntry.objects.all()
    for word in words:
        meant = [tags.name(name) for name in candidates if name.startswith(word)]
        if not meant:
            return []
        entries = entries.filter(tags__overlap=meant)
    by_id = {specialty.pk: specialty for specialty in known.values()}
    return [
        {
            "label": entry.display_name,
            "detail": ", ".join(by_id[key].name for key in entry.specialty_ids[:1] if key in by_id),
            "icon": "user-round",
            "url": reverse("doctors:profile", args=[entry.slug]),
        }
        for entry in entries.order_by("name", "pk").only("name", "slug", "specialty_ids")[:MOST_DOCTORS]
    ]


def _cities(typed: str, terms: list[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    return [
        {"label": label, "detail": "", "icon": "map-pin", "url": _address(city=label)}
        for kind, term, _target, label in terms
        if kind == SearchTermKind.CITY and term.startswith(typed)
    ][:MOST_CITIES]


def did_you_mean(query: DirectoryQuery, listing: Listing) -> list[Specialty]:
    """Specialties that come nearest to words nobody understood; the best known ones where none does."""
    known = {specialty.slug: specialty for specialty in listing.specialties.values()}
    nearest: dict[str, float] = {}
    for typed, kind, term, target in terms_alike(set(listing.meaning.unknown)):
        if kind == SearchTermKind.SPECIALTY and target in known:
            nearest[target] = max(nearest.get(target, 0), fuzz.ratio(typed, term))
    ordered = sorted(nearest, key=lambda slug: -nearest[slug])
    return [known[slug] for slug in ordered[:MEANT]]


def _address(**changes: Any) -> str:
    return f"{reverse('doctors:directory')}?{DirectoryQuery(**changes).parameters()}"
