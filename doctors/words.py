"""Text as it is compared: words in lower case without accents."""

import re
import unicodedata

_DROPPED = str.maketrans("", "", "'’`´")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """The words of a text, one space between them; what `app.words` does in the database."""
    lowered = unicodedata.normalize("NFKD", text.translate(_DROPPED).lower().translate(_LETTERS))
    without_accents = "".join(letter for letter in lowered if not unicodedata.combining(letter))
    return _SEPARATORS.sub(" ", without_accents).strip()


def key(text: str) -> str:
    """A city's key in addresses and filters: "Bogotá, D.C." is `bogota-d-c`."""
    return plain(text).replace(" ", "-")
