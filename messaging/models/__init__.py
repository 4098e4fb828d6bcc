from messaging.models.notifications import (
    InboxNotice,
    Notification,
    NotificationChannel,
    NotificationKind,
    NotificationPreferences,
)

__all__ = [
    "InboxNotice",
    "Notification",
    "NotificationChannel",
    "NotificationKind",
    "NotificationPreferences",
]
