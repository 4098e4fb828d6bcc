"""What a message says: the facts of one notification, and their words in the active language.

One template for each kind and side holds the words of every channel as blocks; the layout it is put into picks those
it needs (`templates/messaging/layouts/`).
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models.patients import Relationship
from bookings.models import Booking, PaymentMethod
from bookings.payments import how_paid
from bookings.transitions import Status
from doctors.models import Doctor, VisitMode
from medai.common import localtime
from medai.common.money import format_money
from messaging import links
from messaging.recipients import Recipient

_DOUBLED_STOP = re.compile(r"(?<=\.\N{NO-BREAK SPACE}m)\.\.(?!\.)")

Audience = Literal["patient", "doctor"]
Layout = Literal["email.html", "email.txt", "subject.txt", "title.txt", "short.txt"]


def audience_of(user_id: UUID | None, doctor: Doctor) -> Audience:
    return "doctor" if user_id is not None and user_id == doctor.user_id else "patient"


@dataclass(frozen=True)
class Content:
    """One notification as its recipient reads it; enter their language before rendering.

    `starts_at` is the visit's start as it was told, `previous_starts_at` the one before where it was moved.
    `relationship` says what the patient is to the recipient.
    """

    kind: str
    recipient: Recipient
    doctor: Doctor
    booking: Booking | None = None
    starts_at: datetime | None = None
    previous_starts_at: datetime | None = None
    relationship: str = Relationship.SELF
    _cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def audience(self) -> Audience:
        return audience_of(self.recipient.user_id, self.doctor)

    def render(self, layout: Layout) -> str:
        template = f"messaging/notifications/{self.audience}/{self.kind}.txt"
        context = {**self._context, "layout": f"messaging/layouts/{layout}"}
        text = render_to_string(template, context).strip()
        # A sentence that ends in "8:00 a. m." has its full stop already.
        return _DOUBLED_STOP.sub(".", text)

    @property
    def _context(self) -> dict[str, Any]:
        if not self._cache:
            self._cache.update(self._facts())
        return self._cache

    def _facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "kind": self.kind,
            "audience": self.audience,
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_URL,
            "emergency_number": settings.EMERGENCY_NUMBER,
            "doctor": self.doctor,
            "doctor_name": self.doctor.display_name,
            "the_doctor": self.doctor.name_in_a_sentence,
            "language": self.recipient.language,
            "actions": partial(
                links.actions, self.kind, self.audience, self.doctor, self.booking, self.recipient.user_id
            ),
            "settings_url": links.settings_url() if self.recipient.user_id else "",
        }
        if self.booking is not None:
            facts |= self._booking_facts(self.booking, self.starts_at or self.booking.starts_at)
        return facts

    def _booking_facts(self, booking: Booking, starts_at: datetime) -> dict[str, Any]:
        zone, doctor_zone = self.recipient.time_zone, self.doctor.time_zone
        is_elsewhere = localtime.differs(starts_at, zone, doctor_zone)
        return {
            "booking": booking,
            "patient_name": booking.patient.full_name,
            "is_for_other": self.audience == "patient" and self.relationship != Relationship.SELF,
            "when": self._moment(starts_at),
            "day": localtime.relative_day(starts_at, zone),
            "clock": localtime.clock(starts_at, zone),
            "zone": localtime.zone_label(starts_at, zone) if is_elsewhere else "",
            "when_there": localtime.date_time(starts_at, doctor_zone) if is_elsewhere else "",
            "zone_there": localtime.zone_label(starts_at, doctor_zone) if is_elsewhere else "",
            "previous": self._moment(self.previous_starts_at) if self.previous_starts_at else "",
            "confirm_by": self._moment(booking.confirm_by) if booking.confirm_by else "",
            "free_until": self._free_until(booking),
            "is_video": booking.visit_mode == VisitMode.VIDEO,
            "is_pending": booking.status == Status.PENDING_CONFIRMATION,
            # Called by the templates that show it: the notification centre does not.
            "price": partial(self._price, booking),
            "cancelled_by": _cancelled_by(booking),
        }

    def _moment(self, moment: datetime) -> str:
        return localtime.date_time(moment, self.recipient.time_zone)

    def _free_until(self, booking: Booking) -> str:
        """Until when cancelling costs nothing; empty where it never costs anything or no longer is free."""
        if not booking.late_fee_percent or booking.free_cancellation_until <= timezone.now():
            return ""
        return self._moment(booking.free_cancellation_until)

    @staticmethod
    def _price(booking: Booking) -> str:
        if booking.payment_method == PaymentMethod.FREE:
            return str(PaymentMethod.FREE.label)
        amount = format_money(booking.total_minor, booking.currency)
        if booking.payment_method == PaymentMethod.AT_CLINIC:
            return f"{amount}, {how_paid(booking)}"
        return amount


def _cancelled_by(booking: Booking) -> str:
    """Who cancelled: patient, doctor, staff; `deadline` where the doctor did not confirm in time."""
    if booking.status == Status.CANCELLED_BY_DOCTOR:
        return "doctor" if booking.cancelled_by_id else "deadline"
    return "staff" if booking.status == Status.CANCELLED_BY_ADMIN else "patient"
