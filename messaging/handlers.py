"""What messaging makes of events: who is to be told what, and when.

One handler for all events of a booking, so that they are worked off in order.
"""

from collections.abc import Sequence
from typing import Any

from medai.common import outbox
from messaging.services import planning


@outbox.batch_handler(
    "booking.pending_confirmation",
    "booking.confirmed",
    "booking.rescheduled",
    "booking.cancelled",
    "booking.completed",
    "booking.no_show",
    queue="messages",
    # One commit for several bookings, which are locked until then.
    at_once=10,
)
def tell_about_booking(events: Sequence[Any]) -> None:
    for event in events:
        # A hold that was left concerns nobody but the person who left it.
        if not event.data.get("was_held"):
            planning.booking_changed(event=event.kind, booking_id=event.subject_id)


@outbox.handler("doctor.submitted", "doctor.verified", "doctor.rejected", queue="messages")
def tell_doctor(event: Any) -> None:
    planning.doctor_changed(event=event.kind, event_id=event.pk, doctor_id=event.subject_id)


@outbox.handler("preferences.changed", queue="messages")
def plan_anew(event: Any) -> None:
    planning.plan_reminders_of_account(user_id=event.data["user_id"])


@outbox.handler("patient.claimed", "patient.guardian_removed", queue="messages")
def follow_the_guardians(event: Any) -> None:
    planning.plan_reminders_of_patient(patient_id=event.subject_id)
