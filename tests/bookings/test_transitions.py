"""The table of moves, the services and the database's trigger agree on every pair of statuses, for everyone."""

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from bookings.models import Booking
from bookings.transitions import TRANSITIONS, may_move, trigger_sql
from medai.common.database import sqlstate
from medai.common.identity import Identity, Kind, acting_as, acting_as_system
from tests.factories import bookings as make

STATUSES = [status.value for status in Booking.Status]
PAIRS = [(source, target) for source in STATUSES for target in STATUSES if source != target]


@pytest.fixture
def booking(doctor, mariana, patient):
    return make.hold(mariana, patient, doctor)


def put(booking, status):
    """Bring the row into a status from below, past the trigger."""
    columns = "status = %s, hold_expires_at = %s, confirm_by = now() + interval '1 hour'"
    expires = booking.hold_expires_at if status == "held" else None
    with switched_off_trigger(), acting_as_system("test"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE bookings_booking SET {columns} WHERE id = %s", [status, expires, booking.pk])


@contextmanager
def switched_off_trigger():
    """The owner of the table may do this; no identity may."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bookings_booking DISABLE TRIGGER check_booking_transition")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bookings_booking ENABLE TRIGGER check_booking_transition")


def identity_of(kind, booking):
    return Identity(
        kind,
        user_id=booking.created_by_id,
        patient_ids=(booking.patient_id,) if kind == Kind.PATIENT else (),
        doctor_ids=(booking.doctor_id,) if kind == Kind.DOCTOR else (),
    )


def try_to_move(booking, target, kind):
    expires = booking.hold_expires_at if target == "held" else None
    with acting_as(identity_of(kind, booking)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_booking SET status = %s, hold_expires_at = %s WHERE id = %s",
            [target, expires, booking.pk],
        )
        return cursor.rowcount


@pytest.mark.parametrize("kind", [Kind.PATIENT, Kind.DOCTOR, Kind.ADMIN, Kind.SYSTEM])
@pytest.mark.django_db(transaction=True)
def test_the_trigger_lets_through_exactly_the_table(kind, booking):
    for source, target in PAIRS:
        put(booking, source)
        if may_move(source, target, kind):
            assert try_to_move(booking, target, kind) == 1, (source, target)
        else:
            with pytest.raises(DatabaseError) as refusal:
                try_to_move(booking, target, kind)
            assert sqlstate(refusal.value) == "MD001", (source, target)


def test_a_booking_starts_as_held_for_everybody_but_the_system(booking):
    with acting_as(identity_of(Kind.PATIENT, booking)):
        copy = Booking.objects.get(pk=booking.pk)
        copy.pk, copy.reference, copy.status, copy.hold_expires_at = None, "MA-NEW-1", "confirmed", None
        with pytest.raises(DatabaseError), transaction.atomic():
            copy.save(force_insert=True)


def test_a_patient_cannot_confirm_what_is_to_be_paid_online(booking):
    with acting_as_system("test"):
        Booking.objects.filter(pk=booking.pk).update(payment_method="online")
    with pytest.raises(DatabaseError) as refusal:
        try_to_move(booking, "confirmed", Kind.PATIENT)
    assert sqlstate(refusal.value) == "MD002"


def test_the_trigger_in_the_database_is_the_one_the_table_makes(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'check_booking_transition'")
        assert cursor.fetchone()[0].strip() in trigger_sql()


def test_no_move_leaves_an_end():
    ends = {"completed", "no_show", "cancelled_by_patient", "cancelled_by_doctor", "cancelled_by_admin"}
    assert not [pair for pair in TRANSITIONS if pair[0] in ends]
