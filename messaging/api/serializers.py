"""What the API takes and gives about notifications. Hours of the day are local and written `21:00`."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.models import NotificationKind, NotificationPreferences

MINUTE = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class NoticeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=NotificationKind.choices)
    title = serializers.CharField(help_text="In the language of the request.")
    text = serializers.CharField(allow_blank=True)
    booking = serializers.UUIDField(source="booking_id", allow_null=True)
    is_read = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class ReadSerializer(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="How many were marked read.")


@extend_schema_field({"type": "string", "pattern": MINUTE, "examples": ["21:00"]})
class MinuteField(serializers.CharField):
    """A minute of the day, spoken as `21:00`."""

    default_error_messages = {"invalid": _("Enter a time such as 21:00.")}

    def to_representation(self, value: Any) -> str:
        return f"{value // 60:02d}:{value % 60:02d}"

    def to_internal_value(self, value: Any) -> Any:
        text = super().to_internal_value(value)
        if not re.match(MINUTE, text):
            self.fail("invalid")
        hour, minute = text.split(":")
        return int(hour) * 60 + int(minute)


class PreferencesSerializer(serializers.Serializer[Any]):
    """Quiet hours that are null are off; they are set together."""

    email = serializers.BooleanField(required=False)
    reminder_24_hours = serializers.BooleanField(required=False)
    reminder_2_hours = serializers.BooleanField(required=False)
    quiet_from = MinuteField(source="quiet_from_minute", required=False, allow_null=True)
    quiet_until = MinuteField(source="quiet_until_minute", required=False, allow_null=True)

    def to_representation(self, instance: NotificationPreferences) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if instance.quiet_from_minute == instance.quiet_until_minute:
            shown["quiet_from"] = shown["quiet_until"] = None
        return shown

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        names = ("quiet_from_minute", "quiet_until_minute")
        hours = [attrs[name] for name in names if name in attrs]
        if not hours:
            return attrs
        if len(hours) == 1 or (None in hours and hours != [None, None]):
            raise serializers.ValidationError(
                {"quiet_from": _("Send the beginning and the end together, or null for both.")}
            )
        if hours == [None, None]:
            return {**attrs, **dict.fromkeys(names, 0)}
        if hours[0] == hours[1]:
            raise serializers.ValidationError(
                {"quiet_until": _("This must differ from the time at which they begin.")}
            )
        return attrs
