"""A month as weeks of days, Monday first, for the slot picker and the doctor's small calendar."""

from calendar import Calendar
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

from medai.common import localtime


@dataclass(frozen=True)
class Day:
    date: date
    url: str
    free: bool
    today: bool
    selected: bool
    outside: bool
    label: str


@dataclass(frozen=True)
class Month:
    first: date
    days: list[Day]
    previous_url: str = ""
    next_url: str = ""

    @property
    def title(self) -> str:
        return localtime.month_name(self.first)

    @property
    def headings(self) -> list[tuple[str, str]]:
        """One letter and the whole name of each weekday."""
        return list(zip(localtime.weekdays("narrow"), localtime.weekdays("wide"), strict=True))


def month(
    year: int,
    number: int,
    *,
    link: Callable[[date], str],
    free: Collection[date] = (),
    today: date | None = None,
    selected: date | None = None,
    month_link: Callable[[date], str] | None = None,
    only_free: bool = True,
) -> Month:
    """The month with a link for each day of it; with ``only_free``, for the days that have something free.

    ``month_link`` gives the address of another month by its first day, or nothing where it cannot be shown.
    """
    first = date(year, number, 1)
    days = [
        Day(
            date=day,
            url=link(day) if day.month == number and (day in free or not only_free) else "",
            free=day in free,
            today=day == today,
            selected=day == selected,
            outside=day.month != number,
            label=localtime.long_date(day),
        )
        for day in Calendar(firstweekday=0).itermonthdates(year, number)
    ]
    before, after = (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)
    turn = month_link or (lambda _day: "")
    return Month(first, days, turn(before), turn(after))
