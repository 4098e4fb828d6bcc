"""From a hold to what became of the visit: confirming, cancelling, moving, finishing."""

from datetime import timedelta

import pytest

from bookings import errors, policies, services
from bookings.models import Booking, BookingTransition, BusyPeriod
from bookings.services import limits
from doctors.models import Doctor, VisitType
from medai.common.database import database_now
from medai.common.identity import Kind, acting_as_system
from medai.common.outbox.models import OutboxEvent
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def reloaded(booking):
    with acting_as_system("test"):
        return Booking.objects.select_related("doctor").get(pk=booking.pk)


def busy(booking):
    with acting_as_system("test"):
        return BusyPeriod.objects.filter(booking=booking).count()


def kinds_of_events():
    with acting_as_system("test"):
        return set(OutboxEvent.objects.values_list("kind", flat=True))


def update(model, pk, **fields):
    with acting_as_system("test"):
        model.objects.filter(pk=pk).update(**fields)


def test_confirming_makes_the_time_permanent(mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    with acting_as_system("test"):
        assert set(BusyPeriod.objects.values_list("hold_expires_at", flat=True)) == {None}
        moves = list(BookingTransition.objects.values_list("from_status", "to_status", "actor_kind"))
    assert booking.status == "confirmed"
    assert moves == [("", "held", "patient"), ("held", "confirmed", "patient")]
    assert {"booking.held", "booking.confirmed"} <= kinds_of_events()


def test_confirming_twice_changes_nothing(mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    with make.as_user(mariana):
        assert services.confirm(booking_id=booking.pk).updated_at == reloaded(booking).updated_at


def test_a_hold_that_ran_out_cannot_be_confirmed(mariana, patient, doctor):
    booking = make.hold(mariana, patient, doctor, lifetime=-timedelta(seconds=1))
    with make.as_user(mariana), pytest.raises(errors.HoldExpired) as refusal:
        services.confirm(booking_id=booking.pk)
    assert make.MONDAY_9 in refusal.value.alternatives
    assert reloaded(booking).status == "held"


def test_a_strangers_hold_does_not_exist(mariana, patient, doctor):
    booking = make.hold(mariana, patient, doctor)
    for verb in (services.confirm, services.cancel, services.complete, services.mark_no_show):
        with make.as_user(make.make_user()), pytest.raises(errors.BookingNotFound):
            verb(booking_id=booking.pk)
    assert reloaded(booking).status == "held"


def test_a_doctor_who_left_meanwhile_is_not_booked(mariana, patient, doctor):
    booking = make.hold(mariana, patient, doctor)
    update(type(doctor), doctor.pk, is_approved=False)
    with make.as_user(mariana), pytest.raises(errors.DoctorUnavailable):
        services.confirm(booking_id=booking.pk)
    assert reloaded(booking).status == "held"


def test_the_doctor_confirms_by_hand_until_a_deadline(mariana, patient):
    doctor = make.make_doctor(confirmation_mode="by_hand", confirmation_deadline_hours=24)
    booking = make.book(mariana, patient, doctor)
    assert booking.status == "pending_confirmation"
    assert booking.confirm_by < booking.starts_at
    with make.as_user(doctor.user):
        assert services.confirm(booking_id=booking.pk).status == "confirmed"
    assert reloaded(booking).confirm_by is None


def test_a_doctor_who_misses_the_deadline_loses_the_booking(mariana, patient):
    doctor = make.make_doctor(confirmation_mode="by_hand")
    booking = make.book(mariana, patient, doctor)
    with acting_as_system("test"):
        assert services.cancel_unconfirmed() == 0
    update(Booking, booking.pk, confirm_by=booking.created_at - HOUR)
    with acting_as_system("test"):
        assert services.cancel_unconfirmed() == 1
        assert services.cancel_unconfirmed() == 0
    assert reloaded(booking).status == "cancelled_by_doctor"
    assert busy(booking) == 0


@pytest.mark.parametrize("who", ["doctor", "admin"])
def test_after_the_deadline_nobody_confirms_or_moves_it_though_nothing_swept_it(who, mariana, patient):
    doctor = make.make_doctor(confirmation_mode="by_hand")
    booking = make.book(mariana, patient, doctor)
    user = doctor.user if who == "doctor" else make.make_user("admin")
    deadline = database_now() - timedelta(seconds=1)
    update(Booking, booking.pk, confirm_by=deadline)
    with make.as_user(user):
        with pytest.raises(errors.ConfirmationOverdue):
            services.confirm(booking_id=booking.pk)
        with pytest.raises(errors.ConfirmationOverdue):
            services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9 + HOUR)
    late = reloaded(booking)
    assert (late.status, late.confirm_by) == ("pending_confirmation", deadline)
    assert (late.starts_at, busy(booking)) == (make.MONDAY_9, 2)


def test_what_is_paid_online_is_confirmed_by_the_system_alone(mariana, patient, doctor, settings):
    settings.ONLINE_PAYMENTS = True
    booking = make.hold(mariana, patient, doctor)
    assert booking.payment_method == "online"
    with make.as_user(mariana), pytest.raises(errors.PaymentRequired):
        services.confirm(booking_id=booking.pk)
    with acting_as_system("payment"):
        assert services.confirm(booking_id=booking.pk).status == "confirmed"


@pytest.mark.parametrize("is_swept", [True, False])
def test_a_late_payment_gets_the_time_back_if_it_is_free(is_swept, mariana, patient, doctor):
    booking = make.hold(mariana, patient, doctor, lifetime=-timedelta(seconds=1))
    with acting_as_system("payment"):
        if is_swept:
            assert services.expire_holds() == 1
        assert services.confirm(booking_id=booking.pk).status == "confirmed"
        assert services.expire_holds() == 0
    assert busy(booking) == 2
    with acting_as_system("test"):
        assert not BusyPeriod.objects.exclude(hold_expires_at=None).exists()


@pytest.mark.parametrize(("is_swept", "status"), [(True, "expired"), (False, "held")])
def test_a_late_payment_for_a_time_that_is_gone_is_told_so(is_swept, status, mariana, patient, doctor):
    booking = make.hold(mariana, patient, doctor, lifetime=-timedelta(seconds=1))
    other = make.make_user()
    make.book(other, make.make_patient(other), doctor)
    with acting_as_system("payment"):
        if is_swept:
            services.expire_holds()
        with pytest.raises(errors.SlotTaken):
            services.confirm(booking_id=booking.pk)
    assert reloaded(booking).status == status


@pytest.mark.parametrize(
    ("who", "status"), [("patient", "cancelled_by_patient"), ("doctor", "cancelled_by_doctor")]
)
def test_cancelling_frees_the_time(who, status, mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    with make.as_user(mariana if who == "patient" else doctor.user):
        services.cancel(booking_id=booking.pk, reason="Viaje")
        assert services.cancel(booking_id=booking.pk).cancellation_reason == "Viaje"
    cancelled = reloaded(booking)
    assert (cancelled.status, cancelled.cancellation_reason, busy(booking)) == (status, "Viaje", 0)
    other = make.make_user()
    assert make.book(other, make.make_patient(other), doctor).status == "confirmed"


def test_only_a_patient_who_cancels_late_pays_a_fee(mariana, patient):
    doctor = make.make_doctor(free_cancellation_hours=24, late_fee_percent=50)
    booking = make.book(mariana, patient, doctor)
    late = booking.starts_at - HOUR
    early = booking.starts_at - timedelta(hours=24)
    terms = policies.cancellation_terms
    assert terms(booking, kind=Kind.PATIENT, now=early).refund_minor == 18_000_000
    assert terms(booking, kind=Kind.PATIENT, now=late).fee_minor == 9_000_000
    assert terms(booking, kind=Kind.DOCTOR, now=late).is_free


def test_a_visit_that_began_cannot_be_cancelled(mariana, patient, doctor):
    booking = make.put_in_the_past(make.book(mariana, patient, doctor))
    with make.as_user(mariana), pytest.raises(errors.TooLateToCancel):
        services.cancel(booking_id=booking.pk)
    assert reloaded(booking).status == "confirmed"


def test_moving_keeps_one_time_and_counts_the_change(mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    with make.as_user(mariana):
        moved = services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9 + HOUR)
    assert (moved.starts_at, moved.revision, busy(booking)) == (make.MONDAY_9 + HOUR, 1, 2)
    assert "booking.rescheduled" in kinds_of_events()


def test_moving_again_and_again_comes_to_an_end(mariana, patient, doctor, monkeypatch):
    monkeypatch.setattr(limits, "MAXIMUM_MOVES_AN_HOUR", 2)
    child = make.make_patient(mariana, relationship="child")
    visits = [make.book(mariana, patient, doctor), make.book(mariana, child, make.make_doctor())]
    with make.as_user(mariana):
        for visit in visits:
            services.reschedule(booking_id=visit.pk, starts_at=make.MONDAY_9 + HOUR)
        with pytest.raises(errors.MovesTooOften) as refusal:
            services.reschedule(booking_id=visits[0].pk, starts_at=make.MONDAY_9)
        assert 3500 < refusal.value.retry_after <= 3600
    assert reloaded(visits[0]).starts_at == make.MONDAY_9 + HOUR
    assert busy(visits[0]) == 2
    # The doctor may still move it, and so may the patient once that hour is over.
    with make.as_user(doctor.user):
        services.reschedule(booking_id=visits[0].pk, starts_at=make.MONDAY_9 + 2 * HOUR)
    monkeypatch.setattr(limits, "HOUR", timedelta(0))
    with make.as_user(mariana):
        services.reschedule(booking_id=visits[0].pk, starts_at=make.MONDAY_9)
    assert reloaded(visits[0]).starts_at == make.MONDAY_9


def test_moving_by_less_than_the_visit_is_long_does_not_collide_with_itself(mariana, patient):
    doctor = make.make_doctor(slot_minutes=15)
    with make.changing_practice(doctor):
        doctor.visit_types.update(duration_minutes=60)
    booking = make.book(mariana, patient, doctor)
    with make.as_user(mariana):
        moved = services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9 + timedelta(minutes=15))
    assert moved.starts_at == make.MONDAY_9 + timedelta(minutes=15)


@pytest.mark.parametrize("minutes_now", [15, 60])
def test_a_visit_keeps_its_length_though_new_ones_have_another(minutes_now, mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    with make.changing_practice(doctor):
        Doctor.objects.filter(pk=doctor.pk).update(slot_minutes=15)
        VisitType.objects.filter(doctor=doctor).update(duration_minutes=minutes_now)
    with make.as_user(mariana):
        services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9 + HOUR)
    assert reloaded(booking).ends_at == make.MONDAY_9 + HOUR + timedelta(minutes=30)
    with acting_as_system("test"):
        ends = set(BusyPeriod.objects.filter(booking=booking).values_list("ends_at", flat=True))
    assert ends == {reloaded(booking).ends_at}
    other = make.make_user()
    another = make.make_patient(other)
    with pytest.raises(errors.SlotTaken):
        make.hold(other, another, doctor, make.MONDAY_9 + HOUR + timedelta(minutes=15))
    assert make.hold(other, another, doctor, make.MONDAY_9 + HOUR + timedelta(minutes=30)).status == "held"


def test_moving_to_a_taken_time_changes_nothing(mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    other = make.make_user()
    make.book(other, make.make_patient(other), doctor, make.MONDAY_9 + HOUR)
    for user in (mariana, doctor.user):
        with make.as_user(user), pytest.raises(errors.SlotTaken) as refusal:
            services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9 + HOUR)
        assert refusal.value.alternatives
    assert reloaded(booking).starts_at == make.MONDAY_9
    assert busy(booking) == 2


def test_the_doctor_may_move_a_visit_outside_the_hours(mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    evening = make.MONDAY_9 + timedelta(hours=10)
    with make.as_user(mariana), pytest.raises(errors.SlotNotOffered):
        services.reschedule(booking_id=booking.pk, starts_at=evening)
    with make.as_user(doctor.user):
        assert services.reschedule(booking_id=booking.pk, starts_at=evening).starts_at == evening


def test_a_patient_cannot_move_a_visit_once_that_would_cost(mariana, patient):
    doctor = make.make_doctor(free_cancellation_hours=720, late_fee_percent=50)
    booking = make.book(mariana, patient, doctor)
    with make.as_user(mariana), pytest.raises(errors.TooLateToChange):
        services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9 + HOUR)
    with make.as_user(doctor.user):
        assert services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9 + HOUR).revision == 1


