"""Booking rules, and the dates that differ from the weekly hours."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.forms.zones import time_zone_choices
from doctors import schedules
from doctors.forms.practice import minutes, with_current
from doctors.models import Doctor, Office, ScheduleException
from doctors.models.doctors import ConfirmationMode
from doctors.models.schedules import ExceptionKind, RangeMode
from doctors.services.schedules import RULES
from medai.common.widgets import DatePicker, OptionCards, Segment, Switch

SLOTS = (10, 15, 20, 30, 40, 45, 60, 90)
BREAKS = (0, 5, 10, 15, 20, 30, 60)
NOTICES = (0, 60, 120, 240, 720, 1440, 2880, 10080)
HORIZONS = (14, 30, 60, 90, 180, 365)
FREE_UNTIL = (0, 2, 6, 12, 24, 48, 72)
LATE_FEES = (0, 10, 25, 50, 100)
DEADLINES = (2, 6, 12, 24, 48, 72)


def _hours(number: int) -> str:
    return ngettext("%(number)s hour", "%(number)s hours", number) % {"number": number}


def _days(number: int) -> str:
    return ngettext("%(number)s day", "%(number)s days", number) % {"number": number}


def _break(number: int) -> str:
    return minutes(number) if number else str(_("None"))


def notice(number: int) -> str:
    """How long before, in days, hours or minutes."""
    if not number:
        return str(_("None"))
    if number % 1440 == 0:
        return _days(number // 1440)
    return _hours(number // 60) if number % 60 == 0 else minutes(number)


def _free_until(number: int) -> str:
    return str(_("%(time)s before") % {"time": notice(number * 60)}) if number else str(_("The visit itself"))


def _percent(number: int) -> str:
    return str(_("%(number)s%%") % {"number": number})


class ClockField(forms.CharField):
    """A time of the day as minutes; as an end, midnight is the one that ends the day."""

    def __init__(self, *, is_end: bool = False, **kwargs: Any) -> None:
        super().__init__(max_length=8, widget=forms.TextInput(attrs={"type": "time"}), **kwargs)
        self.is_end = is_end

    def prepare_value(self, value: Any) -> Any:
        return schedules.input_clock(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        found = schedules.parse_clock(text, is_end=self.is_end)
        if found is None:
            raise forms.ValidationError(_("Write a time such as 08:30."), code="invalid_time")
        return found


class RulesForm(forms.Form):
    slot_minutes = forms.TypedChoiceField(label=_("A new visit can begin every"), coerce=int)
    buffer_before_minutes = forms.TypedChoiceField(label=_("Break before"), coerce=int)
    buffer_after_minutes = forms.TypedChoiceField(label=_("Break after"), coerce=int)
    minimum_notice_minutes = forms.TypedChoiceField(label=_("Shortest notice"), coerce=int)
    horizon_days = forms.TypedChoiceField(label=_("How far ahead"), coerce=int)
    maximum_per_day = forms.IntegerField(
        label=_("Most visits a day"),
        min_value=1,
        max_value=200,
        required=False,
        help_text=_("Empty: no limit."),
    )
    confirmation_mode = forms.ChoiceField(
        label=_("Who confirms bookings"),
        choices=[
            (ConfirmationMode.AUTOMATIC.value, _("Nobody needs to")),
            (ConfirmationMode.BY_HAND.value, _("I do")),
        ],
        widget=Segment,
    )
    confirmation_deadline_hours = forms.TypedChoiceField(
        label=_("Time to confirm"), coerce=int, help_text=_("After that the booking is cancelled by itself.")
    )
    free_cancellation_hours = forms.TypedChoiceField(label=_("Free to cancel until"), coerce=int)
    late_fee_percent = forms.TypedChoiceField(label=_("Charge afterwards"), coerce=int)
    time_zone = forms.ChoiceField(label=_("Time zone of your hours"))
    accepts_payment_at_clinic = forms.BooleanField(
        label=_("Patients may pay at the office"), required=False, widget=Switch
    )
    is_accepting_new_patients = forms.BooleanField(
        label=_("Accept new patients"), required=False, widget=Switch
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    CHOICES = {
        "slot_minutes": (SLOTS, minutes),
        "buffer_before_minutes": (BREAKS, _break),
        "buffer_after_minutes": (BREAKS, _break),
        "minimum_notice_minutes": (NOTICES, notice),
        "horizon_days": (HORIZONS, _days),
        "confirmation_deadline_hours": (DEADLINES, _hours),
        "free_cancellation_hours": (FREE_UNTIL, _free_until),
        "late_fee_percent": (LATE_FEES, _percent),
    }

    def __init__(self, *args: Any, doctor: Doctor, **kwargs: Any) -> None:
        rules = {name: getattr(doctor, name) for name in RULES}
        kwargs["initial"] = {**rules, "version": doctor.schedule_version}
        super().__init__(*args, **kwargs)
        for name, (values, label) in self.CHOICES.items():
            field: Any = self.fields[name]
            field.choices = with_current(values, getattr(doctor, name), label)
        zone: Any = self.fields["time_zone"]
        zone.choices = time_zone_choices(doctor.time_zone)


class ExceptionForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is different"),
        choices=ExceptionKind.choices,
        initial=ExceptionKind.BLOCKED,
        widget=OptionCards(
            details={
                ExceptionKind.BLOCKED: _("Nobody can book then."),
                ExceptionKind.EXTRA_HOURS: _("Besides your usual hours."),
                ExceptionKind.CUSTOM_HOURS: _("In place of your usual hours."),
            },
            icons={
                ExceptionKind.BLOCKED: "ban",
                ExceptionKind.EXTRA_HOURS: "plus",
                ExceptionKind.CUSTOM_HOURS: "pencil",
            },
        ),
    )
    date = forms.DateField(label=_("Date"), widget=DatePicker)
    until = forms.DateField(
        label=_("Until"), widget=DatePicker, required=False, help_text=_("For several days alike.")
    )
    start_minute = ClockField(
        label=pgettext_lazy("hours", "From"), required=False, help_text=_("Empty: the whole day.")
    )
    end_minute = ClockField(label=pgettext_lazy("hours", "To"), required=False, is_end=True)
    mode = forms.ChoiceField(
        label=_("How"), choices=RangeMode.choices, initial=RangeMode.BOTH, required=False
    )
    office = forms.ChoiceField(label=_("Office"), required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=120, required=False, help_text=_("Only you see it.")
    )

    def __init__(
        self, *args: Any, doctor: Doctor, exception: ScheduleException | None = None, **kwargs: Any
    ) -> None:
        if exception is not None:
            names = ("kind", "date", "start_minute", "end_minute", "mode", "reason")
            kwargs["initial"] = {name: getattr(exception, name) for name in names}
            kwargs["initial"]["office"] = str(exception.office_id or "")
        super().__init__(*args, **kwargs)
        offices = Office.objects.filter(doctor=doctor, is_active=True)
        field: Any = self.fields["office"]
        field.choices = [("", _("The usual one")), *((str(each.pk), str(each)) for each in offices)]
        if len(field.choices) < 3:
            del self.fields["office"]
        if exception is not None:
            del self.fields["until"]

    @property
    def details(self) -> dict[str, Any]:
        """What the service takes."""
        values = dict(self.cleaned_data)
        office = values.pop("office", "")
        values["office_id"] = UUID(office) if office else None
        values["mode"] = values["mode"] or RangeMode.BOTH
        return values
