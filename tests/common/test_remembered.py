"""Markup that is remembered is never another's, and never yesterday's."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from accounts.models import InsuranceProvider
from medai.common.components.remembered import remembered

SHOWN = Template("{{ value }} {% now 'Y-m-d' %}")


@dataclass(frozen=True)
class Frozen:
    value: Any


@dataclass
class Loose:
    value: int


def test_equal_values_are_rendered_once_and_others_are_not() -> None:
    first = remembered(SHOWN, {"value": (1, Frozen("a"))})
    assert remembered(SHOWN, {"value": (1, Frozen("a"))}) is first
    assert remembered(SHOWN, {"value": (1, Frozen("b"))}) != first
    assert remembered(Template(SHOWN.source), {"value": (1, Frozen("a"))}) is not first


def test_language_zone_and_day_are_part_of_it() -> None:
    dated = Template("{% load i18n tz %}{% translate 'Patients' %} {% now 'Y-m-d H:i' %}")
    seen = set()
    for language in ("es", "en"):
        for zone in ("America/Bogota", "Asia/Kathmandu"):
            for hours in (0, 24):
                moment = datetime(2026, 11, 20, 15, 5, tzinfo=UTC) + timedelta(hours=hours)
                with (
                    translation.override(language),
                    timezone.override(zone),
                    time_machine.travel(moment, tick=False),
                ):
                    markup = remembered(dated, {})
                    assert markup == dated.render(Context())
                    seen.add(markup)
    assert len(seen) == 8


def test_safe_text_is_not_taken_for_text_that_must_be_escaped() -> None:
    text = "<b>bold</b>"
    assert remembered(SHOWN, {"value": mark_safe(text)}).startswith(text)
    assert remembered(SHOWN, {"value": text}).startswith("&lt;b&gt;")


@pytest.mark.parametrize(
    "value",
    [
        InsuranceProvider(name="equal to any other with its key"),
        Frozen(mark_safe("<b>equal to what must be escaped</b>")),
        Frozen(translation.gettext_lazy("Patients")),
        (Frozen([1]),),
        Loose(1),
    ],
    ids=["row", "safe text", "lazy text", "list", "dataclass that may change"],
)
def test_what_is_not_told_apart_by_its_value_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        remembered(SHOWN, {"value": value})
