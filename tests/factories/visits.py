"""Thousands of confirmed visits: for runs that need numbers, not variety."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import Guardianship, Patient, Profile, User
from accounts.models.patients import Relationship
from bookings.models import Booking
from doctors.models import Doctor, VisitMode, VisitType
from medai.common.identity import acting_as_system
from tests.factories import bookings as make

AT_ONCE = 5000


def make_many_visits(count: int, *, starts_at: datetime, prefix: str = "many") -> list[UUID]:
    """Confirmed visits of as many patients, all at one time with one doctor; they occupy nobody's calendar."""
    doctor = make.make_doctor()
    visit_type = make.visit_type_of(doctor)
    booking_ids: list[UUID] = []
    with acting_as_system("test"):
        for first in range(0, count, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, count))
            with transaction.atomic():
                patients = _patients([f"{prefix}{number}@example.com" for number in numbers])
                visits = [_visit(patient, doctor, visit_type, starts_at) for patient in patients]
                booking_ids += [visit.pk for visit in Booking.objects.bulk_create(visits)]
    return booking_ids


def _patients(emails: list[str]) -> list[Patient]:
    users = User.objects.bulk_create(
        User(email=email, password="!", language=settings.LANGUAGES[len(email) % 2][0]) for email in emails
    )
    Profile.objects.bulk_create(Profile(user=user, first_name="Persona") for user in users)
    patients = Patient.objects.bulk_create(
        Patient(first_name="Persona", last_name=str(user)) for user in users
    )
    Guardianship.objects.bulk_create(
        Guardianship(user=user, patient=patient, relationship=Relationship.SELF)
        for user, patient in zip(users, patients, strict=True)
    )
    return patients


def _visit(patient: Patient, doctor: Doctor, visit_type: VisitType, starts_at: datetime) -> Booking:
    return Booking(
        patient=patient,
        doctor=doctor,
        visit_type=visit_type,
        visit_mode=VisitMode.VIDEO,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=visit_type.duration_minutes),
        duration_minutes=visit_type.duration_minutes,
        status=Booking.Status.CONFIRMED,
        price_minor=visit_type.fee_minor,
        currency=visit_type.currency,
        free_cancellation_hours=24,
        late_fee_percent=0,
    )
