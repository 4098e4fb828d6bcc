"""When doctors are next free: kept for the directory, with each change and as time passes."""

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from bookings import projections, services
from bookings.availability import free_slots
from bookings.projections import refresh_availability, refresh_stale
from doctors.models import DoctorAvailability, WeeklyHours
from doctors.services import directory
from medai.common import outbox
from medai.common.identity import acting_as_system
from tests.factories import bookings as make
from tests.races import race

pytestmark = pytest.mark.django_db


def next_free(doctor, mode="in_person"):
    with acting_as_system("test"):
        return DoctorAvailability.objects.get(doctor=doctor, visit_mode=mode).next_free_at


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False])
def test_whoever_reads_first_does_not_write_last(is_locked, mariana, patient, doctor, monkeypatch):
    """A slow refresh that read before a booking, and a quick one after it; without the lock the slow one wins."""
    only_mondays_at_nine(doctor)
    refresh_availability([doctor.pk])
    first = next_free(doctor)
    has_read, is_overtaken = threading.Event(), threading.Event()
    load = projections.load_calendars

    def read_and_wait(*args, **kwargs):
        calendars = load(*args, **kwargs)
        if not has_read.is_set():
            has_read.set()
            is_overtaken.wait(timeout=0.5)
        return calendars

    def overtake():
        has_read.wait(timeout=10)
        make.book(mariana, patient, doctor, first)
        refresh_availability([doctor.pk])
        is_overtaken.set()

    monkeypatch.setattr(projections, "load_calendars", read_and_wait)
    if not is_locked:
        monkeypatch.setattr(projections, "lock", lambda *keys: None)
    race([lambda: refresh_availability([doctor.pk]), overtake])
    assert next_free(doctor) == (first + timedelta(days=7) if is_locked else first)


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


def found_on(client, day, **parameters):
    answer = client.get("/api/v1/public/doctors/", {"date": day.isoformat(), **parameters}).json()["data"]
    return answer["total"], answer["facets"]["modes"]


def test_a_date_finds_those_who_are_free_that_day(client, mariana, patient, doctor):
    only_mondays_at_nine(doctor)
    directory.refresh(doctor_ids=[doctor.pk])
    refresh_availability([doctor.pk])
    first = next_free(doctor)
    day, later = first.date(), (first + timedelta(days=7)).date()
    assert found_on(client, day) == (1, {"in_person": 1, "video": 1})
    assert found_on(client, day + timedelta(days=1)) == (0, {})
    booking = make.book(mariana, patient, doctor, first)
    outbox.drain()
    # There are hours that Monday, and a time before its end on no other day: yet nobody can book.
    assert found_on(client, day) == (0, {})
    assert found_on(client, later) == (1, {"in_person": 1, "video": 1})
    with make.as_user(mariana):
        services.cancel(booking_id=booking.pk)
    outbox.drain()
    assert found_on(client, day)[0] == 1


def test_a_date_goes_with_the_way_of_the_visit(client, doctor):
    only_mondays_at_nine(doctor)
    with make.changing_practice(doctor):
        doctor.weekly_hours.update(mode="video")
        WeeklyHours.objects.create(
            doctor=doctor, day_of_week=2, start_minute=600, end_minute=660, mode="in_person"
        )
    directory.refresh(doctor_ids=[doctor.pk])
    refresh_availability([doctor.pk])
    monday = next_free(doctor, "video").date()
    tuesday = next_free(doctor).date()
    assert found_on(client, monday) == (1, {"video": 1})
    assert found_on(client, tuesday) == (1, {"in_person": 1})
    assert found_on(client, monday, mode="video")[0] == found_on(client, tuesday, mode="in_person")[0] == 1
    assert found_on(client, monday, mode="in_person")[0] == found_on(client, tuesday, mode="video")[0] == 0


@pytest.mark.parametrize("zone", ["America/Bogota", "Pacific/Auckland", "America/Santiago"])
def test_the_free_days_are_those_of_the_free_times(mariana, patient, zone):
    doctor = make.make_doctor(time_zone=zone, hours=(0, 24 * 60), horizon_days=40, maximum_per_day=1)
    first = next_free_of(doctor)
    make.book(mariana, patient, doctor, first)
    refresh_availability([doctor.pk])
    now = timezone.now()
    with acting_as_system("test"):
        starts = free_slots(
            doctor,
            make.visit_type_of(doctor),
            "in_person",
            window_start=now,
            window_end=now + timedelta(days=60),
            now=now,
        )
    days = sorted({start.astimezone(ZoneInfo(zone)).date() for start in starts})
    with acting_as_system("test"):
        kept = DoctorAvailability.objects.get(doctor=doctor, visit_mode="in_person").free_days
    assert kept == days
    assert first.astimezone(ZoneInfo(zone)).date() not in days


def next_free_of(doctor):
    refresh_availability([doctor.pk])
    return next_free(doctor)
