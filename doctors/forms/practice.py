"""Where a doctor sees patients, and what a visit costs."""

from decimal import Decimal
from typing import Any

from babel import Locale
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.forms.settings import PhoneField
from doctors.errors import PositionInvalid
from doctors.models import Office, VisitMode, VisitType
from doctors.models.practice import VisitTypeKind
from doctors.words import plain
from medai.common import money
from medai.common.errors import DomainError
from medai.common.localtime import language

CURRENCIES = (settings.DEFAULT_CURRENCY, "USD", "EUR", "MXN", "PEN", "CLP", "ARS")
DURATIONS = (15, 20, 30, 40, 45, 60, 90)


def country_choices() -> list[tuple[str, str]]:
    names = {code: name for code, name in Locale(language()).territories.items() if len(code) == 2}
    return sorted(names.items(), key=lambda one: plain(one[1]))


def with_current(values: tuple[int, ...], current: Any, label: Any) -> list[tuple[int, Any]]:
    """Choices for a number, with the one in use among them."""
    numbers = {*values, current} if isinstance(current, int) else set(values)
    return [(number, label(number)) for number in sorted(numbers)]


def minutes(number: int) -> str:
    return str(_("%(number)s minutes") % {"number": number})


class OfficeForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, help_text=_("Such as the building or clinic.")
    )
    address = forms.CharField(
        label=_("Address"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "street-address"})
    )
    neighborhood = forms.CharField(label=_("Neighborhood"), max_length=80, required=False)
    city = forms.CharField(
        label=_("City"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    country = forms.ChoiceField(label=_("Country"), initial=settings.DEFAULT_COUNTRY)
    phone = PhoneField(label=_("Phone"), required=False)
    directions = forms.CharField(
        label=_("How to find it"),
        max_length=200,
        required=False,
        help_text=_("Floor, office number, parking."),
    )
    position = forms.CharField(
        label=_("Position on the map"),
        max_length=60,
        required=False,
        help_text=_(
            "Latitude and longitude, as a map app shows them: 4.6767, -74.0483. Patients find you by distance with it."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["country"]
        field.choices = country_choices()

    @classmethod
    def initial_of(cls, office: Office) -> dict[str, Any]:
        values = {name: getattr(office, name) for name in cls.base_fields if name != "position"}
        if office.latitude is not None:
            values["position"] = (
                f"{office.latitude.normalize()}, {(office.longitude or Decimal()).normalize()}"
            )
        return values

    def clean_position(self) -> tuple[Decimal, Decimal] | None:
        text = self.cleaned_data["position"]
        if not text:
            return None
        try:
            latitude, longitude = (round(Decimal(part.strip()), 6) for part in text.strip("() ").split(","))
        except (ArithmeticError, ValueError):
            raise forms.ValidationError(str(PositionInvalid()), code=PositionInvalid.code) from None
        is_finite = latitude.is_finite() and longitude.is_finite()
        if not (is_finite and abs(latitude) <= 90 and abs(longitude) <= 180):
            raise forms.ValidationError(str(PositionInvalid()), code=PositionInvalid.code)
        return latitude, longitude

    @property
    def details(self) -> dict[str, Any]:
        """What the service takes."""
        values = dict(self.cleaned_data)
        values["latitude"], values["longitude"] = values.pop("position") or (None, None)
        return values


class VisitTypeForm(forms.Form):
    name_es = forms.CharField(label=_("Name in Spanish"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    duration_minutes = forms.TypedChoiceField(label=_("Duration"), coerce=int)
    fee = forms.CharField(
        label=_("Fee"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("0 if it is free."),
    )
    currency = forms.ChoiceField(label=_("Currency"))
    modes = forms.MultipleChoiceField(
        label=_("How"),
        choices=VisitMode.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose in person, video, or both.")},
    )

    def __init__(
        self, *args: Any, visit_type: VisitType | None = None, currency: str = "", **kwargs: Any
    ) -> None:
        """`currency` is what a new visit is charged in until another is chosen."""
        current = visit_type or VisitType(
            modes=[VisitMode.IN_PERSON], currency=currency or settings.DEFAULT_CURRENCY
        )
        initial = {
            name: getattr(current, name)
            for name in ("name_es", "name_en", "duration_minutes", "currency", "modes")
        }
        initial["fee"] = _amount(current.fee_minor, current.currency)
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        if current.kind != VisitTypeKind.OTHER:
            del self.fields["name_es"], self.fields["name_en"]
        duration: Any = self.fields["duration_minutes"]
        duration.choices = with_current(DURATIONS, current.duration_minutes, minutes)
        currencies: Any = self.fields["currency"]
        currencies.choices = [(code, code) for code in dict.fromkeys((current.currency, *CURRENCIES))]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "fee" in values and "currency" in values:
            try:
                values["fee_minor"] = money.parse_money(values["fee"], values["currency"])
            except DomainError as error:
                self.add_error("fee", forms.ValidationError(str(error), code=error.code))
        return values

    @property
    def details(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "fee"}


def _amount(minor: int, currency: str) -> str:
    """The amount as one types it: no symbol, grouped as the page's language does."""
    shown = money.format_money(minor, currency)
    return "".join(letter for letter in shown if letter.isdigit() or letter in ".,")
