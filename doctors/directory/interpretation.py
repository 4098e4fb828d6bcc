"""What people mean by what they type: specialties, cities and names, in either language, accents and typos forgiven.

The words are matched against `SearchTerm`, a few thousand rows however many doctors there are: first as they
stand, longest phrase first, then what is left over by likeness.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from django.db import connection
from rapidfuzz.distance import OSA

from doctors.directory import tags
from doctors.models import SearchTerm, SearchTermKind
from doctors.words import plain

LONGEST_TEXT = 120
MOST_WORDS = 12
LONGEST_PHRASE = 5
LONGEST_UNSURE_PHRASE = 3
MOST_SPECIALTIES = 4

TITLES = frozenset(["dr", "dra", "doctor", "doctora"])
_FILLERS = json.loads(
    (Path(__file__).resolve().parents[1] / "data" / "search_fillers.json").read_text("utf-8")
)
FILLERS = TITLES.union(*_FILLERS.values())


class Match(NamedTuple):
    """One thing that a phrase may stand for, and how sure that is (1 = as written)."""

    kind: str
    target: str
    likeness: float


class Phrase(NamedTuple):
    first: int
    last: int
    text: str

    @property
    def words(self) -> int:
        return self.last - self.first


@dataclass
class Meaning:
    """The directory's filters behind a text: each group is tags of which a doctor must have one.

    Two specialties, or two cities, are alternatives; each part of a name narrows the search. `unknown` are words
    that stand for nothing, `is_nonsense` says that there were no others.
    """

    groups: list[frozenset[str]] = field(default_factory=list)
    specialties: list[str] = field(default_factory=list)
    cities: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    is_nonsense: bool = False

    def take(self, matches: Iterable[Match]) -> bool:
        """Add what a phrase stands for; False where that is too much to mean anything."""
        matches = list(matches)
        specialties = {match.target for match in matches if match.kind == SearchTermKind.SPECIALTY}
        if len(specialties) > MOST_SPECIALTIES:
            return False
        cities = {match.target for match in matches if match.kind == SearchTermKind.CITY}
        self.specialties += sorted(specialties - set(self.specialties))
        self.cities += sorted(cities - set(self.cities))
        self._add(frozenset(map(_tag, matches)))
        return True

    def _add(self, group: frozenset[str]) -> None:
        letters = {tag[0] for tag in group}
        for place, other in enumerate(self.groups):
            if letters in ({"s"}, {"c"}) and {tag[0] for tag in other} == letters:
                self.groups[place] = other | group
                return
        self.groups.append(group)


class _Reading:
    """One text on its way to a meaning: its words, and which of them are not understood yet."""

    def __init__(self, text: str) -> None:
        self.words = plain(text[:LONGEST_TEXT]).split()[:MOST_WORDS]
        self.free = [True] * len(self.words)
        self.meaning = Meaning()

    def phrases(self, longest: int) -> list[Phrase]:
        """Runs of words not understood yet, the longest first."""
        return [
            Phrase(first, first + length, " ".join(self.words[first : first + length]))
            for length in range(min(longest, len(self.words)), 0, -1)
            for first in range(len(self.words) - length + 1)
            if all(self.free[first : first + length])
        ]

    def unsure_phrases(self) -> list[Phrase]:
        """The same, where something is left that is no filler, without those that begin or end with one."""
        return [
            phrase
            for phrase in self.phrases(LONGEST_UNSURE_PHRASE)
            if not FILLERS & {self.words[phrase.first], self.words[phrase.last - 1]}
        ]

    @property
    def rest(self) -> list[str]:
        pairs = zip(self.words, self.free, strict=True)
        return [word for word, is_free in pairs if is_free and word not in FILLERS]

    def settle(self, found: Iterable[tuple[Phrase, list[Match]]]) -> None:
        """Take the phrases in their order, each word once."""
        for phrase, matches in found:
            if not all(self.free[phrase.first : phrase.last]):
                continue
            if phrase.first and self.words[phrase.first - 1] in TITLES:
                # "Dr. Pereira" is a person, "Pereira" may be the city as well.
                matches = [match for match in matches if match.kind == SearchTermKind.NAME] or matches
            if self.meaning.take(matches):
                self.free[phrase.first : phrase.last] = [False] * phrase.words


def interpret(text: str) -> Meaning:
    """What a text asks for. Words that mean nothing are `unknown`; the rest still counts."""
    return interpret_all([text])[0]


def interpret_all(texts: Iterable[str]) -> list[Meaning]:
    """The meaning of each of several texts, in two statements at most."""
    readings = [_Reading(text) for text in texts]
    written = _as_written({phrase.text for each in readings for phrase in each.phrases(LONGEST_PHRASE)})
    for reading in readings:
        phrases = reading.phrases(LONGEST_PHRASE)
        reading.settle((phrase, written[phrase.text]) for phrase in phrases if phrase.text in written)
    alike = _alike({phrase.text for each in readings for phrase in each.unsure_phrases()})
    for reading in readings:
        found = [(phrase, alike[phrase.text]) for phrase in reading.unsure_phrases() if phrase.text in alike]
        reading.settle(sorted(found, key=_preference, reverse=True))
        reading.meaning.unknown = reading.rest
        reading.meaning.is_nonsense = bool(reading.rest) and not reading.meaning.groups
    return [reading.meaning for reading in readings]


def _as_written(phrases: set[str]) -> dict[str, list[Match]]:
    matches: dict[str, list[Match]] = defaultdict(list)
    if phrases:
        rows = SearchTerm.objects.filter(term__in=phrases)
        for term, kind, target in rows.values_list("term", "kind", "target"):
            # "de" and "la" are in many names; as words of a search they say nothing.
            if kind != SearchTermKind.NAME or term not in FILLERS:
                matches[term].append(Match(kind, target, 1.0))
    return matches


def _alike(phrases: set[str]) -> dict[str, list[Match]]:
    matches: dict[str, list[Match]] = defaultdict(list)
    for phrase, kind, term, target in terms_alike(phrases):
        if (value := likeness(phrase, term)) > 0:
            matches[phrase].append(Match(kind, target, value))
    return {phrase: _best(listed) for phrase, listed in matches.items()}


def terms_alike(phrases: Iterable[str]) -> list[tuple[str, str, str, str]]:
    """Phrase, kind, term and target of every term that shares much of its letters with one of the phrases."""
    listed = sorted(phrases)
    if not listed:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT span, kind, term, target FROM app.terms_alike(%s::text[])", [listed])
        return cursor.fetchall()


def _preference(found: tuple[Phrase, list[Match]]) -> tuple[int, float]:
    """A longer phrase counts for more only where it is nearly what was meant."""
    phrase, matches = found
    sure = matches[0].likeness
    return (phrase.words if sure >= 0.75 else 1, sure)


def likeness(typed: str, term: str) -> float:
    """How likely it is that `typed` means `term`: 1 the same, 0 no. A few letters may differ, more in long words."""
    if typed == term:
        return 1.0
    # Among three letters every change makes another word: "tos" is no "TOC".
    allowed = 0 if len(typed) < 4 else 1 if len(typed) < 6 else 2
    distance = OSA.distance(typed, term, score_cutoff=allowed)
    if distance <= allowed:
        return 0.95 - 0.1 * distance - (0.05 if typed[0] != term[0] else 0)
    if " " not in term:
        begins = len(typed) >= 4 and term.startswith(typed)
        return 0.8 - min(len(term) - len(typed), 20) / 100 if begins else 0.0
    if f" {typed} " in f" {term} ":
        return 0.6
    words = term.split()
    return (
        0.5
        if len(typed) >= 5 and any(OSA.distance(typed, word, score_cutoff=1) <= 1 for word in words)
        else 0.0
    )


def _best(matches: Iterable[Match]) -> list[Match]:
    ordered = sorted(matches, key=lambda match: -match.likeness)
    return [match for match in ordered if match.likeness >= ordered[0].likeness - 0.02]


_TAGS = {
    SearchTermKind.SPECIALTY.value: tags.specialty,
    SearchTermKind.CITY.value: tags.city,
    SearchTermKind.NAME.value: tags.name,
}


def _tag(match: Match) -> str:
    return _TAGS[match.kind](match.target)
