from messaging.models.notifications import (
    REMINDERS,
    InboxNotice,
    Notification,
    NotificationChannel,
    NotificationKind,
    NotificationPreferences,
)

__all__ = [
    "REMINDERS",
    "InboxNotice",
    "Notification",
    "NotificationChannel",
    "NotificationKind",
    "NotificationPreferences",
]
