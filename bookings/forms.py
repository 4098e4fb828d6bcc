"""Forms of the booking pages."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import InsuranceProvider, Patient, PatientInsurance
from bookings import payments
from bookings.models import Booking
from bookings.services.holds import Insurance, payment_methods
from medai.common.identity import current_identity
from medai.common.years import require_near


class DetailsForm(forms.Form):
    """For whom a held visit is, why, with which policy and how it is paid."""

    patient = forms.ModelChoiceField(
        label=_("Who is the visit for?"),
        queryset=Patient.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": _("Say whom the visit is for."),
            "invalid_choice": _("Choose yourself or someone you care for."),
        },
    )
    patient_notes = forms.CharField(
        label=_("Reason for the visit"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Keep it to %(limit_value)d characters; it has %(show_value)d.")},
    )
    insurance_provider = forms.ModelChoiceField(
        label=_("Insurer"),
        queryset=InsuranceProvider.objects.none(),
        required=False,
        empty_label=_("None, I pay privately"),
        error_messages={
            "invalid_choice": _("The doctor does not work with that insurer. Choose one from the list.")
        },
    )
    policy_number = forms.CharField(
        label=_("Policy number"),
        required=False,
        max_length=64,
        widget=forms.TextInput({"list": "policies", "autocomplete": "off"}),
    )
    payment_method = forms.ChoiceField(
        label=_("Payment"), choices=(), required=False, widget=forms.RadioSelect
    )
    consent = forms.BooleanField(
        label=_("I agree that my health data is used for this visit."),
        error_messages={"required": _("We need your consent to pass on what the doctor has to know.")},
    )

    def __init__(self, *args: Any, booking: Booking, **kwargs: Any) -> None:
        initial = {
            "patient": booking.patient_id,
            "patient_notes": booking.patient_notes,
            "insurance_provider": booking.insurance_provider_id,
            "policy_number": booking.policy_number,
            "payment_method": booking.payment_method,
        }
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        identity = current_identity()
        patient_ids = identity.patient_ids if identity else ()
        self._choice("patient").queryset = Patient.objects.kept().filter(pk__in=patient_ids)
        accepted = booking.doctor.accepted_insurers.filter(is_active=True)
        self._choice("insurance_provider").queryset = accepted
        methods = payment_methods(booking.doctor) if booking.total_minor else []
        self.fields["payment_method"].choices = [  # type: ignore[attr-defined]  # a choice field
            (method, payments.offered(method, booking.visit_mode)) for method in methods
        ]
        if not methods:
            del self.fields["payment_method"]

    def _choice(self, name: str) -> forms.ModelChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # declared above
        return field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("insurance_provider") and not cleaned.get("policy_number"):
            self.add_error("policy_number", _("Write the number of the policy, as it stands on the card."))
        return cleaned

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `services.describe`; only for a valid form."""
        provider = self.cleaned_data["insurance_provider"]
        return {
            "patient_id": self.cleaned_data["patient"].pk,
            "patient_notes": self.cleaned_data["patient_notes"],
            "insurance": Insurance(provider_id=provider.pk, policy_number=self.cleaned_data["policy_number"])
            if provider
            else None,
            "payment_method": self.cleaned_data.get("payment_method") or None,
        }


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("Keep it to %(limit_value)d characters; it has %(show_value)d.")},
    )


def policies_of(patient_ids: Any) -> QuerySet[PatientInsurance]:
    """What the patients have on file, so that a number on a card need not be typed again."""
    return PatientInsurance.objects.filter(patient_id__in=patient_ids).select_related("provider", "patient")


class BlockForm(forms.Form):
    """Time that the doctor takes out of the calendar, in the doctor's clock; without times, the whole day."""

    date = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    start = forms.TimeField(
        label=_("Start"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    end = forms.TimeField(
        label=_("End"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=120)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "start" not in self.errors and "end" not in self.errors:
            start, end = cleaned.get("start"), cleaned.get("end")
            if (start is None) != (end is None):
                self.add_error(
                    "end" if end is None else "start", _("Give both times, or neither for the whole day.")
                )
            elif start and end and _minutes(end, is_end=True) <= _minutes(start):
                self.add_error("end", _("The end must be after the beginning."))
        return cleaned

    @property
    def arguments(self) -> dict[str, Any]:
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        return {
            "date": self.cleaned_data["date"],
            "start_minute": None if start is None else _minutes(start),
            "end_minute": None if end is None else _minutes(end, is_end=True),
            "reason": self.cleaned_data["reason"],
        }


def _minutes(clock: time, *, is_end: bool = False) -> int:
    minutes = clock.hour * 60 + clock.minute
    return 24 * 60 if is_end and minutes == 0 else minutes


class MoveForm(forms.Form):
    """A new time for a visit, in the doctor's clock."""

    date = forms.DateField(
        label=_("Date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[require_near],
    )
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("date") and cleaned.get("time"):
            wanted = datetime.combine(cleaned["date"], cleaned["time"].replace(second=0), tzinfo=self.zone)
            cleaned["starts_at"] = wanted.astimezone(UTC)
            if cleaned["starts_at"].astimezone(self.zone).replace(tzinfo=None) != wanted.replace(tzinfo=None):
                self.add_error("time", _("The clocks go forward on that day and skip this time."))
        return cleaned


def errors_of(form: forms.Form) -> str:
    """Everything that is wrong with a form, in one sentence after another."""
    return " ".join(str(message) for messages in form.errors.values() for message in messages)
