"""Filters of lists that refuse what they do not understand, instead of leaving it aside or failing over it."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField

from medai.common.years import require_near


class _MomentField(IsoDateTimeField):
    default_validators = [require_near]

    def clean(self, value: Any) -> datetime | None:
        """The moment in UTC: PostgreSQL reads no offset of sixteen hours or more, which ISO 8601 allows."""
        moment: datetime | None = super().clean(value)
        return moment.astimezone(UTC) if moment else None


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = _MomentField


class _YesNoField(forms.NullBooleanField):
    words = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:  # type: ignore[override]  # as NullBooleanField has it
        text = str(value or "").lower()
        if text and text not in self.words:
            raise ValidationError(_("Write true or false."), code="invalid")
        return self.words.get(text)


class YesNoFilter(filters.BooleanFilter):
    field_class = _YesNoField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": forms.TextInput, **kwargs})


# For the Meta of a filter set, whose fields named there would otherwise take any word for true or false.
STRICT = {models.BooleanField: {"filter_class": YesNoFilter}}
