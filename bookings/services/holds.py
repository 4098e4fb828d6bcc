"""Reserving a time while the person decides and pays."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import Patient
from bookings import errors
from bookings.availability import DoctorCalendar, alternatives, load_calendar
from bookings.models import Booking, Channel, PaymentMethod
from bookings.practices import practice_of
from bookings.services import limits, moves, occupancy
from bookings.slots import Refusal, Slot, refusal, slot_at
from bookings.transitions import Status
from doctors.models import Doctor, Office, VisitMode, VisitType
from medai.common.database import database_now, retrying
from medai.common.identity import Identity, Kind

HOLD_LIFETIME = timedelta(minutes=10)

REFUSALS: dict[Refusal, type[errors.SlotError]] = {
    Refusal.PAST: errors.SlotInThePast,
    Refusal.TOO_SOON: errors.SlotTooSoon,
    Refusal.TOO_FAR: errors.SlotTooFarAhead,
    Refusal.NOT_OFFERED: errors.SlotNotOffered,
    Refusal.TAKEN: errors.SlotTaken,
    Refusal.FULL: errors.DayIsFull,
}


@dataclass(frozen=True, kw_only=True)
class Insurance:
    """The policy to be used for a visit, as the patient holds it."""

    provider_id: UUID
    policy_number: str


def hold(
    *,
    doctor_id: UUID,
    patient_id: UUID,
    visit_type_id: UUID,
    visit_mode: str,
    starts_at: datetime,
    office_id: UUID | None = None,
    channel: str = Channel.APP,
    patient_notes: str = "",
    insurance: Insurance | None = None,
    payment_method: str | None = None,
    lifetime: timedelta = HOLD_LIFETIME,
) -> Booking:
    """Reserve a free time for a patient until `hold_expires_at`, by the database's clock.

    An earlier hold of the same patient with the same doctor is given up, since a person who chooses another time
    means that one. Raises a `SlotError` with the nearest free starts if the time cannot be had, `PatientBusy` if the
    patient has another visit then, or the refusal that names what was wrong.
    """
    wanted = _Wish(
        doctor_id,
        patient_id,
        visit_type_id,
        visit_mode,
        starts_at,
        office_id,
        channel,
        patient_notes,
        insurance,
        payment_method,
        lifetime,
    )
    try:
        return _hold(wanted)
    except errors.SlotError as error:
        raise _with_alternatives(error, wanted) from error


@dataclass(frozen=True)
class _Wish:
    doctor_id: UUID
    patient_id: UUID
    visit_type_id: UUID
    visit_mode: str
    starts_at: datetime
    office_id: UUID | None
    channel: str
    patient_notes: str
    insurance: Insurance | None
    payment_method: str | None
    lifetime: timedelta


@retrying
@transaction.atomic
def _hold(wish: _Wish) -> Booking:
    identity = moves.acting()
    # Locked before anything is read: whoever changes hours or bookings holds the same lock.
    now = occupancy.lock_calendars(doctor_id=wish.doctor_id, patient_id=wish.patient_id)
    doctor = bookable_doctor(wish.doctor_id)
    patient = find_patient(identity, wish.patient_id)
    visit_type = _visit_type(doctor, wish.visit_type_id, wish.visit_mode)
    _give_up_earlier_holds(doctor, patient, identity, now)
    _check_new_patients(doctor, patient, identity)
    calendar = load_calendar(
        doctor, window_start=wish.starts_at, window_end=wish.starts_at + timedelta(days=1)
    )
    slot = find_slot(calendar, visit_type, wish.visit_mode, wish.starts_at, office_id=wish.office_id, now=now)
    booking = _new_booking(wish, doctor, patient, visit_type, identity)
    booking.office = _office(calendar, wish, slot)
    booking.hold_expires_at = now + wish.lifetime
    moves.create(booking)
    occupancy.take(booking, occupied_from=slot.occupied_from, occupied_until=slot.occupied_until)
    moves.announce("booking.held", booking)
    return booking


def bookable_doctor(doctor_id: UUID) -> Doctor:
    """The doctor if patients may book them, else `DoctorUnavailable`, whatever the reason is."""
    doctor = Doctor.objects.public().filter(pk=doctor_id).first()
    if doctor is None:
        raise errors.DoctorUnavailable
    return doctor


def find_patient(identity: Identity, patient_id: UUID) -> Patient:
    """A patient whom this identity may book for, else `PatientNotFound`."""
    patients = Patient.objects.kept()
    if identity.kind == Kind.PATIENT:
        patients = patients.filter(pk__in=identity.patient_ids)
    elif identity.kind not in (Kind.ADMIN, Kind.SYSTEM):
        patients = patients.none()
    patient = patients.filter(pk=patient_id).first()
    if patient is None:
        raise errors.PatientNotFound(field="patient")
    return patient


def _visit_type(doctor: Doctor, visit_type_id: UUID, visit_mode: str) -> VisitType:
    visit_type = practice_of(doctor).visit_type(visit_type_id)
    if visit_type is None:
        raise errors.VisitTypeNotOffered(field="visit_type")
    if visit_mode not in visit_type.modes:
        raise errors.VisitModeNotOffered(field="visit_mode")
    return visit_type


def _give_up_earlier_holds(doctor: Doctor, patient: Patient, identity: Identity, now: datetime) -> None:
    if not limits.check(patient_id=patient.pk, doctor_id=doctor.pk, identity=identity, now=now):
        return
    running = Booking.objects.filter(patient=patient, doctor=doctor, status=Status.HELD)
    for earlier in running.filter(hold_expires_at__gte=now).select_for_update():
        occupancy.release(earlier)
        target = Status.CANCELLED_BY_ADMIN if identity.kind == Kind.ADMIN else Status.CANCELLED_BY_PATIENT
        moves.move(earlier, target, reason="replaced")


def _check_new_patients(doctor: Doctor, patient: Patient, identity: Identity) -> None:
    if doctor.is_accepting_new_patients or identity.kind == Kind.ADMIN:
        return
    if not Booking.objects.filter(doctor=doctor, patient=patient, status=Status.COMPLETED).exists():
        raise errors.NotAcceptingNewPatients


def find_slot(
    calendar: DoctorCalendar,
    visit_type: VisitType,
    visit_mode: str,
    starts_at: datetime,
    *,
    office_id: UUID | None = None,
    now: datetime,
) -> Slot:
    """The slot at a time if it is offered and free, else the `SlotError` that says why not."""
    rules = calendar.rules(visit_type, visit_mode, office_id=office_id)
    slot = slot_at(rules, calendar.busy, starts_at, now=now)
    if slot is None:
        why = refusal(rules, calendar.busy, starts_at, now=now)
        raise REFUSALS[why or Refusal.TAKEN]
    return slot


def _office(calendar: DoctorCalendar, wish: _Wish, slot: Slot) -> Office | None:
    if wish.visit_mode != VisitMode.IN_PERSON:
        return None
    if wish.office_id is not None:
        return next(office for office in calendar.offices if office.pk == wish.office_id)
    office = calendar.office_at(slot.start)
    if office is None:
        raise errors.OfficeNotOffered(field="office")
    return office


def payment_method_for(doctor: Doctor, total_minor: int, wanted: str | None) -> str:
    """How a visit is paid: free ones need nothing, else the way asked for if the doctor allows it."""
    if total_minor == 0:
        return PaymentMethod.FREE
    offered = payment_methods(doctor)
    if wanted is None and offered:
        return offered[0]
    if wanted not in offered:
        raise errors.PaymentMethodNotOffered(field="payment_method")
    return str(wanted)


def payment_methods(doctor: Doctor) -> list[str]:
    """The ways in which a doctor's paid visits can be paid, the usual one first."""
    methods = [PaymentMethod.ONLINE.value] if settings.ONLINE_PAYMENTS else []
    if doctor.accepts_payment_at_clinic:
        methods.append(PaymentMethod.AT_CLINIC.value)
    return methods


