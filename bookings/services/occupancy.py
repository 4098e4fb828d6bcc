"""Taking and releasing people's time. Callers hold the locks of `lock_calendars`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bookings.errors import HoldExpired, PatientBusy, SlotTaken
from bookings.models import Booking
from doctors.models import Doctor
from medai.common.calendars import doctor_lock_key, patient_lock_key
from medai.common.database import Statement, clock_of, execute_together, locking

_DELETE_RUN_OUT = """
DELETE FROM bookings_busyperiod WHERE person IN (%(doctor)s, %(patient)s)
AND ends_at > %(from)s AND starts_at < %(until)s AND hold_expires_at < clock_timestamp()
"""

_TAKE = """
INSERT INTO bookings_busyperiod
  (id, created_at, updated_at, doctor_id, patient_id, period, booking_id, hold_expires_at)
VALUES
  (gen_random_uuid(), clock_timestamp(), clock_timestamp(), %(doctor)s, NULL, tstzrange(%(from)s, %(until)s),
   %(booking)s, %(expires)s),
  (gen_random_uuid(), clock_timestamp(), clock_timestamp(), NULL, %(patient)s, tstzrange(%(start)s, %(end)s),
   %(booking)s, %(expires)s)
ON CONFLICT DO NOTHING RETURNING doctor_id
"""

_KEEP = """
UPDATE bookings_busyperiod SET hold_expires_at = NULL, updated_at = clock_timestamp()
WHERE booking_id = %s AND (hold_expires_at IS NULL OR hold_expires_at >= clock_timestamp())
"""


def lock_calendars(*others: str, doctor_id: UUID, patient_id: UUID) -> datetime:
    """Wait for everybody else who is changing the doctor's or the patient's calendar; the database's time then."""
    locks = locking_calendars(*others, doctor_id=doctor_id, patient_id=patient_id)
    return clock_of(execute_together(*locks)[-1])


def locking_calendars(*others: str, doctor_id: UUID, patient_id: UUID) -> list[Statement]:
    """What `lock_calendars` sends, for a caller who has more to send and `others` to lock with them."""
    return locking(doctor_lock_key(doctor_id), patient_lock_key(patient_id), *others)


def span(
    doctor: Doctor, booking: Booking, *, buffer_after_minutes: int | None = None
) -> tuple[datetime, datetime]:
    """The doctor's time that a booking occupies: the visit with the breaks around it."""
    after = doctor.buffer_after_minutes if buffer_after_minutes is None else buffer_after_minutes
    return (
        booking.starts_at - timedelta(minutes=doctor.buffer_before_minutes),
        booking.ends_at + timedelta(minutes=after),
    )


def take(
    booking: Booking,
    *,
    occupied_from: datetime,
    occupied_until: datetime,
    before: Sequence[Statement] = (),
    after: Sequence[Statement] = (),
) -> None:
    """Occupy the doctor and the patient, or raise `SlotTaken` or `PatientBusy`; the caller's transaction fails then.

    The constraint has the last word; holds that ran out by the database's clock are out of the way first. What the
    caller has to write `before` and `after` goes out in the same round trip.
    """
    parameters: dict[str, Any] = {
        "doctor": booking.doctor_id,
        "patient": booking.patient_id,
        "from": occupied_from,
        "until": occupied_until,
        "start": booking.starts_at,
        "end": booking.ends_at,
        "booking": booking.pk,
        "expires": booking.hold_expires_at,
    }
    own: list[Statement] = [(_DELETE_RUN_OUT, parameters), (_TAKE, parameters)]
    answers = execute_together(*before, *own, *after)
    taken = {doctor_id for (doctor_id,) in answers[len(before) + 1]}
    if booking.doctor_id not in taken:
        raise SlotTaken
    if None not in taken:
        raise PatientBusy(field="starts_at")


def keep(booking: Booking) -> None:
    """Make a hold's time permanent, or raise `HoldExpired` if it ran out by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [booking.pk])
        if cursor.rowcount != 2:
            raise HoldExpired


def release(booking: Booking) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM bookings_busyperiod WHERE booking_id = %s", [booking.pk])
