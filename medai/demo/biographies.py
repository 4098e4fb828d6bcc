"""What doctors say of themselves."""

from collections import Counter
from random import Random
from typing import Any

from medai.demo.data import load


class Sentences:
    """The sentences of each family of specialties, handed out so that as few as possible repeat."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._used: Counter[str] = Counter()

    def draw(self, family: str, part: str, specialty: str, ways: set[str]) -> dict[str, Any]:
        """The least used sentence that is true of such a doctor; `ways` are office and video."""
        fitting = [
            sentence
            for sentence in load("biographies")[family][part]
            if sentence.get("needs") in {None, *ways} and specialty in sentence.get("only", [specialty])
        ]
        least = min(self._used[sentence["es"]] for sentence in fitting)
        chosen = self._rng.choice([sentence for sentence in fitting if self._used[sentence["es"]] == least])
        self._used[chosen["es"]] += 1
        return chosen


def biography(
    sentences: Sentences, row: dict[str, Any], family: str, ways: set[str], *, length: int
) -> tuple[str, str]:
    """Two or three sentences in Spanish and in English: what they treat, how they work, what to know before."""
    specialty = row["specialties"][0]
    drawn = [
        sentences.draw(family, part, specialty, ways) for part in ("approach", "practical")[: length - 1]
    ]
    return tuple(" ".join([row[f"focus_{code}"], *(s[code] for s in drawn)]) for code in ("es", "en"))  # type: ignore[return-value]  # two codes make a pair
