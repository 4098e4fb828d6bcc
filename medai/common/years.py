"""The years the product computes with. Near either end of the calendar, adding a day or changing the zone fails."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

FIRST_YEAR, LAST_YEAR = 1900, 2200


def are_near(*moments: date | datetime) -> bool:
    """Whether dates or moments lie in these years."""
    return all(FIRST_YEAR <= moment.year <= LAST_YEAR for moment in moments)


def require_near(moment: date | datetime) -> None:
    """A validator for the fields of forms and serializers."""
    if not are_near(moment):
        raise ValidationError(
            _("Choose a year from %(first)s to %(last)s."),
            code="year_out_of_reach",
            params={"first": FIRST_YEAR, "last": LAST_YEAR},
        )


def read_date(text: str | None) -> date:
    """An ISO date of these years; a ValueError for anything else."""
    day = date.fromisoformat(text or "")
    if not are_near(day):
        raise ValueError(text)
    return day
