"""Specialties in the staff's console, with the words that lead to them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ByRole
from doctors.models import Specialty
from doctors.services import specialties


class LinesField(SimpleArrayField):
    """One value on each line; empty lines are nothing."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 8})
        super().__init__(
            forms.CharField(max_length=80), delimiter="\n", required=False, widget=widget, **kwargs
        )

    def clean(self, value: str) -> Any:
        return super().clean("\n".join(line.strip() for line in (value or "").splitlines() if line.strip()))


class SpecialtyForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    synonyms_es = LinesField(
        label=_("Synonyms in Spanish"),
        help_text=_(
            "What people type for it, one on each line: symptoms, parts of the body, the doctor's name."
        ),
    )
    synonyms_en = LinesField(label=_("Synonyms in English"))

    class Meta:
        model = Specialty
        fields = specialties.FIELDS


@admin.register(Specialty)
class SpecialtyAdmin(ByRole):
    form = SpecialtyForm
    adding = True
    list_display = ["name_es", "name_en", "slug", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name_es", "name_en", "slug"]
    search_help_text = _("Name in either language")
    ordering = ["name_es"]
    list_per_page = 100
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name_es",
                    "name_en",
                    "practitioners_es",
                    "practitioners_en",
                    "slug",
                    "icon",
                    "is_active",
                ]
            },
        ),
        (_("Words"), {"fields": ["synonyms_es", "synonyms_en"]}),
        (_("Description"), {"fields": ["description_es", "description_en"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Specialty, form: Any, change: bool) -> None:
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            specialties.update_specialty(specialty_id=obj.pk, **changes)
        else:
            obj.pk = specialties.create_specialty(**form.cleaned_data).pk
