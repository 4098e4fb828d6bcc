"""Dates and times as people read them: in a given zone, in the language of the page.

Prose says "8:00 a. m." or "8:00 AM"; grids of times say "14:30" in both languages. Spaces inside a time and
beside a day's number are no-break spaces, so that no line ends between the hour and "a. m." or "Nov" and "20".
"""

import zoneinfo
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.dates import get_timezone_location
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

Zone = str | tzinfo | None
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
NARROW_NO_BREAK_SPACE = "\N{NARROW NO-BREAK SPACE}"

# CLDR's own skeletons lean on commas and "de" in ways that read oddly next to a time; these are spelled out.
PATTERNS = {
    "es": {
        "long": "EEEE d\N{NO-BREAK SPACE}'de' MMMM",
        "long_year": "EEEE d\N{NO-BREAK SPACE}'de' MMMM 'de' y",
        "day": "d\N{NO-BREAK SPACE}'de' MMMM",
        "day_year": "d\N{NO-BREAK SPACE}'de' MMMM 'de' y",
        "short": "d\N{NO-BREAK SPACE}MMM",
        "short_year": "d\N{NO-BREAK SPACE}MMM y",
        "month": "MMMM 'de' y",
    },
    "en": {
        "long": "EEEE, MMMM\N{NO-BREAK SPACE}d",
        "long_year": "EEEE, MMMM\N{NO-BREAK SPACE}d, y",
        "day": "MMMM\N{NO-BREAK SPACE}d",
        "day_year": "MMMM\N{NO-BREAK SPACE}d, y",
        "short": "MMM\N{NO-BREAK SPACE}d",
        "short_year": "MMM\N{NO-BREAK SPACE}d, y",
        "month": "MMMM y",
    },
}


def language() -> str:
    code = (get_language() or "es").split("-")[0]
    return code if code in PATTERNS else "en"


def zone_of(zone: Zone) -> tzinfo:
    """The zone itself, from its name, itself, or the current one when not given."""
    if not zone:
        return timezone.get_current_timezone()
    return zoneinfo.ZoneInfo(zone) if isinstance(zone, str) else zone


def local(moment: datetime, zone: Zone = None) -> datetime:
    return moment.astimezone(zone_of(zone))


def local_date(day: date | datetime, zone: Zone = None) -> date:
    return local(day, zone).date() if isinstance(day, datetime) else day


# babel reads its patterns anew each time, and pages say the same few days and times again and again.
format_date = lru_cache(maxsize=4096)(babel_date)


@lru_cache(maxsize=2 * 24 * 60)
def _said(hour: int, minute: int, language: str) -> str:
    text = babel_time(time(hour, minute), "h:mm a", locale=language)
    return text.replace(NARROW_NO_BREAK_SPACE, NO_BREAK_SPACE).replace(" ", NO_BREAK_SPACE)


def _dated(day: date | datetime, zone: Zone, pattern: str) -> str:
    """The year is said only when it is not this one."""
    value = local_date(day, zone)
    if value.year != timezone.now().astimezone(zone_of(zone)).year:
        pattern = f"{pattern}_year"
    return format_date(value, PATTERNS[language()][pattern], locale=language())


def clock(moment: datetime, zone: Zone = None) -> str:
    """ "8:00 a. m." """
    value = local(moment, zone)
    return _said(value.hour, value.minute, language())


def clock24(moment: datetime, zone: Zone = None) -> str:
    """ "8:00", "14:30" """
    value = local(moment, zone)
    return f"{value.hour}:{value.minute:02d}"


def long_date(day: date | datetime, zone: Zone = None) -> str:
    """ "lunes 23 de noviembre" """
    return _dated(day, zone, "long")


def day_date(day: date | datetime, zone: Zone = None) -> str:
    """ "23 de noviembre" """
    return _dated(day, zone, "day")


def short_date(day: date | datetime, zone: Zone = None) -> str:
    """ "23 nov" """
    return _dated(day, zone, "short")


def month_name(day: date | datetime, zone: Zone = None) -> str:
    """ "noviembre de 2026" """
    return format_date(local_date(day, zone), PATTERNS[language()]["month"], locale=language())


def short_month(day: date | datetime, zone: Zone = None) -> str:
    """ "nov" """
    return format_date(local_date(day, zone), "MMM", locale=language())


def month_day(day: date | datetime, zone: Zone = None) -> str:
    """The day and its month alone, whatever the year: "4 dic"."""
    return format_date(local_date(day, zone), PATTERNS[language()]["short"], locale=language())


def weekday(day: date | datetime, zone: Zone = None) -> str:
    """ "lunes" """
    return format_date(local_date(day, zone), "EEEE", locale=language())


def short_weekday(day: date | datetime, zone: Zone = None) -> str:
    """ "lun" """
    return format_date(local_date(day, zone), "EEE", locale=language())


def weekdays(width: str = "wide") -> list[str]:
    """The seven names from Monday on; ``width`` is "wide", "abbreviated" or "narrow"."""
    # Spain's own "X" for Wednesday is not known in Latin America.
    names = Locale.parse("es_419" if language() == "es" else "en").days["stand-alone"][width]
    return [names[index] for index in range(7)]


def relative_day(day: date | datetime, zone: Zone = None) -> str:
    """ "today", "tomorrow", "yesterday", else the long date."""
    value = local_date(day, zone)
    distance = (value - timezone.now().astimezone(zone_of(zone)).date()).days
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    return near.get(distance) or long_date(value)


def date_time(moment: datetime, zone: Zone = None) -> str:
    """ "lunes 23 de noviembre, 8:00 a. m." """
    return f"{long_date(moment, zone)}, {clock(moment, zone)}"


def short_date_time(moment: datetime, zone: Zone = None) -> str:
    """ "23 nov, 8:00 a. m." """
    return f"{short_date(moment, zone)}, {clock(moment, zone)}"


def offset(moment: datetime, zone: Zone = None) -> str:
    """ "GMT-5", "GMT+5:30" at that moment."""
    delta = local(moment, zone).utcoffset() or timedelta()
    minutes = round(abs(delta).total_seconds() / 60)
    if minutes == 0:
        return "GMT"
    hours, rest = divmod(minutes, 60)
    return f"GMT{'-' if delta < timedelta() else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def city(zone: Zone = None) -> str:
    """The place a zone is named after, in the language of the page: "Bogotá", "Nueva York"."""
    return get_timezone_location(zone_of(zone), locale=language(), return_city=True)


def zone_label(moment: datetime, zone: Zone = None) -> str:
    """ "Bogotá time (GMT-5)" """
    return _("%(city)s time (%(offset)s)") % {"city": city(zone), "offset": offset(moment, zone)}


def differs(moment: datetime, zone: Zone, other: Zone) -> bool:
    """Whether the clocks of two zones disagree at that moment."""
    return local(moment, zone).utcoffset() != local(moment, other).utcoffset()
