"""Every write of messaging: planning what is to be told, sending it, and what people do with it."""

from messaging.services.notices import mark_all_read, mark_read
from messaging.services.preferences import preferences_of, update_preferences

__all__ = ["mark_all_read", "mark_read", "preferences_of", "update_preferences"]
