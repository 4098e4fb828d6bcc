"""When doctors are next free: kept for the directory, with each change and as time passes."""

from datetime import timedelta

import pytest

from bookings import services
from bookings.projections import refresh_availability, refresh_stale
from doctors.models import DoctorAvailability
from medai.common import outbox
from medai.common.identity import acting_as_system
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db


def next_free(doctor, mode="in_person"):
    with acting_as_system("test"):
        return DoctorAvailability.objects.get(doctor=doctor, visit_mode=mode).next_free_at


def only_mondays_at_nine(doctor):
    with make.changing_practice(doctor):
        doctor.weekly_hours.exclude(day_of_week=1).delete()
        doctor.weekly_hours.update(end_minute=9 * 60 + 30)
        doctor.minimum_notice_minutes = 0


def test_a_booking_moves_the_next_free_time_and_cancelling_brings_it_back(mariana, patient, doctor):
    only_mondays_at_nine(doctor)
    refresh_availability([doctor.pk])
    first = next_free(doctor)
    booking = make.book(mariana, patient, doctor, first)
    outbox.drain()
    assert next_free(doctor) == first + timedelta(days=7)
    with make.as_user(mariana):
        services.cancel(booking_id=booking.pk)
    outbox.drain()
    assert next_free(doctor) == first


def test_what_time_itself_changed_is_found(doctor):
    refresh_availability([doctor.pk])
    with acting_as_system("test"):
        assert refresh_stale() == 0
        DoctorAvailability.objects.update(next_free_at=make.MONDAY_9 - timedelta(days=365))
        assert refresh_stale() == 1


def test_a_doctor_who_offers_nothing_is_never_free(doctor):
    with make.changing_practice(doctor):
        doctor.weekly_hours.all().delete()
    refresh_availability([doctor.pk])
    assert next_free(doctor) is None
