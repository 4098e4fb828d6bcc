"""Reserving a time while the person decides and pays."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from bookings import errors
from bookings.availability import DoctorCalendar, alternatives
from bookings.models import Booking, Channel, PaymentMethod
from bookings.practices import Practice
from bookings.services import limits, moves, occupancy
from bookings.services.situation import Situation, lock_and_read
from bookings.slots import Refusal, Slot, refusal, slot_at
from bookings.transitions import Status
from doctors.models import Doctor, VisitMode, VisitType
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
    found = _situation(wish, identity)
    visit_type = _visit_type(found.practice, wish)
    check_new_patients(found.doctor, wish.patient_id, identity)
    slot = find_slot(
        found.calendar, visit_type, wish.visit_mode, wish.starts_at, office_id=wish.office_id, now=found.now
    )
    booking = _new_booking(wish, found, visit_type, identity)
    booking.office_id = _office_id(found.calendar, wish, slot)
    booking.hold_expires_at = found.now + wish.lifetime
    occupancy.take(
        booking,
        occupied_from=slot.occupied_from,
        occupied_until=slot.occupied_until,
        before=moves.creating(booking),
        after=[moves.announcing("booking.held", booking)],
    )
    return booking


def _situation(wish: _Wish, identity: Identity) -> Situation:
    """What is to be decided upon, once earlier holds that this one replaces are given up."""
    whose: dict[str, Any] = {"doctor_id": wish.doctor_id, "patient_id": wish.patient_id}
    found = lock_and_read(**whose, starts_at=wish.starts_at, identity=identity)
    if not limits.check(found.kept, **whose, identity=identity, now=found.now):
        return found
    _give_up_earlier_holds(wish, identity, found.now)
    return lock_and_read(**whose, starts_at=wish.starts_at, identity=identity)


def bookable_doctor(doctor_id: UUID) -> Doctor:
    """The doctor if patients may book them, else `DoctorUnavailable`, whatever the reason is."""
    doctor = Doctor.objects.public().filter(pk=doctor_id).first()
    if doctor is None:
        raise errors.DoctorUnavailable
    return doctor


def _visit_type(practice: Practice, wish: _Wish) -> VisitType:
    visit_type = practice.visit_type(wish.visit_type_id)
    if visit_type is None:
        raise errors.VisitTypeNotOffered(field="visit_type")
    if wish.visit_mode not in visit_type.modes:
        raise errors.VisitModeNotOffered(field="visit_mode")
    return visit_type


def _give_up_earlier_holds(wish: _Wish, identity: Identity, now: datetime) -> None:
    held = Booking.objects.filter(
        patient_id=wish.patient_id, doctor_id=wish.doctor_id, status=Status.HELD, hold_expires_at__gte=now
    )
    for earlier in held.select_for_update():
        occupancy.release(earlier)
        target = Status.CANCELLED_BY_ADMIN if identity.kind == Kind.ADMIN else Status.CANCELLED_BY_PATIENT
        moves.move(earlier, target, reason="replaced")


def check_new_patients(doctor: Doctor, patient_id: UUID, identity: Identity) -> None:
    """Refuse a patient whom the doctor has never seen, where new ones are not accepted; staff may book anyone."""
    if doctor.is_accepting_new_patients or identity.kind == Kind.ADMIN:
        return
    seen = Booking.objects.filter(doctor=doctor, patient_id=patient_id, status=Status.COMPLETED)
    if not seen.exists():
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


def _office_id(calendar: DoctorCalendar, wish: _Wish, slot: Slot) -> UUID | None:
    if wish.visit_mode != VisitMode.IN_PERSON:
        return None
    if wish.office_id is not None:
        return wish.office_id  # its hours gave the slot
    office = calendar.office_at(slot.start)
    if office is None:
        raise errors.OfficeNotOffered(field="office")
    return office.pk


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


def _new_booking(wish: _Wish, found: Situation, visit_type: VisitType, identity: Identity) -> Booking:
    doctor = found.doctor
    if wish.insurance and not accepts_insurer(doctor, wish.insurance):
        raise errors.InsuranceNotAccepted(field="insurance")
    return Booking(
        doctor_id=doctor.pk,
        patient_id=wish.patient_id,
        specialty_id=found.practice.primary_specialty_id,
        visit_type_id=visit_type.pk,
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
