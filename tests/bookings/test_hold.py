"""Reserving a time: what is checked, what is refused, and that a refusal leaves nothing behind."""

import uuid
from datetime import timedelta

import pytest

from accounts.services import people
from bookings import errors, services
from bookings.models import Booking, BookingTransition, BusyPeriod
from bookings.services import limits
from doctors.services import profiles
from medai.common import outbox
from medai.common.identity import acting_as_system
from medai.common.outbox.models import OutboxEvent
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db
HALF_HOUR = timedelta(minutes=30)


def rows():
    with acting_as_system("test"):
        return (
            Booking.objects.count(),
            BusyPeriod.objects.count(),
            BookingTransition.objects.count(),
            OutboxEvent.objects.count(),
        )


def test_a_hold_occupies_doctor_and_patient_until_it_runs_out(mariana, patient, doctor):
    booking = make.hold(mariana, patient, doctor)
    with acting_as_system("test"):
        periods = {period.person: period for period in BusyPeriod.objects.all()}
    assert booking.status == "held"
    assert set(periods) == {doctor.pk, patient.pk}
    assert {period.hold_expires_at for period in periods.values()} == {booking.hold_expires_at}
    assert booking.price_minor == 18_000_000
    assert booking.free_cancellation_hours == doctor.free_cancellation_hours
    assert rows()[3] >= 1


def test_the_doctors_time_includes_the_breaks(mariana, patient):
    doctor = make.make_doctor(buffer_before_minutes=5, buffer_after_minutes=10)
    make.hold(mariana, patient, doctor, make.MONDAY_9 + HALF_HOUR)
    with acting_as_system("test"):
        period = BusyPeriod.objects.get(doctor=doctor).period
    assert period.lower == make.MONDAY_9 + timedelta(minutes=25)
    assert period.upper == make.MONDAY_9 + timedelta(minutes=70)


@pytest.mark.parametrize(
    ("shift", "error"),
    [
        (timedelta(minutes=7), errors.SlotNotOffered),
        (-timedelta(hours=3), errors.SlotNotOffered),
        (-timedelta(days=60), errors.SlotInThePast),
        (timedelta(days=700), errors.SlotTooFarAhead),
    ],
)
def test_a_time_that_is_not_offered_is_refused(shift, error, mariana, patient, doctor):
    before = rows()
    with pytest.raises(error) as refusal:
        make.hold(mariana, patient, doctor, make.MONDAY_9 + shift)
    assert refusal.value.field == "starts_at"
    assert rows() == before


def test_too_little_notice_is_refused(mariana, patient):
    doctor = make.make_doctor(minimum_notice_minutes=60 * 24 * 60)
    with pytest.raises(errors.SlotTooSoon):
        make.hold(mariana, patient, doctor)


def test_a_taken_time_offers_the_nearest_free_ones(mariana, patient, doctor):
    make.hold(mariana, patient, doctor)
    other = make.make_user()
    before = rows()
    with pytest.raises(errors.SlotTaken) as refusal:
        make.hold(other, make.make_patient(other), doctor)
    assert refusal.value.alternatives[:2] == sorted(refusal.value.alternatives)[:2]
    assert make.MONDAY_9 + HALF_HOUR in refusal.value.alternatives
    assert rows() == before


def test_a_patient_who_is_somewhere_else_then_is_told_so(mariana, patient, doctor):
    make.book(mariana, patient, make.make_doctor())
    with pytest.raises(errors.PatientBusy):
        make.hold(mariana, patient, doctor)


def test_choosing_another_time_gives_the_first_one_back(mariana, patient, doctor):
    first = make.hold(mariana, patient, doctor)
    second = make.hold(mariana, patient, doctor, make.MONDAY_9 + HALF_HOUR)
    with acting_as_system("test"):
        first.refresh_from_db()
        assert first.status == "cancelled_by_patient"
        assert set(BusyPeriod.objects.values_list("booking", flat=True)) == {second.pk}


