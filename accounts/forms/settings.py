"""Forms of the settings pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.forms.zones import time_zone_choices
from accounts.models import InsuranceProvider
from accounts.models.patients import Relationship, Sex, require_birthday
from accounts.services.people import e164
from medai.common.errors import DomainError
from medai.common.widgets import DatePicker, OptionCards, Segment


def refuse(form: forms.BaseForm, error: DomainError) -> None:
    """Show an expected refusal where it belongs: at its field, or above the form."""
    for entry in error.errors:
        name = entry.field if entry.field in form.fields else None
        form.add_error(name, forms.ValidationError(str(entry.message), code=entry.code))


class PhoneField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "tel", "inputmode": "tel"}
        super().__init__(max_length=32, widget=forms.TextInput(attrs={"type": "tel", **attrs}), **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return e164(text)
        except DomainError as error:
            raise forms.ValidationError(str(error), code=error.code) from None


class ProfileForm(forms.Form):
    first_name = forms.CharField(
        label=_("First name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    phone = PhoneField(
        label=_("Phone"), required=False, help_text=_("With the country code, such as +57 300 123 4567.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=Segment)
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Your visits are shown in this zone."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["time_zone"]
        field.choices = time_zone_choices(self.initial.get("time_zone", ""))


class PhotoForm(forms.Form):
    avatar = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP, up to 8 MB. We keep the middle of it as a square."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"required": _("Choose a photo first."), "empty": _("This file is empty.")},
    )


class _BornForm(forms.Form):
    date_of_birth = forms.DateField(
        label=_("Date of birth"), required=False, widget=DatePicker, validators=[require_birthday]
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, initial=Sex.UNKNOWN)


class RecordForm(_BornForm):
    """What doctors need to know of the account's own person."""

    address = forms.CharField(
        label=_("Address"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    city = forms.CharField(
        label=_("City"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    emergency_contact_name = forms.CharField(label=_("Emergency contact"), max_length=160, required=False)
    emergency_contact_phone = PhoneField(label=_("Phone of the emergency contact"), required=False)


class DependentForm(_BornForm):
    relationship = forms.ChoiceField(
        label=_("Who is this?"),
        choices=[choice for choice in Relationship.choices if choice[0] != Relationship.SELF],
        widget=OptionCards(
            icons={
                Relationship.CHILD: "baby",
                Relationship.PARENT: "users",
                Relationship.OTHER: "user-round",
            }
        ),
    )
    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Last name"), max_length=80)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    field_order = ["relationship", "first_name", "last_name", "date_of_birth", "sex", "city"]


class ClaimForm(forms.Form):
    relationship = forms.ChoiceField(label=_("Who is this?"), choices=Relationship.choices)


class PolicyForm(forms.Form):
    patient = forms.ChoiceField(label=_("Insured person"))
    provider = forms.ModelChoiceField(
        label=_("Insurer"), queryset=InsuranceProvider.objects.none(), empty_label=_("Choose an insurer")
    )
    policy_number = forms.CharField(label=_("Policy number"), max_length=64)

    def __init__(self, *args: Any, patients: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person: Any = self.fields["patient"]
        person.choices = patients
        insurer: Any = self.fields["provider"]
        insurer.queryset = InsuranceProvider.objects.filter(is_active=True)
