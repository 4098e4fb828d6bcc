"""Ways around the rules that somebody might try, and who may no longer do what they could a moment ago."""

from datetime import timedelta

import pytest

from accounts.errors import RefusedUnderImpersonation
from accounts.identity import identity_for
from accounts.models import Guardianship, Patient
from accounts.services import users
from bookings import errors, services
from bookings.calendars import feeds
from bookings.links import booking_url
from bookings.models import Booking, BusyPeriod, CalendarFeed
from doctors.models import Doctor
from medai.common.identity import Identity, Kind, acting_as, acting_as_system
from tests.doctors.api import call
from tests.factories import accounts as people
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def reloaded(booking):
    with acting_as_system("test"):
        return Booking.objects.get(pk=booking.pk)


def change(model, pk, **fields):
    with acting_as_system("test"):
        model.objects.filter(pk=pk).update(**fields)


def test_a_visit_is_not_moved_to_new_times_of_a_doctor_who_may_not_be_booked(mariana, patient, doctor):
    booking = make.book(mariana, patient, doctor)
    change(Doctor, doctor.pk, is_approved=False)
    with make.as_user(mariana), pytest.raises(errors.DoctorUnavailable):
        services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9 + HOUR)
    assert reloaded(booking).starts_at == make.MONDAY_9
    with make.as_user(doctor.user):
        services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9 + HOUR)
    assert reloaded(booking).starts_at == make.MONDAY_9 + HOUR


def test_a_hold_is_not_given_to_somebody_new_where_only_known_patients_are_seen(mariana, patient, doctor):
    seen = make.put_in_the_past(make.book(mariana, patient, doctor))
    with make.as_user(doctor.user):
        services.complete(booking_id=seen.pk)
    change(Doctor, doctor.pk, is_accepting_new_patients=False)
    stranger = make.make_patient(mariana, "child")
    booking = make.hold(mariana, patient, doctor, make.MONDAY_9 + HOUR)
    with make.as_user(mariana), pytest.raises(errors.NotAcceptingNewPatients):
        services.describe(booking_id=booking.pk, patient_id=stranger.pk)
    assert reloaded(booking).patient_id == patient.pk


def test_a_hold_that_ran_out_does_not_keep_another_from_being_given_to_the_same_person(
    mariana, patient, doctor
):
    child = make.make_patient(mariana, "child")
    run_out = make.hold(mariana, child, make.make_doctor())
    with acting_as_system("test"):
        past = run_out.hold_expires_at - timedelta(minutes=11)
        Booking.objects.filter(pk=run_out.pk).update(hold_expires_at=past)
        BusyPeriod.objects.filter(booking=run_out).update(hold_expires_at=past)
    booking = make.hold(mariana, patient, doctor)
    with make.as_user(mariana):
        services.describe(booking_id=booking.pk, patient_id=child.pk)
        assert services.confirm(booking_id=booking.pk).patient_id == child.pk


def test_an_impersonator_leaves_with_no_calendar_address(mariana, patient):
    admin = people.make_staff()
    with acting_as(identity_for(mariana, actor=admin)), pytest.raises(RefusedUnderImpersonation):
        feeds.create_feed(user=mariana)
    with acting_as_system("test"):
        assert not CalendarFeed.objects.exists()


def link(booking, user):
    return (
        booking_url(booking, "cancel", user_id=user.pk).partition("//")[2].partition("/")[2].join(["/", ""])
    )


def ban(user):
    with acting_as(Identity(Kind.ADMIN, user_id=people.make_staff().pk)):
        users.ban(user_id=user.pk)


def stop_caring(user):
    with acting_as_system("test"):
        Guardianship.objects.filter(user=user).delete()


@pytest.mark.parametrize("end", [ban, stop_caring])
def test_the_link_in_a_message_works_as_long_as_its_reader_cares_for_the_patient(
    client, mariana, patient, doctor, end
):
    father = make.make_user()
    with acting_as_system("test"):
        Guardianship.objects.create(user=father, patient=patient, relationship="parent")
    booking = make.book(mariana, patient, doctor)
    assert client.get(link(booking, father)).status_code == 200
    end(father)
    assert client.get(link(booking, father)).status_code == 404
    assert client.post(link(booking, father), {"do": "cancel"}).status_code == 404
    assert reloaded(booking).status == "confirmed"
    assert client.get(link(booking, mariana)).status_code == 200


def test_a_doctor_hears_of_nobody_who_only_reserves_a_time(mariana, patient, doctor):
    known = make.book(mariana, patient, doctor)
    held = make.hold(mariana, patient, doctor, make.MONDAY_9 + HOUR, patient_notes="Palpitaciones")
    listed = call(doctor.user, "get", "doctor/bookings/").json()["data"]["results"]
    assert [one["id"] for one in listed] == [str(known.pk)]
    assert call(doctor.user, "get", f"doctor/bookings/{held.pk}/").status_code == 404
    assert call(mariana, "get", f"patient/bookings/{held.pk}/").status_code == 200


def left_by_hand(user, patient, doctor):
    held = make.hold(user, patient, doctor, patient_notes="Palpitaciones")
    with make.as_user(user):
        return services.cancel(booking_id=held.pk)


def left_for_another_time(user, patient, doctor):
    held = make.hold(user, patient, doctor, patient_notes="Palpitaciones")
    make.hold(user, patient, doctor, make.MONDAY_9 + HOUR)
    return held


@pytest.mark.parametrize("leave", [left_by_hand, left_for_another_time])
def test_a_time_that_was_held_and_left_is_nobodys_cancelled_visit(leave, client, mariana, patient, doctor):
    held = leave(mariana, patient, doctor)
    assert reloaded(held).status == "cancelled_by_patient"
    for user, page in [
        (doctor.user, "/doctor/bookings/?show=cancelled"),
        (mariana, "/patient/bookings/?show=past"),
    ]:
        assert str(held.pk) not in make.sign_in(client, user).get(page).content.decode()
    assert call(doctor.user, "get", "doctor/bookings/").json()["data"]["total"] == 0
    assert call(doctor.user, "post", f"doctor/bookings/{held.pk}/cancel/").status_code == 404
    with make.as_user(doctor.user):
        assert not Patient.objects.filter(pk=patient.pk).exists()
    with acting_as_system("test"):
        assert not Booking.objects.booked().exists()
