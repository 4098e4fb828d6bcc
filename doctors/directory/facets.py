"""How many doctors each further choice would leave."""

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Case, F, QuerySet, When

from doctors.directory.query import MOST_PAGES, DirectoryQuery
from doctors.models import DirectoryEntry, VisitMode

PER_PAGE = 10
# Beyond this many the exact number helps nobody, and counting them would cost more the more there are.
MOST_COUNTED = MOST_PAGES * PER_PAGE

DAYS = ("today", "3days")
_NEVER = 99

# Equal doctors are counted together, so that few rows come back whatever there is to count.
_COUNT = """
SELECT modes, languages, width_bucket(free_in_person, %s::timestamptz[]),
    width_bucket(free_video, %s::timestamptz[]), count(*)
FROM ({bounded}) AS bounded GROUP BY 1, 2, 3, 4
"""


@dataclass
class Facets:
    """Counts by mode, day ("" is any) and language, and of the search itself."""

    total: int = 0
    modes: dict[str, int] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)


def count(
    base: QuerySet[DirectoryEntry], query: DirectoryQuery, now: datetime, zone: ZoneInfo
) -> Facets | None:
    """Exact counts in one statement; None if the search without mode, day and language leaves too many doctors.

    The number beside a choice is what that choice would give with all other choices as they are.
    """
    ends = {day: DirectoryQuery(day=day).last_moment(now, zone) for day in DAYS}
    ends["wanted"] = query.last_moment(now, zone)
    bounds = sorted({end for end in ends.values() if end is not None})
    # A time in bucket n comes before bounds[n].
    limits = {day: _NEVER if end is None else bounds.index(end) for day, end in ends.items()}
    if query.on is not None:
        limits["wanted"] = min(limits["wanted"], len(bounds))  # any time, as long as there is one
    times = {f"free_{mode}": _soonest(mode, query.on) for mode in VisitMode.values}
    columns = base.order_by().values("modes", "languages", **times)[: MOST_COUNTED + 1]
    sql, parameters = columns.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(bounded=sql), [bounds, bounds, *parameters])
        rows = cursor.fetchall()
    if sum(row[-1] for row in rows) > MOST_COUNTED:
        return None
    facets = Facets()
    for row in rows:
        _add(facets, row, query, limits)
    return facets


def _soonest(mode: str, on: date | None) -> Case | F:
    """When a doctor is next free in a mode; with a date only if that day has something free in it."""
    soonest = F(f"next_free_{mode}_at")
    return soonest if on is None else Case(When(**{f"free_days_{mode}__contains": [on]}, then=soonest))


def _add(
    facets: Facets,
    row: tuple[list[str], list[str], int | None, int | None, int],
    query: DirectoryQuery,
    limits: dict[str, int],
) -> None:
    modes, languages, in_person, video, number = row
    free = {
        mode: _NEVER if bucket is None else bucket
        for mode, bucket in (("in_person", in_person), ("video", video))
    }
    wanted_modes = query.modes if len(query.modes) == 1 else tuple(free)
    soonest = min(free[mode] for mode in wanted_modes)
    is_mode = len(wanted_modes) > 1 or wanted_modes[0] in modes
    is_language = not query.languages or not set(query.languages).isdisjoint(languages)
    is_day = soonest <= limits["wanted"]
    if is_mode and is_language and is_day:
        facets.total += number
    if is_language:
        for mode in modes:
            if free[mode] <= limits["wanted"]:
                facets.modes[mode] = facets.modes.get(mode, 0) + number
    if is_mode and is_language:
        for day in ("", *DAYS):
            if soonest <= (limits[day] if day else _NEVER):
                facets.days[day] = facets.days.get(day, 0) + number
    if is_mode and is_day:
        for code in languages:
            facets.languages[code] = facets.languages.get(code, 0) + number
