"""The people of a fault run: doctors with hours, patients with accounts, visits that took place."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from psycopg.types.range import Range

WEEKS = 2
SLOTS_A_DAY = 16


@dataclass
class Person:
    """A patient or a doctor as the API knows them. `subject` is the patient's or the doctor's id."""

    number: int
    email: str
    user_id: UUID
    subject: UUID
    is_doctor: bool = False
    visit_type: UUID | None = None
    token: str = ""

    @property
    def address(self) -> str:
        return f"10.{int(self.is_doctor) + 1}.0.{self.number + 1}"


@dataclass
class Town:
    doctors: list[Person] = field(default_factory=list)
    patients: list[Person] = field(default_factory=list)
    # Confirmed visits that have begun, by doctor: what a doctor can complete.
    begun: list[tuple[Person, str]] = field(default_factory=list)
    starts: list[datetime] = field(default_factory=list)


def settle(*, doctors: int, patients: int, begun: int) -> Town:
    """Make the people, of whom every other doctor confirms by hand, and nobody is ever not to be disturbed."""
    from tests.factories import bookings as make

    days = [day for day in range(7 * WEEKS) if day % 7 < 5]
    town = Town(
        starts=[
            make.MONDAY_9 + timedelta(days=day, minutes=30 * slot)
            for day in days
            for slot in range(SLOTS_A_DAY)
        ]
    )
    for number in range(doctors):
        doctor = make.make_doctor(confirmation_mode="by_hand" if number % 2 else "automatic")
        visit_type = make.visit_type_of(doctor).pk
        user = doctor.user
        town.doctors.append(Person(number, user.email, user.pk, doctor.pk, True, visit_type))
    for number in range(patients):
        user = make.make_user()
        patient = make.make_patient(user)
        town.patients.append(Person(number, user.email, user.pk, patient.pk))
    _never_quiet([person.user_id for person in (*town.doctors, *town.patients)])
    _visits_that_began(town, begun)
    for person in (*town.doctors, *town.patients):
        sign_in(person)
    return town


def sign_in(person: Person) -> None:
    """Give a person a fresh access token, as signing in does."""
    from accounts.models import User
    from accounts.services import sessions
    from medai.common.identity import acting_as_system

    with acting_as_system("fault run"):
        user = User.objects.get(pk=person.user_id)
        person.token = sessions.open_api_session(user=user, ip_address=person.address).access


def _never_quiet(user_ids: list[UUID]) -> None:
    from medai.common.identity import acting_as_system
    from messaging.models import NotificationPreferences

    with acting_as_system("fault run"):
        NotificationPreferences.objects.bulk_create(
            NotificationPreferences(user_id=pk, quiet_from_minute=0, quiet_until_minute=0) for pk in user_ids
        )


def _visits_that_began(town: Town, count: int) -> None:
    """Confirmed visits of the last hours, with the rows that the services would have left behind."""
    from bookings.models import Booking, BookingTransition, BusyPeriod
    from medai.common.identity import acting_as_system

    now = datetime.now(UTC).replace(second=0, microsecond=0)
    bookings, moves, busy = [], [], []
    for number in range(count):
        turn, which = divmod(number, len(town.doctors))
        doctor = town.doctors[which]
        patient = town.patients[(turn * len(town.doctors) + which) % len(town.patients)]
        start = now - timedelta(minutes=30 * (turn + 1))
        end = start + timedelta(minutes=30)
        booking = Booking(
            patient_id=patient.subject,
            doctor_id=doctor.subject,
            visit_type_id=doctor.visit_type,
            visit_mode="video",
            starts_at=start,
            ends_at=end,
            duration_minutes=30,
            status=Booking.Status.CONFIRMED,
            price_minor=0,
            currency="COP",
            payment_method="free",
            free_cancellation_hours=24,
            late_fee_percent=0,
        )
        bookings.append(booking)
        moves.append(
            BookingTransition(booking=booking, to_status="confirmed", actor_kind="system", starts_at=start)
        )
        for person in ({"doctor_id": doctor.subject}, {"patient_id": patient.subject}):
            busy.append(BusyPeriod(booking=booking, period=Range(start, end), **person))
        town.begun.append((doctor, str(booking.pk)))
    with acting_as_system("fault run"):
        Booking.objects.bulk_create(bookings)
        BookingTransition.objects.bulk_create(moves)
        BusyPeriod.objects.bulk_create(busy)
