"""Who a doctor is to patients."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.models import InsuranceProvider
from doctors.languages import language_choices
from doctors.models import Doctor, Specialty
from doctors.models.doctors import CredentialStatus
from doctors.words import plain

TITLES = ("Dr.", "Dra.", "Prof.")
SPECIALTY_FIELDS = ("specialty", "second_specialty", "third_specialty")
VERIFIED = ("first_name", "last_name", "license_number", *SPECIALTY_FIELDS)


class ProfileForm(forms.Form):
    title = forms.ChoiceField(label=_("Title"), required=False)
    first_name = forms.CharField(
        label=_("First name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    license_number = forms.CharField(
        label=_("Licence number"),
        max_length=40,
        help_text=_("Of your professional register. Patients see it once we have checked it."),
    )
    specialty = forms.ChoiceField(label=_("Specialty"))
    second_specialty = forms.ChoiceField(label=_("Second specialty"), required=False)
    third_specialty = forms.ChoiceField(label=_("Third specialty"), required=False)
    experience_years = forms.IntegerField(label=_("Years of experience"), min_value=0, max_value=70)
    languages = forms.MultipleChoiceField(
        label=_("Languages you speak with patients"), widget=forms.CheckboxSelectMultiple
    )
    bio_es = forms.CharField(
        label=_("About you, in Spanish"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "lang": "es"}),
        help_text=_("Whom you help, how you work. Two or three sentences are enough."),
    )
    bio_en = forms.CharField(
        label=_("About you, in English"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "lang": "en"}),
        help_text=_("Left empty, patients read the Spanish text."),
    )
    insurers = forms.MultipleChoiceField(
        label=_("Insurers you work with"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, doctor: Doctor | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {**(initial_of(doctor) if doctor else {}), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.is_verified = doctor is not None and doctor.credential_status == CredentialStatus.VERIFIED
        current = self.initial.get("title", "")
        self._choose(
            "title",
            [(title, title) for title in dict.fromkeys((*TITLES, current)) if title] + [("", _("None"))],
        )
        known = sorted(
            ((str(each.pk), each.name) for each in Specialty.objects.active()), key=lambda one: plain(one[1])
        )
        for name in SPECIALTY_FIELDS:
            nothing = _("Choose one") if name == "specialty" else pgettext("specialty", "None")
            self._choose(name, [("", nothing), *known])
        self._choose("languages", language_choices())
        insurers = InsuranceProvider.objects.filter(is_active=True).values_list("pk", "name")
        self._choose("insurers", [(str(pk), name) for pk, name in insurers])
        if self.is_verified:
            for name in VERIFIED:
                self.fields[name].disabled = True
            self.fields["license_number"].help_text = ""

    def _choose(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def chosen_insurers(self) -> int:
        return len(self["insurers"].value() or [])

    @property
    def changes(self) -> dict[str, Any]:
        """What the service takes; what was verified is left as it is."""
        values = dict(self.cleaned_data)
        values["insurers"] = [UUID(value) for value in values["insurers"]]
        specialties = [values.pop(name) for name in SPECIALTY_FIELDS]
        if self.is_verified:
            values = {name: value for name, value in values.items() if name not in VERIFIED}
        else:
            values["specialties"] = [UUID(value) for value in dict.fromkeys(specialties) if value]
        return values


def initial_of(doctor: Doctor) -> dict[str, Any]:
    names = (
        "title",
        "first_name",
        "last_name",
        "license_number",
        "experience_years",
        "languages",
        "bio_es",
        "bio_en",
    )
    links = doctor.doctor_specialties.order_by("-is_primary", "created_at")
    chosen = [str(pk) for pk in links.values_list("specialty_id", flat=True)]
    return {
        **{name: getattr(doctor, name) for name in names},
        **dict(zip(SPECIALTY_FIELDS, chosen, strict=False)),
        "insurers": [str(pk) for pk in doctor.accepted_insurers.values_list("pk", flat=True)],
    }


class QualificationForm(forms.Form):
    title_es = forms.CharField(label=_("Degree, in Spanish"), max_length=160, required=False)
    title_en = forms.CharField(label=_("Degree, in English"), max_length=160, required=False)
    institution = forms.CharField(label=_("Where"), max_length=160, required=False)
    year = forms.IntegerField(label=_("Year"), required=False, min_value=1930, max_value=2200)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        named = values.get("title_es") or values.get("title_en")
        if (values.get("institution") or values.get("year")) and not named:
            self.add_error(
                "title_es",
                forms.ValidationError(_("Name the degree, in one language at least."), code="required"),
            )
        return values


QualificationFormSet = forms.formset_factory(QualificationForm, extra=1, max_num=20, validate_max=True)


def qualifications_of(formset: Any) -> list[dict[str, Any]]:
    """The degrees of a valid formset; emptied rows are gone."""
    return [
        form.cleaned_data
        for form in formset.forms
        if form.cleaned_data.get("title_es") or form.cleaned_data.get("title_en")
    ]
