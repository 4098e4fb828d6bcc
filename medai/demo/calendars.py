"""How the demo's doctors work: patterns of weekly hours, Colombian holidays, and the days that differ."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from random import Random

from medai.demo.drafts import ExceptionDraft, HoursDraft, RangeMode

MONDAY_TO_FRIDAY = (1, 2, 3, 4, 5)
MONDAY_TO_THURSDAY = (1, 2, 3, 4)
SATURDAY = 6


def clock(text: str) -> int:
    """Minutes of the day: 8:30 is 510."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _days(
    days: tuple[int, ...], *spans: str, mode: RangeMode = "both", office: int | None = 0
) -> Iterator[HoursDraft]:
    for day in days:
        for span in spans:
            start, end = span.split("-")
            yield HoursDraft(day, clock(start), clock(end), mode, office)


def _video(days: tuple[int, ...], *spans: str) -> Iterator[HoursDraft]:
    return _days(days, *spans, mode="video", office=None)


def _in_person(days: tuple[int, ...], *spans: str, office: int = 0) -> Iterator[HoursDraft]:
    return _days(days, *spans, mode="in_person", office=office)


PATTERNS: dict[str, Callable[[], tuple[HoursDraft, ...]]] = {
    "nine_to_five": lambda: tuple(_days(MONDAY_TO_FRIDAY, "9:00-17:00")),
    "split_day": lambda: tuple(_days(MONDAY_TO_FRIDAY, "8:00-12:00", "14:00-17:30")),
    "mornings": lambda: (*_in_person(MONDAY_TO_FRIDAY, "7:00-12:30"), *_video((3,), "15:00-17:00")),
    "early": lambda: tuple(_days(MONDAY_TO_FRIDAY, "6:30-11:30")),
    "long_days": lambda: (*_days((1, 3), "7:30-12:30", "13:30-18:30"), *_in_person((4,), "8:00-13:00")),
    "office_and_video": lambda: (
        *_in_person((1, 3, 5), "8:00-12:00", "14:00-17:00"),
        *_video((2, 4), "17:00-20:30"),
    ),
    "saturdays": lambda: (
        *_days((2, 3, 4, 5), "13:00-18:00"),
        *_in_person((SATURDAY,), "8:00-13:00"),
    ),
    "evenings": lambda: (
        *_in_person(MONDAY_TO_THURSDAY, "15:00-19:00"),
        *_video(MONDAY_TO_THURSDAY, "19:00-20:30"),
        *_in_person((SATURDAY,), "9:00-12:00"),
    ),
    "afternoons": lambda: (*_days((1, 2, 4), "13:00-18:00"), *_in_person((5,), "14:00-17:00")),
    "two_offices": lambda: (
        *_in_person((1, 3), "8:00-13:00"),
        *_in_person((2, 4), "14:00-18:30", office=1),
        *_video((5,), "9:00-12:00"),
    ),
    "video_only": lambda: tuple(_video(MONDAY_TO_FRIDAY, "9:00-13:00", "15:00-18:00")),
    "night_video": lambda: (
        *_days((1, 3), "10:00-14:00"),
        *_video(MONDAY_TO_THURSDAY, "18:00-21:00"),
        *_video((0,), "21:00-24:00"),
    ),
}

FIXED_HOLIDAYS = ((1, 1), (5, 1), (7, 20), (8, 7), (12, 8), (12, 25))
MONDAY_HOLIDAYS = ((1, 6), (3, 19), (6, 29), (8, 15), (10, 12), (11, 1), (11, 11))
# Days after Easter; the last three are the Mondays to which the feasts were moved (Ley 51 de 1983).
EASTER_HOLIDAYS = (-3, -2, 43, 64, 71)


@cache
def holidays(year: int) -> frozenset[date]:
    """Colombia's public holidays."""
    easter = _easter(year)
    moved = (date(year, *feast) for feast in MONDAY_HOLIDAYS)
    return frozenset(
        [
            *(date(year, *feast) for feast in FIXED_HOLIDAYS),
            *(day + timedelta(days=-day.weekday() % 7) for day in moved),
            *(easter + timedelta(days=days) for days in EASTER_HOLIDAYS),
        ]
    )


def _easter(year: int) -> date:
    """The anonymous Gregorian algorithm, as printed in Nature in 1876."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


HOLIDAY = "Festivo"
CONGRESSES = (
    "Congreso de la especialidad en Cartagena", "Congreso en Medellín", "Curso de actualización",
    "Congreso latinoamericano", "Examen de residentes",
)  # fmt: skip
PART_DAYS = ("Junta médica", "Cita personal", "Reunión del colegio de mi hija", "Turno en el hospital")


def exceptions(
    rng: Random, hours: tuple[HoursDraft, ...], *, today: date, back: int, ahead: int
) -> tuple[ExceptionDraft, ...]:
    """What differs between `back` days ago and `ahead` days from now; never two for one date."""
    first, last = today - timedelta(days=back), today + timedelta(days=ahead)
    chosen: dict[date, ExceptionDraft] = {}

    worked = {draft.day_of_week for draft in hours}

    def add(exception: ExceptionDraft) -> None:
        works = exception.kind == "extra_hours" or exception.date.isoweekday() % 7 in worked
        if works and first <= exception.date <= last and exception.date not in chosen:
            chosen[exception.date] = exception

    if 0 not in worked:
        for day in sorted(holidays(first.year) | holidays(last.year)):
            add(ExceptionDraft(day, "blocked", HOLIDAY))
    for exception in _absences(rng, first, last):
        add(exception)
    for exception in _other_hours(rng, hours, today, ahead):
        add(exception)
    return tuple(sorted(chosen.values(), key=lambda exception: exception.date))


def _absences(rng: Random, first: date, last: date) -> Iterator[ExceptionDraft]:
    """One week of vacation, perhaps a congress, and two half days."""
    span = (last - first).days
    week = first + timedelta(days=rng.randrange(span))
    week -= timedelta(days=week.weekday())
    yield from (ExceptionDraft(week + timedelta(days=day), "blocked", "Vacaciones") for day in range(5))
    if rng.random() < 0.5:
        congress = first + timedelta(days=rng.randrange(span))
        name = rng.choice(CONGRESSES)
        yield from (ExceptionDraft(congress + timedelta(days=day), "blocked", name) for day in range(2))
    for _ in range(2):
        day = first + timedelta(days=rng.randrange(span))
        start = rng.choice((clock("8:00"), clock("10:00"), clock("15:00")))
        yield ExceptionDraft(day, "blocked", rng.choice(PART_DAYS), start, start + 120)


def _other_hours(
    rng: Random, hours: tuple[HoursDraft, ...], today: date, ahead: int
) -> Iterator[ExceptionDraft]:
    """Perhaps an extra Saturday morning and a day that starts later."""
    worked = {draft.day_of_week for draft in hours}
    if SATURDAY not in worked and rng.random() < 0.4:
        saturday = today + timedelta(days=(5 - today.weekday()) % 7 + 7 * rng.randrange(1, ahead // 7))
        yield ExceptionDraft(
            saturday, "extra_hours", "Jornada adicional", clock("8:00"), clock("12:00"), *_way(hours)
        )
    if rng.random() < 0.4:
        day = today + timedelta(days=rng.randrange(3, ahead))
        yield ExceptionDraft(
            day, "custom_hours", "Horario especial", clock("10:00"), clock("15:00"), *_way(hours)
        )


def _way(hours: tuple[HoursDraft, ...]) -> tuple[RangeMode, int | None]:
    """How extra time is worked: as the first of the weekly hours."""
    return hours[0].mode, hours[0].office
