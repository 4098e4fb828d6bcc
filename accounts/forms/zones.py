"""Time zones as people look for them: by the city and its country, in the language of the page."""

import unicodedata
from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from medai.common import localtime

REGIONS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


def time_zone_choices(current: str = "") -> list[tuple[str, str]]:
    """The world's time zones, former names left out; the one in use is listed even if it is none of those."""
    choices = list(_choices(localtime.language()))
    if current and current not in dict(choices):
        choices.insert(0, (current, _label(current, localtime.language())))
    return choices


@lru_cache
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    former = get_global("zone_aliases")
    names = {name for name in available_timezones() if name.startswith(REGIONS) and name not in former}
    return tuple(sorted(((name, _label(name, language)) for name in names), key=_place))


def _label(name: str, language: str) -> str:
    """ "Bogotá, Colombia"; "Singapur" only once."""
    city = get_timezone_location(name, locale=language, return_city=True).rpartition("/")[2]
    country = Locale.parse(language).territories.get(get_global("zone_territories").get(name, ""), "")
    return f"{city}, {country}" if country and country != city else city


def _place(choice: tuple[str, str]) -> str:
    letters = unicodedata.normalize("NFKD", choice[1].casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
