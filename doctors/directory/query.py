"""What somebody asks the directory for, read from an address and written back into one."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from doctors.directory.interpretation import LONGEST_TEXT
from doctors.languages import LANGUAGES
from doctors.models import VisitMode
from medai.common import money
from medai.common.errors import FieldError
from medai.common.years import read_date

SORTS = ("soonest", "rating", "price", "distance")
# Within how many days of today the next free time must be.
DAYS = {"today": 0, "tomorrow": 1, "3days": 2, "week": 6}
MOST_PAGES = 100


@dataclass(frozen=True, kw_only=True)
class DirectoryQuery:
    """One search. Everything in it is in the address, so a search can be shared and bookmarked.

    `max_price` is in whole units of `currency`; `day` is a key of `DAYS`, `on` a certain date of the
    doctor's own calendar. `errors` are the
    parameters that were left out because they could not be read.
    """

    q: str = ""
    specialty: str = ""
    city: str = ""
    languages: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    insurer: UUID | None = None
    max_price: Decimal | None = None
    currency: str = settings.DEFAULT_CURRENCY
    day: str = ""
    on: date | None = None
    sort: str = SORTS[0]
    latitude: float | None = None
    longitude: float | None = None
    page: int = 1
    errors: tuple[FieldError, ...] = field(default=(), compare=False)

    @classmethod
    def read(cls, data: Any) -> "DirectoryQuery":
        """The search behind a QueryDict. What cannot be read is left out and listed in `errors`."""
        reader = _Reader(data)
        query = cls(
            q=reader.text("q", LONGEST_TEXT),
            specialty=reader.text("specialty", 60),
            city=reader.text("city", 80),
            languages=reader.choices("language", LANGUAGES),
            modes=reader.choices("mode", VisitMode.values),
            insurer=reader.one("insurer", UUID, _("This is not the id of an insurer.")),
            currency=reader.one("currency", _currency, _("This is not the three-letter code of a currency."))
            or settings.DEFAULT_CURRENCY,
            max_price=reader.one("max_price", _price, _("This is not an amount, such as 150000.")),
            day=reader.one("day", _among(DAYS), _("Choose today, tomorrow, 3days or week.")) or "",
            on=reader.one("date", read_date, _("Write the date as 2026-12-31.")),
            sort=reader.one("sort", _among(SORTS), _("Choose soonest, rating, price or distance."))
            or SORTS[0],
            latitude=reader.one("lat", _degrees(90), _("This is not a latitude, such as 4.65.")),
            longitude=reader.one("lng", _degrees(180), _("This is not a longitude, such as -74.05.")),
            page=reader.one("page", _page, _("Pages are numbered 1 to %(last)s.") % {"last": MOST_PAGES})
            or 1,
            errors=tuple(reader.errors),
        )
        if query.sort == "distance" and query.position is None:
            missing = FieldError("lat", "required", _("Sorting by distance needs lat and lng."))
            query = replace(query, sort=SORTS[0], errors=(*query.errors, missing))
        return query

    @property
    def position(self) -> tuple[float, float] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude

    @property
    def max_price_minor(self) -> int | None:
        if self.max_price is None:
            return None
        return int(self.max_price.scaleb(money.exponent(self.currency)))

    @property
    def has_filters(self) -> bool:
        """Whether something other than text, specialty, city and order narrows the search."""
        return self != DirectoryQuery(
            q=self.q,
            specialty=self.specialty,
            city=self.city,
            sort=self.sort,
            latitude=self.latitude,
            longitude=self.longitude,
            page=self.page,
        )

    def parameters(self, **changes: Any) -> str:
        """The address of this search, or of a changed one, from the first page unless `page` is given."""
        changed = replace(self, **{"page": 1, **changes})
        pairs: list[tuple[str, str]] = []
        for name, parameter in _PARAMETERS.items():
            value, default = getattr(changed, name), _DEFAULTS[name]
            if value == default:
                continue
            values = value if isinstance(value, tuple) else (value,)
            pairs += [(parameter, str(one)) for one in values]
        return urlencode(pairs)

    def last_moment(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """The end of the time in which the doctor must have something free, on the viewer's clock."""
        if self.day:
            return _end_of(now.astimezone(zone).date() + timedelta(days=DAYS[self.day]), zone)
        return None


_PARAMETERS = {
    "q": "q",
    "specialty": "specialty",
    "city": "city",
    "languages": "language",
    "modes": "mode",
    "insurer": "insurer",
    "max_price": "max_price",
    "currency": "currency",
    "day": "day",
    "on": "date",
    "sort": "sort",
    "latitude": "lat",
    "longitude": "lng",
    "page": "page",
}
_DEFAULTS = {each.name: each.default for each in fields(DirectoryQuery)}


class _Reader:
    """Reads parameters one by one and notes what is wrong with them."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.errors: list[FieldError] = []

    def _all(self, name: str) -> list[str]:
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data.get(name)]
        return [str(value).strip() for value in values if value not in (None, "")]

    def text(self, name: str, longest: int) -> str:
        values = self._all(name)
        # A NUL is no character to PostgreSQL.
        return " ".join(values[-1].replace("\x00", " ").split())[:longest] if values else ""

    def one(self, name: str, read: Callable[[str], Any], message: Any) -> Any:
        values = self._all(name)
        if not values:
            return None
        try:
            return read(values[-1])
        except (ValueError, InvalidOperation, OverflowError):
            self.errors.append(FieldError(name, "invalid", message))
            return None

    def choices(self, name: str, known: Any) -> tuple[str, ...]:
        values = [value for given in self._all(name) for value in given.split(",")]
        if unknown := [value for value in values if value not in known]:
            message = _("Unknown: %(value)s.") % {"value": unknown[0][:40]}
            self.errors.append(FieldError(name, "invalid", message))
        return tuple(dict.fromkeys(value for value in values if value in known))


def _among(known: Any) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in known:
            raise ValueError(value)
        return value

    return read


def _currency(value: str) -> str:
    if not money.is_currency(value.upper()):
        raise ValueError(value)
    return value.upper()


def _price(value: str) -> Decimal:
    amount = Decimal(value)
    if not amount.is_finite() or not 0 < amount < 10**12:
        raise ValueError(value)
    return amount


def _degrees(limit: float) -> Callable[[str], float]:
    def read(value: str) -> float:
        degrees = float(value)
        if not -limit <= degrees <= limit:
            raise ValueError(value)
        return degrees

    return read


def _page(value: str) -> int:
    number = int(value)
    if not 1 <= number <= MOST_PAGES:
        raise ValueError(value)
    return number


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
