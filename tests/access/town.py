"""Tens of thousands of people with their bookings and notices, made inside the database: for numbers, not variety.

One row of each kind is made by the factories and multiplied. Ids follow from the kind and the number, so that anybody's
identity can be had without asking the database.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models

from accounts.models import Guardianship, PatientInsurance, Profile
from bookings.models import BusyPeriod
from doctors.models import (
    DirectoryEntry,
    DoctorAvailability,
    DoctorSpecialty,
    Office,
    VisitType,
    WeeklyHours,
)
from medai.common.identity import Identity, Kind, acting_as, acting_as_system
from messaging.models import InboxNotice
from tests.factories import accounts as people
from tests.factories import bookings as visits
from tests.factories import doctors as practices
from tests.factories import messaging

# The first group of each kind's ids.
USER_OF_PATIENT, PATIENT, USER_OF_DOCTOR, DOCTOR, BOOKING, NOTICE = (letter * 8 for letter in "abcdef")
BUSY_DOCTORS = 100
# So many patients are told so much.
TOLD, NOTICES = 100, 20


def id_of(kind: str, number: int) -> UUID:
    return UUID(f"{kind}-0000-4000-8000-{number:012x}")


def patient(number: int) -> Identity:
    """Patients are numbered from 1."""
    return Identity(
        Kind.PATIENT, user_id=id_of(USER_OF_PATIENT, number), patient_ids=(id_of(PATIENT, number),)
    )


def doctor(number: int) -> Identity:
    """Doctors are numbered from 1; the first `BUSY_DOCTORS` share all the visits."""
    return Identity(Kind.DOCTOR, user_id=id_of(USER_OF_DOCTOR, number), doctor_ids=(id_of(DOCTOR, number),))


def fill(*, doctors: int, patients: int, visits: int) -> None:
    """Public doctors, patients with an account, a policy and notices, and confirmed visits.

    Visit k (from 1) is of patient 1 + k % patients with doctor 1 + k % 100. A doctor has sixteen of half an hour
    each day, as many behind as before them.
    """
    with acting_as_system("town"):
        _practices(doctors)
        _people(patients)
        _visits(visits, patients)
        _notices(patients)
    with acting_as(None), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _practices(count: int) -> None:
    first = practices.make_public_doctor(free_in=timedelta(days=1))
    key = {"id": _id(DOCTOR), "doctor_id": _id(DOCTOR)}
    _multiply(first.user, count, id=_id(USER_OF_DOCTOR), email="'d' || n || '@example.com'")
    _multiply(first, count, id=_id(DOCTOR), user_id=_id(USER_OF_DOCTOR), slug="'doctor-of-town-' || n")
    _multiply(Office.objects.get(doctor=first), count, **key)
    _multiply(VisitType.objects.get(doctor=first, kind="standard"), count, **key)
    _multiply(DoctorSpecialty.objects.get(doctor=first), count, **key)
    hours = WeeklyHours.objects.filter(doctor=first).order_by("day_of_week").first()
    _multiply(hours, count, **key | {"office_id": _id(DOCTOR)})
    availability = DoctorAvailability.objects.filter(doctor=first).order_by("visit_mode").first()
    _multiply(availability, count, **key)
    soon = "now() + n * interval '1 minute'"
    entry = DirectoryEntry.objects.get(doctor=first)
    _multiply(entry, count, **key, slug="'doctor-of-town-' || n", next_free_video_at=soon)


def _people(count: int) -> None:
    first = people.make_user()
    own = people.own_patient(first)
    key = {"id": _id(PATIENT), "patient_id": _id(PATIENT), "user_id": _id(USER_OF_PATIENT)}
    _multiply(first, count, id=_id(USER_OF_PATIENT), email="'p' || n || '@example.com'")
    _multiply(own, count, id=_id(PATIENT))
    _multiply(Profile.objects.get(user=first), count, **_of(Profile, key))
    _multiply(Guardianship.objects.get(user=first), count, **_of(Guardianship, key))
    _multiply(people.make_policy(own), count, **_of(PatientInsurance, key))


def _visits(count: int, patients: int) -> None:
    made = visits.make_doctor()
    user = people.make_user()
    first = visits.book(user, people.own_patient(user), made)
    of_patient = _id(PATIENT, f"1 + n % {patients}")
    of_doctor = _id(DOCTOR, f"1 + n % {BUSY_DOCTORS}")
    turn = f"(n / {BUSY_DOCTORS} - {count // BUSY_DOCTORS // 2})"
    start = f"date_trunc('hour', now()) + interval '90 minutes' * {turn}"
    end = f"{start} + interval '30 minutes'"
    booking = {"id": _id(BOOKING), "patient_id": of_patient, "doctor_id": of_doctor}
    _multiply(first, count, **booking, starts_at=start, ends_at=end, reference="'T-' || to_hex(n)")
    period = {"period": f"tstzrange({start}, {end})", "booking_id": _id(BOOKING), "id": "gen_random_uuid()"}
    for busy in BusyPeriod.objects.filter(booking=first):
        whose = {"doctor_id": of_doctor} if busy.doctor_id else {"patient_id": of_patient}
        _multiply(busy, count, **period, **whose)


def _notices(patients: int) -> None:
    """One for every patient about nothing in particular, and more for some about a visit of theirs."""
    first = messaging.make_notice(people.make_user())
    about = {"id": _id(PATIENT), "user_id": _id(USER_OF_PATIENT), "recipient_id": _id(PATIENT)}
    _multiply(first.notification, patients, **about, subject_id=_id(PATIENT))
    _multiply(first, patients, **_of(InboxNotice, about), notification_id=_id(PATIENT))
    told = f"2 + n % {TOLD}"
    about = {
        "id": _id(NOTICE),
        "user_id": _id(USER_OF_PATIENT, told),
        "booking_id": _id(BOOKING, f"1 + n % {TOLD}"),
    }
    whose = {"recipient_id": _id(PATIENT, told), "subject_id": _id(NOTICE)}
    _multiply(first.notification, TOLD * NOTICES, **about, **whose)
    _multiply(first, TOLD * NOTICES, **about, notification_id=_id(NOTICE))


def _id(kind: str, number: str = "n") -> str:
    return f"('{kind}-0000-4000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


def _of(model: type[models.Model], values: dict[str, str]) -> dict[str, str]:
    names = {each.column for each in model._meta.concrete_fields}
    return {name: value for name, value in values.items() if name in names}


def _multiply(first: Any, count: int, **different: str) -> None:
    """Rows like the first one, but for the columns given as SQL over `n`, from 1 to the number wanted."""
    fields = [each for each in first._meta.concrete_fields if not each.generated]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(different.get(each.column, f'f."{each.column}"') for each in fields)
    table = first._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}" AS f, generate_series(1, {count}) AS n'
            f" WHERE f.id = '{first.pk}'"
        )
