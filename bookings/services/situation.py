"""What a hold is decided upon, read in one round trip once both calendars are locked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Patient
from bookings import errors, practices
from bookings.availability import DoctorCalendar, busy_of, calendar_of, reading_busy
from bookings.practices import Practice
from bookings.services import limits, occupancy
from bookings.slots import NOBODY
from doctors.models import Doctor
from medai.common.database import clock_of, execute_together
from medai.common.identity import Identity, Kind

_PATIENT = "SELECT id FROM accounts_patient WHERE deleted_at IS NULL AND id = %s"


@dataclass(frozen=True)
class Situation:
    """The doctor's terms and calendar around the wanted start, the holds that count, and the database's clock."""

    doctor: Doctor
    practice: Practice
    calendar: DoctorCalendar
    kept: limits.Kept
    now: datetime


def lock_and_read(*, doctor_id: UUID, patient_id: UUID, starts_at: datetime, identity: Identity) -> Situation:
    """Hold both calendars and read; `DoctorUnavailable` or `PatientNotFound` where either may not be booked.

    Locked before anything is read: whoever changes hours or bookings holds the same lock, and an account makes its
    holds one after the other.
    """
    *_, clock, public, patient, holds, chosen, busy = execute_together(
        *occupancy.locking_calendars(*limits.locks_of(identity), doctor_id=doctor_id, patient_id=patient_id),
        practices.reading_public(doctor_id),
        (_PATIENT, [patient_id]),
        *limits.reading_kept(patient_id=patient_id, identity=identity),
        reading_busy([doctor_id], window_start=starts_at, window_end=starts_at + timedelta(days=1)),
    )
    bookable = practices.as_read(public)
    if bookable is None:
        raise errors.DoctorUnavailable
    if not patient or not may_book_for(identity, patient_id):
        raise errors.PatientNotFound(field="patient")
    calendar = calendar_of(*bookable, busy_of(busy).get(doctor_id, NOBODY))
    return Situation(*bookable, calendar, limits.kept_of(holds, chosen), clock_of(clock))


def may_book_for(identity: Identity, patient_id: UUID) -> bool:
    """Whose patients these are; staff and the system book for everybody."""
    if identity.kind == Kind.PATIENT:
        return patient_id in identity.patient_ids
    return identity.kind in (Kind.ADMIN, Kind.SYSTEM)


def find_patient(identity: Identity, patient_id: UUID) -> Patient:
    """A patient whom this identity may book for, else `PatientNotFound`."""
    patient = Patient.objects.kept().filter(pk=patient_id).first()
    if patient is None or not may_book_for(identity, patient_id):
        raise errors.PatientNotFound(field="patient")
    return patient