def test_a_fourth_hold_with_yet_another_doctor_is_refused(mariana, patient, doctor):
    for hour in range(3):
        make.hold(mariana, patient, make.make_doctor(), make.MONDAY_9 + timedelta(hours=hour))
    with pytest.raises(errors.TooManyHolds):
        make.hold(mariana, patient, doctor, make.MONDAY_9 + timedelta(hours=4))


def test_an_account_has_a_limit_for_all_it_cares_for(mariana, monkeypatch):
    monkeypatch.setattr(limits, "MAXIMUM_HOLDS_OF_ACCOUNT", 2)
    family = [make.make_patient(mariana, "self"), *(make.make_patient(mariana, "child") for _ in range(2))]
    first = make.hold(mariana, family[0], make.make_doctor())
    make.hold(mariana, family[1], make.make_doctor())
    before = rows()
    with pytest.raises(errors.TooManyHolds):
        make.hold(mariana, family[2], make.make_doctor())
    assert rows() == before
    with make.as_user(mariana):
        services.cancel(booking_id=first.pk)
    assert make.hold(mariana, family[2], make.make_doctor()).status == "held"


def test_choosing_again_and_again_comes_to_an_end(mariana, patient, doctor, monkeypatch):
    """Each choice gives the one before back, so the limit on holds at the same time never counts them."""
    monkeypatch.setattr(limits, "MAXIMUM_HOLDS_AN_HOUR", 3)
    for turn in range(3):
        make.hold(mariana, patient, doctor, make.MONDAY_9 + turn * HALF_HOUR)
    before = rows()
    with pytest.raises(errors.HoldsTooOften) as refusal:
        make.hold(mariana, patient, doctor, make.MONDAY_9 + 3 * HALF_HOUR)
    assert 3500 < refusal.value.retry_after <= 3600
    assert rows() == before
    # Others are not concerned, nor are staff, who book for many.
    other = make.make_user()
    assert make.hold(other, make.make_patient(other), doctor, make.MONDAY_9 + 4 * HALF_HOUR).status == "held"
    staff = make.make_user("admin")
    for turn in range(5, 9):
        make.hold(staff, make.make_patient(), doctor, make.MONDAY_9 + turn * HALF_HOUR)
    monkeypatch.setattr(limits, "HOUR", timedelta(0))
    assert make.hold(mariana, patient, doctor, make.MONDAY_9 + 3 * HALF_HOUR).status == "held"


def test_people_who_come_and_go_do_not_give_an_account_more_holds(mariana, patient, doctor, monkeypatch):
    monkeypatch.setattr(limits, "MAXIMUM_HOLDS_AN_HOUR", 3)
    for turn in range(3):
        child = make.make_patient(mariana, relationship="child")
        make.hold(mariana, child, doctor, make.MONDAY_9 + turn * HALF_HOUR)
        people.remove_dependent(user=mariana, patient_id=child.pk)
        outbox.drain()
        outbox.drain()
    before = rows()
    with pytest.raises(errors.HoldsTooOften) as refusal:
        make.hold(mariana, make.make_patient(mariana, relationship="child"), doctor)
    assert 3500 < refusal.value.retry_after <= 3600
    assert rows() == before
    # A father who cares for the same child is not concerned.
    father = make.make_user()
    assert make.hold(father, make.make_patient(father), doctor).status == "held"


def test_a_hold_that_ran_out_blocks_nobody_though_nothing_swept_it(mariana, patient, doctor):
    make.hold(mariana, patient, doctor, lifetime=-timedelta(seconds=1))
    other = make.make_user()
    booking = make.book(other, make.make_patient(other), doctor)
    assert booking.status == "confirmed"


def test_only_for_those_one_cares_for(mariana, patient, doctor):
    stranger = make.make_user()
    before = rows()
    with pytest.raises(errors.PatientNotFound):
        make.hold(stranger, patient, doctor)
    assert rows() == before


def test_a_mother_books_for_her_child(mariana, patient, doctor):
    child = make.make_patient(mariana, "child")
    assert make.book(mariana, child, doctor).patient_id == child.pk


