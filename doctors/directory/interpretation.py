"""What people mean by what they type: specialties, cities and names, in either language, accents and typos forgiven.

The words are matched against `SearchTerm`, a few thousand rows however many doctors there are: first as they
stand, longest phrase first, then what is left over by likeness.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
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

    Two specialties, or two cities, are alternatives; each part of a name narrows the search.
    """

    groups: list[frozenset[str]] = field(default_factory=list)
    specialties: list[str] = field(default_factory=list)
    cities: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.groups


def interpret(text: str) -> Meaning:
    """What a text asks for. Words that mean nothing are `unknown`; the rest still counts."""
    words = plain(text[:LONGEST_TEXT]).split()[:MOST_WORDS]
    meaning = Meaning()
    if not words:
        return meaning
    free = [True] * len(words)
    _settle(meaning, words, free, _as_written(words))
    rest = [word for word, is_free in zip(words, free, strict=True) if is_free and word not in FILLERS]
    if rest:
        _settle(meaning, words, free, _alike(words, free))
    meaning.unknown = [
        word for word, is_free in zip(words, free, strict=True) if is_free and word not in FILLERS
    ]
    return meaning


def _phrases(words: Sequence[str], free: Sequence[bool], longest: int) -> list[Phrase]:
    """Runs of free words, longest first, none that starts or ends with a filler beside other words."""
    found = []
    for length in range(min(longest, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            run = words[first : first + length]
            if all(free[first : first + length]):
                found.append(Phrase(first, first + length, " ".join(run)))
    return found


def _as_written(words: Sequence[str]) -> list[tuple[Phrase, list[Match]]]:
    phrases = _phrases(words, [True] * len(words), LONGEST_PHRASE)
    rows = SearchTerm.objects.filter(term__in={phrase.text for phrase in phrases})
    matches = defaultdict(list)
    for term, kind, target in rows.values_list("term", "kind", "target"):
        # "de" and "la" are in many names; as words of a search they say nothing.
        if kind != SearchTermKind.NAME or term not in FILLERS:
            matches[term].append(Match(kind, target, 1.0))
    return [(phrase, matches[phrase.text]) for phrase in phrases if phrase.text in matches]


def _alike(words: Sequence[str], free: Sequence[bool]) -> list[tuple[Phrase, list[Match]]]:
    phrases = [
        phrase
        for phrase in _phrases(words, free, LONGEST_UNSURE_PHRASE)
        if not FILLERS & {words[phrase.first], words[phrase.last - 1]}
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT span, kind, term, target FROM app.terms_alike(%s)", [[phrase.text for phrase in phrases]]
        )
        rows = cursor.fetchall()
    matches: dict[str, list[Match]] = defaultdict(list)
    for span, kind, term, target in rows:
        if (value := likeness(span, term)) > 0:
            matches[span].append(Match(kind, target, value))
    found = [(phrase, _best(matches[phrase.text])) for phrase in phrases if phrase.text in matches]
    # A longer phrase counts for more only where it is nearly what was meant.
    return sorted(
        found,
        key=lambda one: (one[0].words if one[1][0].likeness >= 0.75 else 1, one[1][0].likeness),
        reverse=True,
    )


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


def _settle(
    meaning: Meaning, words: Sequence[str], free: list[bool], found: Iterable[tuple[Phrase, list[Match]]]
) -> None:
    """Take the phrases in their order, each word once."""
    for phrase, matches in found:
        if not all(free[phrase.first : phrase.last]):
            continue
        if phrase.first and words[phrase.first - 1] in TITLES:
            # "Dr. Pereira" is a person, "Pereira" may be the city as well.
            matches = [match for match in matches if match.kind == SearchTermKind.NAME] or matches
        specialties = {match.target for match in matches if match.kind == SearchTermKind.SPECIALTY}
        if len(specialties) > MOST_SPECIALTIES:
            continue
        free[phrase.first : phrase.last] = [False] * phrase.words
        _add_group(meaning, frozenset(map(_tag, matches)))
        meaning.specialties += sorted(specialties - set(meaning.specialties))
        cities = {match.target for match in matches if match.kind == SearchTermKind.CITY}
        meaning.cities += sorted(cities - set(meaning.cities))


def _add_group(meaning: Meaning, group: frozenset[str]) -> None:
    letters = {tag[0] for tag in group}
    for place, other in enumerate(meaning.groups):
        if letters in ({"s"}, {"c"}) and {tag[0] for tag in other} == letters:
            meaning.groups[place] = other | group
            return
    meaning.groups.append(group)


_TAGS = {
    SearchTermKind.SPECIALTY.value: tags.specialty,
    SearchTermKind.CITY.value: tags.city,
    SearchTermKind.NAME.value: tags.name,
}


def _tag(match: Match) -> str:
    return _TAGS[match.kind](match.target)
