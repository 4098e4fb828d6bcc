"""How a person wants to be told."""

from typing import Any
from uuid import UUID

from django.db import transaction

from medai.common import outbox
from messaging.errors import QuietHoursInvalid
from messaging.models import NotificationPreferences

MINUTES_OF_A_DAY = 24 * 60


def preferences_of(user_id: UUID) -> NotificationPreferences:
    """What the person chose, or the defaults, unsaved, where they never did."""
    chosen = NotificationPreferences.objects.filter(user_id=user_id).first()
    return chosen or NotificationPreferences(user_id=user_id)


@transaction.atomic
def update_preferences(*, user_id: UUID, **wishes: Any) -> NotificationPreferences:
    """Change some of the preferences; the reminders already planned follow.

    Quiet hours come as two local minutes of the day, both at once; equal minutes mean never quiet.
    """
    minutes = [wishes[name] for name in ("quiet_from_minute", "quiet_until_minute") if name in wishes]
    if len(minutes) == 1 or any(not 0 <= minute < MINUTES_OF_A_DAY for minute in minutes):
        raise QuietHoursInvalid(field="quiet_from")
    preferences, _ = NotificationPreferences.objects.update_or_create(user_id=user_id, defaults=wishes)
    outbox.record("preferences.changed", preferences, user_id=user_id)
    return preferences
