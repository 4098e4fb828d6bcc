"""What the console calls fields whose own name is all they have; the database and its migrations know nothing of it."""

from django.apps import apps
from django.utils.translation import pgettext_lazy

APPS = ("common", "accounts", "doctors", "bookings", "messaging")
LABELS = {
    "actor_id": pgettext_lazy("field", "account"),
    "actor_kind": pgettext_lazy("field", "by"),
    "attempts": pgettext_lazy("field", "attempts"),
    "available_at": pgettext_lazy("field", "next attempt"),
    "cancelled_by": pgettext_lazy("field", "cancelled by"),
    "claimed_at": pgettext_lazy("field", "being sent since"),
    "created_at": pgettext_lazy("field", "created"),
    "data": pgettext_lazy("field", "data"),
    "digest": pgettext_lazy("field", "digest"),
    "done_at": pgettext_lazy("field", "done"),
    "failed_at": pgettext_lazy("field", "given up"),
    "first_published_at": pgettext_lazy("field", "first public"),
    "free_cancellation_hours": pgettext_lazy(
        "field", "hours before the visit until which cancelling is free"
    ),
    "from_status": pgettext_lazy("field", "from"),
    "handler": pgettext_lazy("field", "handled by"),
    "hold_expires_at": pgettext_lazy("field", "held until"),
    "kind": pgettext_lazy("field", "kind"),
    "is_public": pgettext_lazy("field", "public"),
    "last_error": pgettext_lazy("field", "last error"),
    "late_fee_percent": pgettext_lazy("field", "fee for cancelling late, per cent"),
    "not_after": pgettext_lazy("field", "not after"),
    "previous_digest": pgettext_lazy("field", "digest of the one before"),
    "provider_message_id": pgettext_lazy("field", "id at the provider"),
    "reason": pgettext_lazy("field", "reason"),
    "schedule_version": pgettext_lazy("field", "version of the schedule"),
    "sequence": pgettext_lazy("field", "number"),
    "specialties": pgettext_lazy("field", "specialties"),
    "subject_id": pgettext_lazy("field", "id of what it is about"),
    "subject_type": pgettext_lazy("field", "about"),
    "starts_at": pgettext_lazy("field", "begins"),
    "to_status": pgettext_lazy("field", "to"),
    "updated_at": pgettext_lazy("field", "changed"),
    "user": pgettext_lazy("field", "user"),
}


def name_fields() -> None:
    """Give every field of the apps that was not named where it is declared its name for people."""
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.local_fields + model._meta.local_many_to_many:
                if getattr(field, "_verbose_name", None) is None and field.name in LABELS:
                    field.verbose_name = LABELS[field.name]
