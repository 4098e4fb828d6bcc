"""The booking and the record of each of its moves."""

import secrets
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import InsuranceProvider, Patient
from bookings import transitions
from doctors.models import Doctor, Office, Specialty, VisitMode, VisitType
from medai.common.database import ClockTimestamp
from medai.common.identity import Kind
from medai.common.models import BaseModel

_REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_reference() -> str:
    """A code that can be read over the phone: no 0/O, no 1/I. 32**8 values; the column is unique."""
    letters = "".join(_REFERENCE_ALPHABET[byte % 32] for byte in secrets.token_bytes(8))
    return f"MA-{letters[:4]}-{letters[4:]}"


class Channel(models.TextChoices):
    APP = "app", _("Web or app")
    WHATSAPP = "whatsapp", _("WhatsApp")
    PHONE = "phone", _("Phone")
    ADMIN_MANUAL = "admin_manual", _("By staff")


class PaymentMethod(models.TextChoices):
    FREE = "free", _("Free of charge")
    AT_CLINIC = "at_clinic", _("Pay at the office")
    ONLINE = "online", _("Pay online")


class BookingQuerySet(models.QuerySet["Booking"]):
    def for_patients(self, patient_ids: Any) -> "BookingQuerySet":
        return self.filter(patient_id__in=patient_ids)

    def for_doctors(self, doctor_ids: Any) -> "BookingQuerySet":
        return self.filter(doctor_id__in=doctor_ids)

    def live(self) -> "BookingQuerySet":
        return self.filter(status__in=transitions.LIVE)

    def booked(self) -> "BookingQuerySet":
        """Bookings that somebody meant: no holds, be they open, left or run out."""
        never = Q(status__in=[Booking.Status.HELD, Booking.Status.EXPIRED])
        return self.exclude(never | Q(status__in=transitions.CANCELLED, cancelled_at=None))

    def on_hold(self) -> "BookingQuerySet":
        """Holds that still run, by the database's clock."""
        return self.filter(status=Booking.Status.HELD, hold_expires_at__gte=ClockTimestamp())

    def upcoming(self, now: datetime | None = None) -> "BookingQuerySet":
        return self.filter(
            status__in=[Booking.Status.PENDING_CONFIRMATION, Booking.Status.CONFIRMED],
            ends_at__gt=now or timezone.now(),
        ).order_by("starts_at")

    def past(self, now: datetime | None = None) -> "BookingQuerySet":
        """Everything that is over: by time, or because it was cancelled; the latest first."""
        return (
            self.booked()
            .filter(Q(ends_at__lte=now or timezone.now()) | Q(status__in=transitions.CANCELLED))
            .order_by("-starts_at")
        )

    def for_listing(self) -> "BookingQuerySet":
        # The policy on patients looks at their bookings one by one: joined, it would do so for all a doctor ever had.
        together = self.select_related("doctor", "specialty", "visit_type", "office")
        return together.prefetch_related("patient")


