"""What is to be told to whom, by which channel and when; and what was."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Patient
from bookings.models import Booking
from medai.common.models import BaseModel


class NotificationKind(models.TextChoices):
    BOOKING_CONFIRMED = "booking_confirmed", _("Booking confirmed")
    BOOKING_PENDING = "booking_pending", _("Booking waiting for the doctor")
    BOOKING_RESCHEDULED = "booking_rescheduled", _("Booking moved")
    BOOKING_CANCELLED = "booking_cancelled", _("Booking cancelled")
    REMINDER_24_HOURS = "reminder_24_hours", _("Reminder one day before")
    REMINDER_2_HOURS = "reminder_2_hours", _("Reminder two hours before")
    NEW_BOOKING = "new_booking", _("New booking for the doctor")
    BOOKING_TO_CONFIRM = "booking_to_confirm", _("Booking for the doctor to confirm")
    DOCTOR_SUBMITTED = "doctor_submitted", _("Application received")
    DOCTOR_VERIFIED = "doctor_verified", _("Verification passed")
    DOCTOR_REJECTED = "doctor_rejected", _("Verification not passed")


class NotificationChannel(models.TextChoices):
    EMAIL = "email", _("Email")
    IN_APP = "in_app", _("In MedAI")
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")


REMINDERS = (NotificationKind.REMINDER_24_HOURS, NotificationKind.REMINDER_2_HOURS)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def reminders(self) -> Self:
        return self.filter(kind__in=REMINDERS)

    def due(self) -> Self:
        """Planned and not yet begun, whether its time has come or not."""
        return self.filter(status=Notification.Status.DUE)

    def needing_attention(self) -> Self:
        """What did not arrive, or may not have: staff decide what to do about it."""
        return self.filter(status__in=[Notification.Status.FAILED, Notification.Status.UNKNOWN])


class Notification(BaseModel):
    """One message to one person: the row is the job of record, and never two of a kind for one occasion.

    `recipient_id` is the user's id, or the patient's where nobody has an account. `occasion` makes a kind unique for
    its subject (for a reminder, the visit's start). `due_at` is when it may leave, quiet hours included; after
    `not_after` it is of no use. `claimed_at` is when a worker took a due row, or began to send a sending one. A row
    whose sending began and whose outcome is not known after a crash becomes `unknown`: shown to staff, not repeated.
    """

    class Status(models.TextChoices):
        DUE = "due", _("Scheduled")
        SENDING = "sending", _("Sending")
        SENT = "sent", pgettext_lazy("notification", "Sent")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        DROPPED = "dropped", _("No longer needed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="notifications"
    )
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, null=True, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, null=True, related_name="notifications")
    subject_id = models.UUIDField()
    kind = models.CharField(_("kind"), max_length=24, choices=NotificationKind.choices)
    channel = models.CharField(_("channel"), max_length=12, choices=NotificationChannel.choices)
    recipient_id = models.UUIDField()
    occasion = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField(_("due"))
    not_after = models.DateTimeField(null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DUE)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(_("error"), max_length=200, blank=True)
    provider_message_id = models.CharField(max_length=255, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-due_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_id", "kind", "channel", "recipient_id", "occasion"],
                name="notification_never_two_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(patient__isnull=False),
                name="notification_has_a_recipient",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="notification_due", condition=Q(status="due")),
            # Not on `claimed_at`: claiming writes that column alone, and so touches no index.
            models.Index(fields=["due_at"], name="notification_in_flight", condition=Q(status="sending")),
            models.Index(fields=["booking"], name="notification_of_booking"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_channel_display()}"


class InboxNoticeQuerySet(models.QuerySet["InboxNotice"]):
    def of(self, user_id: object) -> Self:
        return self.filter(user_id=user_id)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def for_listing(self) -> Self:
        # Joined, each table's policy would be asked before it is known which few rows are wanted.
        bookings = Booking.objects.select_related("doctor", "office").prefetch_related("patient")
        return self.prefetch_related(Prefetch("booking", bookings)).order_by("-created_at", "-pk")


class InboxNotice(BaseModel):
    """An entry of a person's notification centre; its words are made from `kind` and `data` when it is shown."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="inbox_notices")
    notification = models.OneToOneField(Notification, on_delete=models.CASCADE, related_name="inbox_notice")
    kind = models.CharField(max_length=24, choices=NotificationKind.choices)
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, null=True, related_name="+")
    data = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = InboxNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notice_of_user"),
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at__isnull=True)),
        ]


class NotificationPreferences(BaseModel):
    """How a person wants to be told; hours are local minutes of the day, and equal hours mean never quiet."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preferences"
    )
    email = models.BooleanField(_("Email"), default=True)
    whatsapp = models.BooleanField(_("WhatsApp"), default=True)
    sms = models.BooleanField(_("SMS"), default=False)
    reminder_24_hours = models.BooleanField(_("Remind me one day before"), default=True)
    reminder_2_hours = models.BooleanField(_("Remind me two hours before"), default=True)
    quiet_from_minute = models.PositiveSmallIntegerField(_("quiet from"), default=21 * 60)
    quiet_until_minute = models.PositiveSmallIntegerField(_("quiet until"), default=7 * 60)

    class Meta:
        verbose_name = _("notification preferences")
        verbose_name_plural = _("notification preferences")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from_minute__lt=1440, quiet_until_minute__lt=1440),
                name="preferences_quiet_hours_are_minutes",
            ),
        ]
