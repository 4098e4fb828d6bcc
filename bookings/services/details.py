"""What is filled in while a time is held: for whom, why, with which policy, and how it is paid."""

from uuid import UUID

from django.db import connection, transaction

from bookings import errors
from bookings.models import Booking
from bookings.services import moves, occupancy
from bookings.services.holds import (
    Insurance,
    accepts_insurer,
    check_new_patients,
    payment_method_for,
)
from bookings.services.situation import find_patient
from bookings.transitions import Status
from medai.common.database import constraint_errors, retrying

# A hold of theirs that ran out blocks nothing, also before it was swept away.
_RUN_OUT = """
DELETE FROM bookings_busyperiod WHERE patient_id = %s AND hold_expires_at < clock_timestamp()
AND period && (SELECT period FROM bookings_busyperiod WHERE booking_id = %s AND patient_id IS NOT NULL)
"""
_GIVE_TO = """
UPDATE bookings_busyperiod SET patient_id = %s, updated_at = clock_timestamp()
WHERE booking_id = %s AND patient_id IS NOT NULL
"""


@retrying
@transaction.atomic
def describe(
    *,
    booking_id: UUID,
    patient_id: UUID,
    patient_notes: str = "",
    insurance: Insurance | None = None,
    payment_method: str | None = None,
) -> Booking:
    """Fill in a hold; it may be given to another patient of the same account. Raises `HoldExpired` if it is no hold."""
    booking = moves.locked(booking_id)
    if booking.status in (Status.EXPIRED, Status.CANCELLED_BY_PATIENT):
        raise errors.HoldExpired
    if booking.status != Status.HELD:
        raise errors.TransitionNotAllowed(status=Booking.Status(booking.status).label)
    if insurance and not accepts_insurer(booking.doctor, insurance):
        raise errors.InsuranceNotAccepted(field="insurance")
    patient = find_patient(moves.acting(), patient_id)
    if patient.pk != booking.patient_id:
        check_new_patients(booking.doctor, patient.pk, moves.acting())
        _give_to(booking, patient.pk)
    booking.patient = patient
    booking.patient_notes = patient_notes.strip()
    booking.insurance_provider_id = insurance.provider_id if insurance else None
    booking.policy_number = insurance.policy_number if insurance else ""
    booking.payment_method = payment_method_for(booking.doctor, booking.total_minor, payment_method)
    booking.save(
        update_fields=[
            "patient",
            "patient_notes",
            "insurance_provider",
            "policy_number",
            "payment_method",
            "updated_at",
        ]
    )
    return booking


def _give_to(booking: Booking, patient_id: UUID) -> None:
    # The doctor's lock is held already, so taking the second patient's cannot deadlock with another booking of theirs.
    occupancy.lock_calendars(doctor_id=booking.doctor_id, patient_id=patient_id)
    with (
        constraint_errors({"busy_period_no_overlap": errors.PatientBusy(field="patient")}),
        connection.cursor() as cursor,
    ):
        cursor.execute(_RUN_OUT, [patient_id, booking.pk])
        cursor.execute(_GIVE_TO, [patient_id, booking.pk])
