"""The notification centre's entries in the words of the page's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from accounts.models import Guardianship, Role
from accounts.models.patients import Relationship
from doctors.models import Doctor
from medai.common import navigation
from messaging import recipients
from messaging.content import Content, audience_of
from messaging.models import InboxNotice, NotificationKind
from messaging.recipients import Recipient

ICONS: dict[str, str] = {
    NotificationKind.BOOKING_CONFIRMED: "calendar-check",
    NotificationKind.BOOKING_PENDING: "hourglass",
    NotificationKind.BOOKING_RESCHEDULED: "calendar-clock",
    NotificationKind.BOOKING_CANCELLED: "calendar-x",
    NotificationKind.REMINDER_24_HOURS: "bell-ring",
    NotificationKind.REMINDER_2_HOURS: "bell-ring",
    NotificationKind.NEW_BOOKING: "calendar-plus",
    NotificationKind.BOOKING_TO_CONFIRM: "hourglass",
    NotificationKind.DOCTOR_SUBMITTED: "file-check",
    NotificationKind.DOCTOR_VERIFIED: "shield-check",
    NotificationKind.DOCTOR_REJECTED: "shield-alert",
}


@dataclass(frozen=True)
class Entry:
    """One notice as it is shown; `text` is empty where what it was about can no longer be seen."""

    id: UUID
    kind: str
    title: str
    text: str
    icon: str
    is_read: bool
    created_at: datetime
    time_zone: str
    booking_id: UUID | None


def entries(notices: Iterable[InboxNotice], user: Any) -> list[Entry]:
    """The notices of one person; three queries, however many there are."""
    notices = list(notices)
    reader = recipients.accounts([user.pk]).get(user.pk)
    if not notices or reader is None:
        return []
    # Nobody else may as much as ask for them.
    cares_for = Guardianship.objects.filter(user=user) if user.role == Role.PATIENT else ()
    relationships = {each.patient_id: each.relationship for each in cares_for}
    own = Doctor.objects.filter(user=user).first() if any(not one.booking_id for one in notices) else None
    return [_entry(notice, reader, relationships, own) for notice in notices]


def _entry(
    notice: InboxNotice, reader: Recipient, relationships: dict[UUID, str], own: Doctor | None
) -> Entry:
    title, text = str(NotificationKind(notice.kind).label), ""
    # Row-level security hides a booking of a patient for whom the person no longer cares.
    doctor = notice.booking.doctor if notice.booking is not None else own
    if doctor is not None and (notice.booking is not None or not notice.booking_id):
        relationship = relationships.get(notice.booking.patient_id) if notice.booking else None
        content = Content(
            kind=notice.kind,
            recipient=reader,
            doctor=doctor,
            booking=notice.booking,
            starts_at=_moment(notice, "starts_at"),
            previous_starts_at=_moment(notice, "previous_starts_at"),
            relationship=relationship or Relationship.SELF,
        )
        title, text = content.render("title.txt"), content.render("short.txt")
    return Entry(
        id=notice.pk,
        kind=notice.kind,
        title=title,
        text=text,
        icon=ICONS.get(notice.kind, "bell"),
        is_read=notice.read_at is not None,
        created_at=notice.created_at,
        time_zone=reader.time_zone,
        booking_id=notice.booking_id if notice.booking is not None else None,
    )


def _moment(notice: InboxNotice, name: str) -> datetime | None:
    text = notice.data.get(name)
    return parse_datetime(text) if text else None


def address(notice: InboxNotice) -> str:
    """The page that a notice is about; empty where there is none for this person."""
    booking = notice.booking
    if booking is not None:
        is_doctor = audience_of(notice.user_id, booking.doctor) == "doctor"
        route = "bookings:doctor-booking" if is_doctor else "bookings:booking"
        return navigation.address(route, booking.pk)
    if notice.kind == NotificationKind.DOCTOR_VERIFIED:
        return navigation.address("bookings:doctor-calendar")
    if notice.kind in (NotificationKind.DOCTOR_REJECTED, NotificationKind.DOCTOR_SUBMITTED):
        return navigation.address("doctors:onboarding")
    return ""
