"""The figures of a practice count its own visits, also where no policy of the database keeps others' away."""

from datetime import timedelta

import pytest

from bookings import services
from bookings.kpis import doctor_kpis
from medai.common.identity import acting_as_system
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def attended(user, patient, doctor, booked_for):
    """A visit of more than a month ago."""
    booking = make.put_in_the_past(make.book(user, patient, doctor, booked_for), hours=40 * 24)
    with make.as_user(doctor.user):
        services.complete(booking_id=booking.pk)


def figures(doctor):
    with acting_as_system("test"):
        return doctor_kpis(doctor, now=make.MONDAY_9 + HOUR)


def test_a_patient_comes_back_to_the_doctor_who_was_seen_before(mariana, patient, doctor):
    other = make.make_doctor()
    attended(mariana, patient, other, make.MONDAY_9 + 2 * HOUR)
    make.book(mariana, patient, doctor)
    assert (figures(doctor).new_patients, figures(doctor).returning_patients) == (1, 0)
    attended(mariana, patient, doctor, make.MONDAY_9 + 4 * HOUR)
    assert (figures(doctor).new_patients, figures(doctor).returning_patients) == (0, 1)


def test_visits_with_others_do_not_count(mariana, patient, doctor):
    somebody = make.make_user()
    make.book(somebody, make.make_patient(somebody), make.make_doctor())
    make.book(mariana, patient, doctor)
    found = figures(doctor)
    assert (found.today, found.this_week, sum(found.weekly_bookings)) == (1, 1, 1)
