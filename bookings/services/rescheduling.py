"""Moving a booking to another time, never leaving it without one."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from bookings import errors, policies
from bookings.availability import DoctorCalendar, alternatives, load_calendar
from bookings.models import Booking
from bookings.services import limits, moves, occupancy
from bookings.services.holds import bookable_doctor, find_slot
from doctors.models import VisitMode
from medai.common.database import constraint_errors, database_now, retrying
from medai.common.identity import Kind

_RUN_OUT = """
DELETE FROM bookings_busyperiod WHERE person IN (%s, %s) AND ends_at > %s AND starts_at < %s
AND hold_expires_at < clock_timestamp()
"""
_MOVE_DOCTOR = """
UPDATE bookings_busyperiod SET period = tstzrange(%s, %s), updated_at = clock_timestamp()
WHERE booking_id = %s AND doctor_id IS NOT NULL
"""
_MOVE_PATIENT = """
UPDATE bookings_busyperiod SET period = tstzrange(%s, %s), updated_at = clock_timestamp()
WHERE booking_id = %s AND patient_id IS NOT NULL
"""


def reschedule(*, booking_id: UUID, starts_at: datetime) -> Booking:
    """Move a booking to another start, in one step.

    A patient chooses among the times that are offered, and as long as the policy lets them. The doctor and staff may
    put it at any free time to come, also outside the hours; seconds are dropped, as no calendar shows them. Moving it
    to where it is changes nothing.
    """
    if moves.acting().kind != Kind.PATIENT:
        starts_at = starts_at.replace(second=0, microsecond=0)
    try:
        return _reschedule(booking_id, starts_at)
    except errors.SlotError as error:
        raise _with_alternatives(error, booking_id, starts_at) from error


@retrying
@transaction.atomic
def _reschedule(booking_id: UUID, starts_at: datetime) -> Booking:
    identity = moves.acting()
    booking = moves.locked(booking_id, *limits.locks_of(identity))
    kind = identity.kind
    now = database_now()
    if booking.status not in (Booking.Status.PENDING_CONFIRMATION, Booking.Status.CONFIRMED):
        raise errors.TransitionNotAllowed(status=Booking.Status(booking.status).label)
    policies.check_deadline(booking, now=now)
    if not policies.may_reschedule(booking, kind=kind, now=now):
        raise errors.TooLateToChange
    if booking.starts_at == starts_at:
        return booking
    limits.check_moves(booking.pk, identity=identity, now=now)
    if kind == Kind.PATIENT:
        # Another time is another time of the doctor's: whoever may not be booked any more has none.
        bookable_doctor(booking.doctor_id)
    calendar = load_calendar(
        booking.doctor,
        window_start=starts_at,
        window_end=starts_at + timedelta(days=1),
        without_booking=booking.pk,
    )
    occupied = _occupied(calendar, booking, starts_at, kind=kind, now=now)
    previous = booking.starts_at
    _set_time(booking, calendar, starts_at, now)
    _move_occupancy(booking, *occupied)
    moves.record_move(booking, booking.status, reason="rescheduled")
    moves.announce("booking.rescheduled", booking, previous_starts_at=previous, by=kind.value)
    return booking


def _occupied(
    calendar: DoctorCalendar, booking: Booking, starts_at: datetime, *, kind: Kind, now: datetime
) -> tuple[datetime, datetime]:
    """The doctor's time that the booking would occupy, if this person may put it there."""
    if kind == Kind.PATIENT:
        slot = find_slot(calendar, booking.visit_as_booked, booking.visit_mode, starts_at, now=now)
        return slot.occupied_from, slot.occupied_until
    if starts_at <= now:
        raise errors.SlotInThePast
    moved = Booking(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=booking.duration_minutes))
    return occupancy.span(booking.doctor, moved)


def _set_time(booking: Booking, calendar: DoctorCalendar, starts_at: datetime, now: datetime) -> None:
    booking.starts_at = starts_at
    booking.ends_at = starts_at + timedelta(minutes=booking.duration_minutes)
    booking.revision += 1
    if booking.visit_mode == VisitMode.IN_PERSON:
        booking.office = calendar.office_at(starts_at) or booking.office
    fields = ["starts_at", "ends_at", "revision", "office", "updated_at"]
    if booking.confirm_by is not None:
        booking.confirm_by = policies.confirmation_deadline(booking, now=now)
        fields.append("confirm_by")
    booking.save(update_fields=fields)


def _move_occupancy(booking: Booking, occupied_from: datetime, occupied_until: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RUN_OUT, [booking.doctor_id, booking.patient_id, occupied_from, occupied_until])
        with constraint_errors({"busy_period_no_overlap": errors.SlotTaken}):
            cursor.execute(_MOVE_DOCTOR, [occupied_from, occupied_until, booking.pk])
        with constraint_errors({"busy_period_no_overlap": errors.PatientBusy(field="starts_at")}):
            cursor.execute(_MOVE_PATIENT, [booking.starts_at, booking.ends_at, booking.pk])


def _with_alternatives(error: errors.SlotError, booking_id: UUID, wanted: datetime) -> errors.SlotError:
    booking = (
        moves.in_reach(moves.acting()).select_related("doctor", "visit_type").filter(pk=booking_id).first()
    )
    if booking is None:
        return error
    nearest = alternatives(
        booking.doctor, booking.visit_as_booked, booking.visit_mode, wanted, now=database_now()
    )
    return type(error)(field=error.field, alternatives=nearest, **error.params)
