"""Two people never get one time, whatever they do at once; and what keeps them apart is the constraint."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from bookings import errors
from bookings.models import Booking, BusyPeriod
from bookings.services import expiry, limits, occupancy
from medai.common.database import CLOCK
from medai.common.identity import acting_as_system
from tests.factories import bookings as make
from tests.races import race, without_constraint

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


def rivals_for(doctor, number=PEOPLE):
    users = [make.make_user() for _ in range(number)]
    patients = [make.make_patient(user) for user in users]
    return [
        lambda user=user, patient=patient: make.hold(user, patient, doctor)
        for user, patient in zip(users, patients, strict=True)
    ]


def overlapping_pairs():
    with acting_as_system("test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_busyperiod a JOIN bookings_busyperiod b"
            " ON a.person = b.person AND a.id < b.id AND a.period && b.period"
        )
        return cursor.fetchone()[0]


def all_find_it_free_at_once(monkeypatch):
    """Take the lock away, and let nobody write before everybody has looked."""
    everybody_looked = threading.Barrier(PEOPLE)
    take = occupancy.take

    def wait_and_take(*args, **kwargs):
        everybody_looked.wait(timeout=30)
        return take(*args, **kwargs)

    monkeypatch.setattr(occupancy, "locking", lambda *keys: [CLOCK])
    monkeypatch.setattr(occupancy, "take", wait_and_take)


def test_only_one_of_many_gets_the_slot():
    doctor = make.make_doctor()
    results = race(rivals_for(doctor))
    assert sum(isinstance(result, Booking) for result in results) == 1
    losers = [result for result in results if not isinstance(result, Booking)]
    assert [type(loser) for loser in losers] == [errors.SlotTaken] * (PEOPLE - 1)
    assert all(make.MONDAY_9 not in loser.alternatives and loser.alternatives for loser in losers)
    with acting_as_system("test"):
        assert Booking.objects.count() == 1
        assert BusyPeriod.objects.count() == 2


def test_one_patient_cannot_be_with_two_doctors_at_once():
    user = make.make_user()
    patient = make.make_patient(user)
    doctors = [make.make_doctor() for _ in range(4)]
    results = race([lambda doctor=doctor: make.hold(user, patient, doctor) for doctor in doctors])
    assert sum(isinstance(result, Booking) for result in results) == 1
    assert sum(isinstance(result, errors.PatientBusy) for result in results) == 3
    assert overlapping_pairs() == 0


def test_an_account_that_asks_for_many_at_once_gets_no_more_holds_than_one_after_the_other():
    user = make.make_user()
    family = [make.make_patient(user, relationship="child") for _ in range(PEOPLE)]
    doctors = [make.make_doctor() for _ in family]
    results = race(
        [
            lambda patient=patient, doctor=doctor: make.hold(user, patient, doctor)
            for patient, doctor in zip(family, doctors, strict=True)
        ]
    )
    assert sum(isinstance(result, Booking) for result in results) == limits.MAXIMUM_HOLDS_OF_ACCOUNT
    assert sum(isinstance(result, errors.TooManyHolds) for result in results) == (
        PEOPLE - limits.MAXIMUM_HOLDS_OF_ACCOUNT
    )


def test_an_account_that_moves_many_at_once_moves_no_more_than_one_after_the_other(monkeypatch):
    monkeypatch.setattr(limits, "MAXIMUM_MOVES_AN_HOUR", 2)
    user = make.make_user()
    family = [make.make_patient(user, relationship="child") for _ in range(6)]
    visits = [make.book(user, child, make.make_doctor()) for child in family]

    def move(visit):
        from bookings import services

        with make.as_user(user):
            return services.reschedule(booking_id=visit.pk, starts_at=make.MONDAY_9 + timedelta(hours=1))

    results = race([lambda visit=visit: move(visit) for visit in visits])
    assert sum(isinstance(result, Booking) for result in results) == 2
    assert sum(isinstance(result, errors.MovesTooOften) for result in results) == 4


def test_without_lock_and_slot_check_the_constraint_alone_still_lets_one_win(monkeypatch):
    doctor = make.make_doctor()
    rivals = rivals_for(doctor)
    all_find_it_free_at_once(monkeypatch)
    results = race(rivals)
    assert sum(isinstance(result, Booking) for result in results) == 1
    assert overlapping_pairs() == 0


def test_control_without_lock_and_constraint_the_slot_is_sold_twice(monkeypatch):
    doctor = make.make_doctor()
    rivals = rivals_for(doctor)
    all_find_it_free_at_once(monkeypatch)
    with without_constraint("bookings_busyperiod", "busy_period_no_overlap"):
        results = race(rivals)
        assert sum(isinstance(result, Booking) for result in results) == PEOPLE
        assert overlapping_pairs() > 0


def test_two_bookings_moved_to_one_slot_leave_one_where_it_was():
    doctor = make.make_doctor()
    people = [make.make_user() for _ in range(2)]
    bookings = [
        make.book(user, make.make_patient(user), doctor, make.MONDAY_9.replace(hour=15 + hour))
        for hour, user in enumerate(people)
    ]

    def move(user, booking):
        from bookings import services

        with make.as_user(user):
            return services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9)

    results = race([lambda pair=pair: move(*pair) for pair in zip(people, bookings, strict=True)])
    assert sum(isinstance(result, Booking) for result in results) == 1
    assert sum(isinstance(result, errors.SlotTaken) for result in results) == 1
    assert overlapping_pairs() == 0
    with acting_as_system("test"):
        assert Booking.objects.filter(starts_at=make.MONDAY_9).count() == 1
        assert BusyPeriod.objects.count() == 4


def test_confirming_and_expiring_at_once_ends_in_one_of_the_two():
    doctor = make.make_doctor()
    user = make.make_user()
    booking = make.hold(user, make.make_patient(user), doctor)

    def confirm():
        from bookings import services

        with make.as_user(user):
            return services.confirm(booking_id=booking.pk)

    def expire():
        from bookings import services

        with acting_as_system("test"):
            return services.expire_holds()

    with acting_as_system("test"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_booking SET hold_expires_at = clock_timestamp() - interval '1 second'"
        )
        cursor.execute(
            "UPDATE bookings_busyperiod SET hold_expires_at = clock_timestamp() - interval '1 second'"
        )
    results = race([confirm, expire])
    assert isinstance(results[0], errors.HoldExpired)
    with acting_as_system("test"):
        assert Booking.objects.get().status == "expired"
        assert BusyPeriod.objects.count() == 0


@pytest.mark.parametrize("first", ["the doctor's", "the patient's"])
def test_sweeping_holds_that_a_new_one_takes_the_place_of(first, monkeypatch):
    doctor, user, stranger = make.make_doctor(), make.make_user(), make.make_user()
    patient = make.make_patient(user)
    holds = {
        "the patient's": make.hold(user, patient, make.make_doctor()),
        "the doctor's": make.hold(stranger, make.make_patient(stranger), doctor),
    }
    with acting_as_system("test"):
        BusyPeriod.objects.update(hold_expires_at=Now() - timedelta(minutes=1))
        for name, booking in holds.items():
            age = timedelta(minutes=2 if name == first else 1)
            Booking.objects.filter(pk=booking.pk).update(hold_expires_at=Now() - age)
    has_released, release = threading.Event(), occupancy.release

    def release_and_wait(booking):
        release(booking)
        if not has_released.is_set():
            has_released.set()
            time.sleep(1.5)  # the new hold has looked for a deadlock once, and there was none

    def sweep():
        with acting_as_system("test"):
            return expiry.expire_holds()

    def take_their_place():
        has_released.wait(timeout=30)
        return make.hold(user, patient, doctor)

    monkeypatch.setattr(occupancy, "release", release_and_wait)
    swept, taken = race([sweep, take_their_place])
    assert swept == 2
    assert isinstance(taken, Booking)
