"""From a held time to a booking."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from bookings import errors, policies
from bookings.availability import alternatives
from bookings.models import Booking, PaymentMethod
from bookings.services import moves, occupancy
from bookings.services.holds import bookable_doctor
from bookings.transitions import Status
from doctors.models import Doctor
from doctors.models.doctors import ConfirmationMode
from medai.common.database import database_now, retrying
from medai.common.identity import Kind


def confirm(*, booking_id: UUID) -> Booking:
    """Confirm a booking: the patient their hold, the doctor a booking that waits for them, the system a paid one.

    A hold whose visit is paid online is confirmed only as the system, on a verified payment event
    (`PaymentRequired` otherwise). Where the doctor confirms by hand, the hold becomes `pending_confirmation` first,
    with a deadline after which confirming raises `ConfirmationOverdue`. Confirming twice changes nothing. A hold that
    ran out raises `HoldExpired`, but a late payment (system) takes the time again if it is still free and raises
    `SlotTaken` if not.
    """
    try:
        return _confirm(booking_id)
    except errors.SlotError as error:
        raise _with_alternatives(error, booking_id) from error


@retrying
@transaction.atomic
def _confirm(booking_id: UUID) -> Booking:
    booking = moves.locked(booking_id)
    kind = moves.acting().kind
    if booking.status == Status.CONFIRMED or (
        booking.status == Status.PENDING_CONFIRMATION and kind in (Kind.PATIENT, Kind.SYSTEM)
    ):
        return booking
    if booking.status == Status.PENDING_CONFIRMATION:
        return _confirm_by_hand(booking)
    if booking.status == Status.EXPIRED and kind == Kind.SYSTEM:
        return _revive(booking)
    if booking.status == Status.EXPIRED:
        raise errors.HoldExpired
    if booking.status != Status.HELD or kind == Kind.DOCTOR:
        raise errors.TransitionNotAllowed(status=Booking.Status(booking.status).label)
    return _confirm_hold(booking, kind)


def _confirm_by_hand(booking: Booking) -> Booking:
    now = database_now()
    policies.check_deadline(booking, now=now)
    if booking.starts_at <= now:
        raise errors.SlotInThePast
    booking.confirm_by = None
    moves.move(booking, Status.CONFIRMED, fields=("confirm_by",))
    moves.announce("booking.confirmed", booking)
    return booking


def _confirm_hold(booking: Booking, kind: Kind) -> Booking:
    if booking.payment_method == PaymentMethod.ONLINE and kind != Kind.SYSTEM:
        raise errors.PaymentRequired
    doctor = bookable_doctor(booking.doctor_id)
    try:
        occupancy.keep(booking)
    except errors.HoldExpired:
        if kind != Kind.SYSTEM:
            raise
        _take_again(booking)
    return _settle(booking, doctor, kind)


def _revive(booking: Booking) -> Booking:
    """Take the time of an expired hold again, since its payment arrived after all."""
    bookable_doctor(booking.doctor_id)
    _take_again(booking)
    moves.move(booking, Status.CONFIRMED, reason="late_payment")
    moves.announce("booking.confirmed", booking)
    return booking


def _take_again(booking: Booking) -> None:
    """What is left of the hold that ran out, if it was not swept away yet, is out of the way like any other."""
    if booking.starts_at <= database_now():
        raise errors.SlotInThePast
    booking.hold_expires_at = None
    occupied_from, occupied_until = occupancy.span(booking.doctor, booking)
    occupancy.take(booking, occupied_from=occupied_from, occupied_until=occupied_until)


def _settle(booking: Booking, doctor: Doctor, kind: Kind) -> Booking:
    # Staff book on the doctor's behalf, so there is nobody left to ask.
    if doctor.confirmation_mode == ConfirmationMode.BY_HAND and kind != Kind.ADMIN:
        booking.confirm_by = policies.confirmation_deadline(booking, now=database_now())
        moves.move(booking, Status.PENDING_CONFIRMATION, fields=("confirm_by",))
        moves.announce("booking.pending_confirmation", booking, confirm_by=booking.confirm_by)
        return booking
    moves.move(booking, Status.CONFIRMED)
    moves.announce("booking.confirmed", booking)
    return booking


def _with_alternatives(error: errors.SlotError, booking_id: UUID) -> errors.SlotError:
    booking = (
        moves.in_reach(moves.acting()).select_related("doctor", "visit_type").filter(pk=booking_id).first()
    )
    if booking is None:
        return error
    now: datetime = database_now()
    wanted = max(booking.starts_at, now + timedelta(minutes=1))
    nearest = alternatives(booking.doctor, booking.visit_type, booking.visit_mode, wanted, now=now)
    return type(error)(field=error.field, alternatives=nearest, **error.params)