def _new_booking(
    wish: _Wish, doctor: Doctor, patient: Patient, visit_type: VisitType, identity: Identity
) -> Booking:
    if wish.insurance and not accepts_insurer(doctor, wish.insurance):
        raise errors.InsuranceNotAccepted(field="insurance")
    return Booking(
        doctor=doctor,
        patient=patient,
        specialty_id=practice_of(doctor).primary_specialty_id,
        visit_type=visit_type,
        visit_mode=wish.visit_mode,
        starts_at=wish.starts_at,
        duration_minutes=visit_type.duration_minutes,
        ends_at=wish.starts_at + timedelta(minutes=visit_type.duration_minutes),
        status=Status.HELD,
        channel=wish.channel,
        insurance_provider_id=wish.insurance.provider_id if wish.insurance else None,
        policy_number=wish.insurance.policy_number if wish.insurance else "",
        price_minor=visit_type.fee_minor,
        currency=visit_type.currency,
        payment_method=payment_method_for(doctor, visit_type.fee_minor, wish.payment_method),
        free_cancellation_hours=doctor.free_cancellation_hours,
        late_fee_percent=doctor.late_fee_percent,
        patient_notes=wish.patient_notes.strip(),
        created_by_id=limits.account_of(identity),
    )


def accepts_insurer(doctor: Doctor, insurance: Insurance) -> bool:
    accepted: object = doctor.accepted_insurers.filter(pk=insurance.provider_id, is_active=True).exists()
    return bool(accepted)


def _with_alternatives(error: errors.SlotError, wish: _Wish) -> errors.SlotError:
    doctor = Doctor.objects.public().filter(pk=wish.doctor_id).first()
    visit_type = VisitType.objects.filter(pk=wish.visit_type_id).first()
    if doctor is None or visit_type is None:
        return error
    nearest = alternatives(doctor, visit_type, wish.visit_mode, wish.starts_at, now=database_now())
    return type(error)(field=error.field, alternatives=nearest, **error.params)
