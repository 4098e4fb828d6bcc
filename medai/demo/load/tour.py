"""What happens to the demo's visitors themselves: booked through the services, so that their mail and notices come."""

from datetime import datetime, timedelta
from random import Random

from accounts.identity import identity_for
from accounts.models import User
from bookings import services
from bookings.availability import free_slots
from bookings.models import Booking
from doctors.models import Doctor, VisitType
from doctors.models.doctors import CredentialStatus
from doctors.services import verification
from medai.common.identity import acting_as
from medai.demo.drafts import City, PatientDraft
from medai.demo.load.accounts import patient_id, user_id
from medai.demo.load.practices import doctor_id
from medai.demo.load.rows import identifier
from medai.demo.patients import MOTHER
from medai.demo.sign_ins import ADMIN
from medai.demo.tour import COMING, TourVisit

HOLDS = 4
NOT_PASSED = "La foto del diploma está borrosa y no se lee el número de acta. Súbalo de nuevo, por favor."


def book_the_tour(now: datetime) -> None:
    """The coming visits of Mariana's family, unless they are there."""
    for visit in COMING:
        booked = Booking.objects.filter(patient=patient_id(visit.patient), doctor=doctor_id(visit.doctor))
        if not booked.filter(starts_at__gt=now).exists():
            _book(visit, now)


def _book(visit: TourVisit, now: datetime) -> None:
    doctor = Doctor.objects.get(pk=doctor_id(visit.doctor))
    visit_type = VisitType.objects.get(pk=identifier("visit type", visit.doctor, visit.visit_type))
    start = now + timedelta(days=visit.days)
    free = free_slots(
        doctor, visit_type, visit.mode, window_start=start, window_end=start + timedelta(days=14), now=now
    )
    with acting_as(identity_for(User.objects.get(pk=user_id(MOTHER)))):
        booking = services.hold(
            doctor_id=doctor.pk,
            patient_id=patient_id(visit.patient),
            visit_type_id=visit_type.pk,
            visit_mode=visit.mode,
            starts_at=free[0],
            patient_notes=visit.notes,
        )
        services.confirm(booking_id=booking.pk)


def refuse_one(city: City) -> None:
    """The administrator turns down the doctor whose diploma cannot be read; the audit log shows it."""
    for draft in city.doctors:
        waits = Doctor.objects.awaiting_verification().filter(pk=doctor_id(draft.slug))
        if draft.standing == "rejected" and waits.exists():
            with acting_as(identity_for(User.objects.get(pk=user_id(ADMIN.email)))):
                verification.review(
                    doctor_id=doctor_id(draft.slug), decision=CredentialStatus.REJECTED, notes=NOT_PASSED
                )


def hold_some(city: City, now: datetime) -> None:
    """A few times that others are reserving right now; they run out within minutes if nobody confirms them."""
    rng = Random(f"holds:{now:%Y-%m-%d}")
    adults = [p for p in city.patients if p.has_account and p.key != MOTHER and p.place.city == "Bogotá"]
    doctors = [
        draft
        for draft in city.doctors
        if draft.standing == "public" and draft.specialties[0] == "general-medicine"
    ]
    for patient, draft in zip(rng.sample(adults, min(HOLDS, len(adults))), doctors, strict=False):
        _hold(patient, draft.slug, now)


def _hold(patient: PatientDraft, slug: str, now: datetime) -> None:
    doctor = Doctor.objects.get(pk=doctor_id(slug))
    visit_type = VisitType.objects.get(pk=identifier("visit type", slug, 0))
    free = free_slots(
        doctor, visit_type, visit_type.modes[0], window_start=now, window_end=now + timedelta(days=6), now=now
    )
    if not free:
        return
    with acting_as(identity_for(User.objects.get(pk=user_id(patient.key)))):
        services.hold(
            doctor_id=doctor.pk,
            patient_id=patient_id(patient.key),
            visit_type_id=visit_type.pk,
            visit_mode=visit_type.modes[0],
            starts_at=free[len(free) // 2],
        )