@pytest.mark.parametrize(
    "change", [{"is_approved": False}, {"is_active": False}, {"credential_status": "rejected"}]
)
def test_a_doctor_who_is_not_public_takes_no_bookings(change, mariana, patient):
    doctor = make.make_doctor(**change)
    with pytest.raises(errors.DoctorUnavailable):
        make.hold(mariana, patient, doctor)


def test_a_doctor_without_room_for_new_patients_still_sees_those_who_came_before(mariana, patient):
    doctor = make.make_doctor(is_accepting_new_patients=False)
    with pytest.raises(errors.NotAcceptingNewPatients):
        make.hold(mariana, patient, doctor)
    with acting_as_system("test"):
        type(doctor).objects.update(is_accepting_new_patients=True)
    earlier = make.put_in_the_past(make.book(mariana, patient, doctor))
    with make.as_user(doctor.user):
        services.complete(booking_id=earlier.pk)
    with acting_as_system("test"):
        type(doctor).objects.update(is_accepting_new_patients=False)
    assert make.hold(mariana, patient, doctor, make.MONDAY_9 + HALF_HOUR).status == "held"


def test_what_the_doctor_does_not_offer_is_named(mariana, patient, doctor):
    other_type = make.visit_type_of(make.make_doctor())
    with pytest.raises(errors.VisitTypeNotOffered):
        make.hold(mariana, patient, doctor, visit_type_id=other_type.pk)
    with make.changing_practice(doctor):
        doctor.visit_types.update(modes=["video"])
    with pytest.raises(errors.VisitModeNotOffered):
        make.hold(mariana, patient, doctor)
    with pytest.raises(errors.SlotNotOffered):
        make.hold(
            mariana,
            patient,
            doctor,
            visit_mode="video",
            office_id=uuid.uuid4(),
            starts_at=make.MONDAY_9 + timedelta(days=5),
        )


def test_a_full_day_takes_no_more(mariana, patient):
    doctor = make.make_doctor(maximum_per_day=1)
    make.book(mariana, patient, doctor)
    other = make.make_user()
    with pytest.raises(errors.DayIsFull):
        make.hold(other, make.make_patient(other), doctor, make.MONDAY_9 + timedelta(hours=3))


def test_a_free_visit_needs_no_payment_and_a_paid_one_must_be_payable(mariana, patient):
    free = make.make_doctor(fee_minor=0)
    assert make.hold(mariana, patient, free).payment_method == "free"
    nowhere = make.make_doctor(accepts_payment_at_clinic=False)
    with pytest.raises(errors.PaymentMethodNotOffered):
        make.hold(mariana, patient, nowhere, make.MONDAY_9 + timedelta(hours=2))


def test_a_booking_names_the_specialty_that_the_doctor_has_now(mariana, patient, doctor):
    before = make.hold(mariana, patient, doctor)
    other = make.make_specialty()
    with acting_as_system("test"):
        profiles.update_profile(doctor_id=doctor.pk, specialties=[other.pk])
    after = make.hold(mariana, patient, doctor, make.MONDAY_9 + HALF_HOUR)
    assert before.specialty_id != other.pk
    assert after.specialty_id == other.pk


def test_whoever_stops_caring_for_somebody_keeps_no_time_for_them(mariana, patient, doctor):
    child, cousin = (make.make_patient(mariana, relationship="child") for _ in range(2))
    kept = make.hold(mariana, cousin, make.make_doctor())
    left = make.hold(mariana, child, doctor)
    people.remove_dependent(user=mariana, patient_id=child.pk)
    outbox.drain()
    outbox.drain()
    with acting_as_system("test"):
        assert Booking.objects.get(pk=left.pk).status == "cancelled_by_patient"
        assert Booking.objects.get(pk=kept.pk).status == "held"
        assert not BusyPeriod.objects.filter(booking=left).exists()
    other = make.make_user()
    assert make.hold(other, make.make_patient(other), doctor).starts_at == left.starts_at
