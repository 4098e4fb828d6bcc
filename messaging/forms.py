"""The form of the notification settings."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from medai.common.widgets import Switch, TimePicker
from messaging.channels import CHANNELS
from messaging.models import NotificationChannel, NotificationPreferences

CHOSEN_CHANNELS = ("email", "whatsapp", "sms")
REMINDERS = ("reminder_24_hours", "reminder_2_hours")
DEFAULT_HOURS = (21 * 60, 7 * 60)


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


class PreferencesForm(forms.Form):
    """Only channels that can be used are asked about, and reminders only to those who get any."""

    email = forms.BooleanField(label=_("Email"), required=False, widget=Switch)
    whatsapp = forms.BooleanField(label=_("WhatsApp"), required=False, widget=Switch)
    sms = forms.BooleanField(label=_("SMS"), required=False, widget=Switch)
    reminder_24_hours = forms.BooleanField(label=_("One day before"), required=False, widget=Switch)
    reminder_2_hours = forms.BooleanField(label=_("Two hours before"), required=False, widget=Switch)
    has_quiet_hours = forms.BooleanField(label=_("Keep quiet hours"), required=False, widget=Switch)
    quiet_from = forms.TimeField(
        label=pgettext_lazy("quiet hours", "From"), required=False, widget=TimePicker
    )
    quiet_until = forms.TimeField(
        label=pgettext_lazy("quiet hours", "Until"), required=False, widget=TimePicker
    )

    def __init__(self, data: Any = None, *, preferences: NotificationPreferences, reminds: bool) -> None:
        super().__init__(data, initial=_initial(preferences))
        for name in CHOSEN_CHANNELS:
            if NotificationChannel(name) not in CHANNELS:
                del self.fields[name]
        if not reminds:
            for name in REMINDERS:
                del self.fields[name]

    @property
    def channels(self) -> list[forms.BoundField]:
        return [self[name] for name in CHOSEN_CHANNELS if name in self.fields]

    @property
    def reminders(self) -> list[forms.BoundField]:
        return [self[name] for name in REMINDERS if name in self.fields]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("has_quiet_hours"):
            for name in ("quiet_from", "quiet_until"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(
                        name, forms.ValidationError(_("Enter a time, such as 21:00."), code="required")
                    )
            if data.get("quiet_from") and data.get("quiet_from") == data.get("quiet_until"):
                same = _("This must differ from the time at which they begin.")
                self.add_error("quiet_until", forms.ValidationError(same, code="quiet_hours_invalid"))
        return data

    @property
    def wishes(self) -> dict[str, Any]:
        """The fields of the preferences; quiet hours that are off are two equal minutes."""
        data = self.cleaned_data
        chosen = {name: data[name] for name in (*CHOSEN_CHANNELS, *REMINDERS) if name in data}
        hours = (0, 0)
        if data["has_quiet_hours"]:
            hours = (_minute(data["quiet_from"]), _minute(data["quiet_until"]))
        return {**chosen, "quiet_from_minute": hours[0], "quiet_until_minute": hours[1]}


def _initial(preferences: NotificationPreferences) -> dict[str, Any]:
    hours = (preferences.quiet_from_minute, preferences.quiet_until_minute)
    has_hours = hours[0] != hours[1]
    starts, ends = hours if has_hours else DEFAULT_HOURS
    chosen = {name: getattr(preferences, name) for name in (*CHOSEN_CHANNELS, *REMINDERS)}
    return {**chosen, "has_quiet_hours": has_hours, "quiet_from": _time(starts), "quiet_until": _time(ends)}
