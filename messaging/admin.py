"""What was told to whom, for staff: to read, above all what did not arrive."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from messaging.models import Notification
from messaging.models.notifications import NotificationQuerySet


class AttentionFilter(admin.SimpleListFilter):
    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("needed", _("Did not arrive, or not for sure"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> NotificationQuerySet:
        return queryset.needing_attention() if self.value() == "needed" else queryset


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):
    """Read-only: a message of unknown outcome is not repeated; staff call or write instead."""

    list_display = ("due_at", "kind", "channel", "recipient", "reference", "status", "attempts", "error")
    list_filter = (AttentionFilter, "status", "channel", "kind")
    list_select_related = ("user__profile", "patient", "booking")
    search_fields = ("=booking__reference", "=user__email", "=patient__email")
    search_help_text = _("Reference of a booking, or the email of whom it is for, in full")
    date_hierarchy = "due_at"
    ordering = ("-due_at",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = (
        "kind",
        "channel",
        "status",
        "error",
        "recipient",
        "booking_link",
        "due_at",
        "not_after",
        "claimed_at",
        "sent_at",
        "attempts",
        "provider_message_id",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields

    @admin.display(description=_("recipient"))
    def recipient(self, notification: Notification) -> str:
        """Name and address, for staff who write or call instead."""
        person = notification.user or notification.patient
        profile = getattr(notification.user, "profile", notification.patient)
        parts = (profile and profile.full_name, person and person.email)
        return ", ".join(part for part in parts if part)

    @admin.display(description=_("booking"))
    def reference(self, notification: Notification) -> str:
        return notification.booking.reference if notification.booking else ""

    @admin.display(description=_("booking"))
    def booking_link(self, notification: Notification) -> str:
        booking = notification.booking
        if booking is None:
            return ""
        url = reverse("admin:bookings_booking_change", args=[booking.pk])
        return format_html('<a href="{}">{}</a>', url, booking.reference)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        return False
