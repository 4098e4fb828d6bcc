"""Colombian names by generation and region, and telephones that nobody owns."""

import unicodedata
from random import Random

from medai.demo.data import load
from medai.demo.drafts import Sex

# The numbering plan accepts 370 as a mobile prefix, and no operator was given it: nobody's telephone rings.
PHONE_PREFIX = "+57370"


def given_name(rng: Random, sex: Sex, year: int) -> str:
    """A name that was common for those born in `year`."""
    generations = load("names")["given"][sex]
    return rng.choice(next(g["names"] for g in reversed(generations) if year >= g["from"]))


def surname(rng: Random, city: str) -> str:
    surnames = load("names")["surnames"]
    return rng.choice(surnames[city] if rng.random() < 0.35 else surnames["common"])


def family_name(rng: Random, city: str, father: str = "", mother: str = "") -> str:
    """Two surnames, the father's first; those given are kept."""
    first = father or surname(rng, city)
    second = mother or surname(rng, city)
    while second == first:
        second = surname(rng, city)
    return f"{first} {second}"


def phone(number: int) -> str:
    """The `number`-th telephone of the demo, in E.164."""
    return f"{PHONE_PREFIX}{number:07d}"


def plain(text: str) -> str:
    """Lower case without accents, words joined by one hyphen, as in a URL."""
    letters = (c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in letters).split())
