"""The languages that doctors speak with patients, by ISO 639-1 code; names in the language of the page."""

from functools import cache

from babel import Locale
from django.utils.translation import get_language

from doctors.words import plain

LANGUAGES = (
    "es",
    "en",
    "pt",
    "fr",
    "de",
    "it",
    "ar",
    "zh",
    "ja",
    "ko",
    "ru",
    "he",
    "hi",
    "ur",
    "nl",
    "tr",
    "pl",
    "uk",
    "ca",
    "eu",
    "qu",
)


@cache
def _names(locale: str) -> dict[str, str]:
    known = Locale.parse(locale).languages
    return {code: known[code] for code in LANGUAGES}


def language_name(code: str) -> str:
    """ "español" in Spanish, "Spanish" in English; the code itself where it is unknown."""
    return _names((get_language() or "es")[:2]).get(code, code)


def language_choices() -> list[tuple[str, str]]:
    """Code and name, the platform's own languages first, then by name."""
    names = _names((get_language() or "es")[:2])
    rest = sorted(names.keys() - {"es", "en"}, key=lambda code: plain(names[code]))
    return [(code, capitalised(names[code])) for code in ("es", "en", *rest)]


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