class Booking(BaseModel):
    """A visit of a patient to a doctor, from the hold on its time to what became of it.

    Times are UTC. `hold_expires_at` is set while held, `confirm_by` while the doctor has yet to confirm,
    `cancelled_at` once a booking was given up, but not a hold that was left. Money is in minor units of `currency`.
    Price and cancellation policy are copied when the time is held, so that a later change of the doctor's rules
    does not change a promise. `revision` counts changes of time, for calendars (RFC 5545 SEQUENCE).
    """

    class Status(models.TextChoices):
        HELD = transitions.Status.HELD, _("Reserving")
        PENDING_CONFIRMATION = transitions.Status.PENDING_CONFIRMATION, _("To be confirmed")
        CONFIRMED = transitions.Status.CONFIRMED, _("Confirmed")
        COMPLETED = transitions.Status.COMPLETED, _("Completed")
        NO_SHOW = transitions.Status.NO_SHOW, _("Did not attend")
        CANCELLED_BY_PATIENT = transitions.Status.CANCELLED_BY_PATIENT, _("Cancelled by the patient")
        CANCELLED_BY_DOCTOR = transitions.Status.CANCELLED_BY_DOCTOR, _("Cancelled by the doctor")
        CANCELLED_BY_ADMIN = transitions.Status.CANCELLED_BY_ADMIN, _("Cancelled by MedAI")
        EXPIRED = transitions.Status.EXPIRED, _("Expired")

    reference = models.CharField(
        _("reference"), max_length=12, unique=True, default=new_reference, editable=False
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("patient")
    )
    doctor = models.ForeignKey(
        Doctor, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("doctor")
    )
    specialty = models.ForeignKey(
        Specialty, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("specialty")
    )
    visit_type = models.ForeignKey(
        VisitType, on_delete=models.PROTECT, related_name="+", verbose_name=_("visit type")
    )
    visit_mode = models.CharField(_("mode"), max_length=12, choices=VisitMode.choices)
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    starts_at = models.DateTimeField(_("starts"))
    duration_minutes = models.PositiveSmallIntegerField(_("duration"))
    ends_at = models.DateTimeField(_("ends"), editable=False)
    status = models.CharField(_("status"), max_length=24, choices=Status.choices, default=Status.HELD)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices, default=Channel.APP)

    hold_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    confirm_by = models.DateTimeField(_("to be confirmed by"), null=True, blank=True, editable=False)

    insurance_provider = models.ForeignKey(
        InsuranceProvider,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("insurer"),
    )
    policy_number = models.CharField(_("policy number"), max_length=64, blank=True)
    price_minor = models.PositiveBigIntegerField(_("price"))
    discount_minor = models.PositiveBigIntegerField(_("discount"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    payment_method = models.CharField(
        _("payment"), max_length=12, choices=PaymentMethod.choices, default=PaymentMethod.AT_CLINIC
    )
    free_cancellation_hours = models.PositiveSmallIntegerField()
    late_fee_percent = models.PositiveSmallIntegerField()

    patient_notes = models.TextField(_("reason for the visit"), blank=True)
    intake_completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    meeting_link = models.URLField(_("video link"), blank=True)
    cancellation_reason = models.CharField(_("reason for cancelling"), max_length=300, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    revision = models.PositiveIntegerField(default=0, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="booking_ends_after_start"),
            models.CheckConstraint(
                condition=Q(discount_minor__lte=F("price_minor")), name="booking_discount_within_price"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="booking_currency_is_iso_4217"
            ),
            models.CheckConstraint(
                condition=Q(late_fee_percent__lte=100), name="booking_late_fee_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=Q(status=transitions.Status.HELD, hold_expires_at__isnull=False)
                | (~Q(status=transitions.Status.HELD) & Q(hold_expires_at__isnull=True)),
                name="booking_expires_only_while_held",
            ),
            models.CheckConstraint(
                condition=~Q(status=transitions.Status.PENDING_CONFIRMATION) | Q(confirm_by__isnull=False),
                name="booking_pending_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(visit_mode=VisitMode.IN_PERSON) | Q(office__isnull=False),
                name="booking_in_person_has_an_office",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "starts_at"], name="booking_of_patient"),
            models.Index(fields=["doctor", "starts_at"], name="booking_of_doctor"),
            models.Index(fields=["doctor", "patient"], name="booking_of_pair"),
            models.Index(
                fields=["hold_expires_at"],
                name="booking_expiring",
                condition=Q(status=transitions.Status.HELD),
            ),
            models.Index(
                fields=["confirm_by"],
                name="booking_awaiting_doctor",
                condition=Q(status=transitions.Status.PENDING_CONFIRMATION),
            ),
            models.Index(fields=["created_at"], name="booking_created"),
            models.Index(fields=["starts_at"], name="booking_starts"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def total_minor(self) -> int:
        return self.price_minor - self.discount_minor

    @property
    def visit_as_booked(self) -> VisitType:
        """The kind of visit in the length that was promised, which a later change of the kind does not alter."""
        visit_type = copy(self.visit_type)
        visit_type.duration_minutes = self.duration_minutes
        return visit_type

    @property
    def free_cancellation_until(self) -> datetime:
        return self.starts_at - timedelta(hours=self.free_cancellation_hours)

    @property
    def is_live(self) -> bool:
        return self.status in transitions.LIVE

    @property
    def is_cancelled(self) -> bool:
        return self.status in transitions.CANCELLED


class BookingTransition(BaseModel):
    """One move of a booking: from, to, by whom, when (`created_at`) and why. The first has an empty `from_status`."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="transitions")
    from_status = models.CharField(max_length=24, choices=Booking.Status.choices, blank=True)
    to_status = models.CharField(max_length=24, choices=Booking.Status.choices)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    starts_at = models.DateTimeField()

    class Meta:
        verbose_name = _("booking transition")
        verbose_name_plural = _("booking transitions")
        ordering = ["created_at"]
        indexes = [
            models.Index(fields=["booking", "created_at"], name="transition_of_booking"),
            models.Index(
                fields=["actor_id", "created_at"],
                name="transition_by_patient",
                condition=Q(actor_kind=Kind.PATIENT.value),
            ),
        ]
