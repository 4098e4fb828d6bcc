"""Doctors with hours, patients with accounts, and bookings among them: valid, minimal, made as the system."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db.models import F
from django.test import Client

from accounts.identity import identity_for
from accounts.models import Guardianship, Patient, Profile, Role, User
from bookings import services
from bookings.models import Booking
from doctors.models import Doctor, DoctorSpecialty, Office, Specialty, VisitMode, VisitType, WeeklyHours
from medai.common.identity import acting_as, acting_as_system

_numbers = count(1)

# A Monday two to three weeks ahead (the database's clock cannot be frozen), 14:00 UTC = 9:00 in Bogotá, whose zone
# has no daylight saving time.
_today = datetime.now(UTC).replace(hour=14, minute=0, second=0, microsecond=0)
MONDAY_9 = _today + timedelta(days=21 - _today.weekday())


def make_user(role: str = Role.PATIENT, **fields: Any) -> User:
    number = next(_numbers)
    with acting_as_system("test"):
        user = User.objects.create_user(
            fields.pop("email", f"person{number}@example.com"), "a long password", role=role, **fields
        )
        Profile.objects.create(user=user, first_name="Persona", last_name=str(number))
    return user


def make_patient(user: User | None = None, relationship: str = "self", **fields: Any) -> Patient:
    """A patient, cared for by `user` if one is given."""
    with acting_as_system("test"):
        patient = Patient.objects.create(
            **{"first_name": "Paciente", "last_name": str(next(_numbers)), **fields}
        )
        if user is not None:
            Guardianship.objects.create(user=user, patient=patient, relationship=relationship)
    return patient


def make_specialty(**fields: Any) -> Specialty:
    number = next(_numbers)
    values = {
        "slug": f"specialty-{number}",
        "name_es": f"Especialidad {number}",
        "name_en": f"Specialty {number}",
        "practitioners_es": f"Especialistas {number}",
        "practitioners_en": f"Specialists {number}",
    }
    with acting_as_system("test"):
        return Specialty.objects.create(**{**values, **fields})


def make_doctor(
    *, hours: tuple[int, int] = (9 * 60, 17 * 60), fee_minor: int = 18_000_000, **fields: Any
) -> Doctor:
    """A public doctor in Bogotá who works Monday to Friday and sees patients both ways."""
    number = next(_numbers)
    values = {
        "slug": f"doctor-{number}",
        "first_name": "Andrés",
        "last_name": f"Quintero {number}",
        "credential_status": "verified",
        "is_approved": True,
        "first_published_at": datetime(2026, 1, 1, tzinfo=UTC),
        "horizon_days": 365,
        "minimum_notice_minutes": 0,
    }
    user = fields.pop("user", None) or make_user(Role.DOCTOR)
    specialty = fields.pop("specialty", None) or make_specialty()
    with acting_as_system("test"):
        doctor = Doctor.objects.create(user=user, **{**values, **fields})
        DoctorSpecialty.objects.create(doctor=doctor, specialty=specialty, is_primary=True)
        office = Office.objects.create(doctor=doctor, address="Cra. 11 # 93-46", city="Bogotá")
        for kind in ("standard", "follow_up"):
            VisitType.objects.create(
                doctor=doctor,
                kind=kind,
                duration_minutes=doctor.slot_minutes,
                fee_minor=fee_minor,
                modes=VisitMode.values,
            )
        for day in range(1, 6):
            WeeklyHours.objects.create(
                doctor=doctor, day_of_week=day, start_minute=hours[0], end_minute=hours[1], office=office
            )
        doctor.refresh_from_db()
        doctor.user = user
    return doctor


def visit_type_of(doctor: Doctor, kind: str = "standard") -> VisitType:
    with acting_as_system("test"):
        return VisitType.objects.get(doctor=doctor, kind=kind)


@contextmanager
def changing_practice(doctor: Doctor) -> Iterator[None]:
    """Change hours or visit types below the services, and count the change as they do."""
    with acting_as_system("test"):
        yield
        Doctor.objects.filter(pk=doctor.pk).update(schedule_version=F("schedule_version") + 1)


@contextmanager
def as_user(user: User) -> Iterator[None]:
    with acting_as(identity_for(user)):
        yield


def hold(
    user: User, patient: Patient, doctor: Doctor, starts_at: datetime = MONDAY_9, **fields: Any
) -> Booking:
    """A hold made by the patient's account, through the service."""
    values = {"visit_type_id": visit_type_of(doctor).pk, "visit_mode": VisitMode.IN_PERSON}
    with as_user(user):
        return services.hold(
            doctor_id=doctor.pk, patient_id=patient.pk, starts_at=starts_at, **{**values, **fields}
        )


def book(
    user: User, patient: Patient, doctor: Doctor, starts_at: datetime = MONDAY_9, **fields: Any
) -> Booking:
    booking = hold(user, patient, doctor, starts_at, **fields)
    with as_user(user):
        return services.confirm(booking_id=booking.pk)


def put_in_the_past(booking: Booking, *, hours: int = 2) -> Booking:
    """Move a booking's times back, below the services, so that what happens after a visit can be tested."""
    with acting_as_system("test"):
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=hours)
        Booking.objects.filter(pk=booking.pk).update(
            starts_at=start, ends_at=start + timedelta(minutes=booking.duration_minutes)
        )
        booking.refresh_from_db()
    return booking


def sign_in(client: Client, user: User) -> Client:
    with acting_as_system("test"):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
