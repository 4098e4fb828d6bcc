"""Markup that this process remembers: what a template makes of plain values is the same each time it is asked.

Nothing is ever stale, as nothing is looked up by a key of its own: whatever the template may show is among the values,
and other values are other markup. Besides them it may depend on the language, on the zone and, as "today" and the year
of a date do, on the day; in every zone a day begins at a quarter of an hour.
"""

from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.template import Context, Template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

KEPT = 1_000
_QUARTER_OF_AN_HOUR = 15 * 60
_PLAIN = frozenset({str, int, float, bool, NoneType, Decimal, UUID, date, datetime, ZoneInfo})


def remembered(template: Template, values: dict[str, Hashable]) -> SafeString:
    """The template with nothing but these values, which must be plain: text, numbers, times, and tuples and frozen
    dataclasses of such."""
    quarter = timezone.now().timestamp() // _QUARTER_OF_AN_HOUR
    around = (get_language(), timezone.get_current_timezone(), quarter)
    # The template itself is part of the key: when its file changes, Django makes another.
    return _rendered(template, around, tuple(values), *values.values())


@lru_cache(maxsize=KEPT, typed=True)  # as a template's own literals are safe text, which equals unsafe
def _rendered(
    template: Template, _around: tuple[Hashable, ...], names: tuple[str, ...], *values: Hashable
) -> SafeString:
    for value in values:
        if type(value) is not SafeString:
            _require_plain(value)
    return template.render(Context(dict(zip(names, values, strict=True))))


def _require_plain(value: Any) -> None:
    """Refuse what may equal something that looks different: rows are equal by their key, safe text equals unsafe."""
    if type(value) in _PLAIN:
        return
    if type(value) is tuple:
        parts = value
    elif is_dataclass(value) and value.__dataclass_params__.frozen:  # type: ignore[union-attr]  # not in typeshed
        parts = tuple(getattr(value, field.name) for field in fields(value))
    else:
        raise TypeError(f"{type(value).__name__} cannot be remembered by its value.")
    for part in parts:
        if type(part) not in _PLAIN:
            _require_plain(part)