@pytest.mark.parametrize(("verb", "status"), [("complete", "completed"), ("mark_no_show", "no_show")])
def test_the_doctor_records_what_became_of_a_visit_once_it_began(verb, status, mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    finish = getattr(services, verb)
    with make.as_user(doctor.user), pytest.raises(errors.TooEarly):
        finish(booking_id=booking.pk)
    make.put_in_the_past(booking)
    with make.as_user(mariana), pytest.raises(errors.TransitionNotAllowed):
        finish(booking_id=booking.pk)
    with make.as_user(doctor.user):
        assert finish(booking_id=booking.pk).status == status


def test_sweeping_marks_only_what_ran_out(mariana, patient, doctor):
    running = make.hold(mariana, patient, doctor)
    other = make.make_user()
    run_out = make.hold(
        other, make.make_patient(other), doctor, make.MONDAY_9 + HOUR, lifetime=-timedelta(seconds=1)
    )
    with acting_as_system("test"):
        assert services.expire_holds() == 1
    assert (reloaded(running).status, reloaded(run_out).status) == ("held", "expired")
    assert (busy(running), busy(run_out)) == (2, 0)


def test_staff_book_on_a_patients_behalf_without_asking_the_doctor(patient):
    doctor = make.make_doctor(confirmation_mode="by_hand")
    with make.as_user(make.make_user("admin")):
        booking = services.book_for_patient(
            doctor_id=doctor.pk,
            patient_id=patient.pk,
            visit_type_id=make.visit_type_of(doctor).pk,
            visit_mode="in_person",
            starts_at=make.MONDAY_9,
        )
    assert (booking.status, booking.channel) == ("confirmed", "admin_manual")
