"""The city as it stands in the database, looked at from many sides."""

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import AdminAuditLog, Patient, User
from bookings.availability import load_calendars
from bookings.models import Booking, BusyPeriod
from bookings.slots import free_starts
from bookings.transitions import TRANSITIONS
from doctors.models import Credential, DirectoryEntry, Doctor
from medai.common.identity import Kind, acting_as_system
from medai.demo import sign_ins
from medai.demo.load import run
from medai.demo.load.tour import NOT_PASSED

# The mark makes the database ready; each test is a savepoint within the city's transaction.
pytestmark = pytest.mark.django_db
SMALL = run.Size(patients=300, past=400, coming=120)


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """A small city, loaded once for the tests that only look at it."""
    with django_db_blocker.unblock(), acting_as_system("test"), transaction.atomic():
        call_command("seed", verbosity=0)
        run.load(SMALL, lambda line: None)
        yield
        transaction.set_rollback(True)


def test_the_city_has_its_people(city):
    assert Doctor.objects.public().count() == 72
    assert DirectoryEntry.objects.count() == 72
    assert Doctor.objects.awaiting_verification().count() == 6
    assert Patient.objects.count() == SMALL.patients
    assert Patient.objects.cared_for_by(User.objects.get(email=sign_ins.PATIENT)).count() == 4
    assert DirectoryEntry.objects.filter(next_free_at__isnull=False).count() >= 60


def test_every_photo_and_document_is_there(city):
    for doctor in Doctor.objects.all():
        with doctor.photo.open() as photo:
            assert photo.read(3) == b"\xff\xd8\xff"
    for credential in Credential.objects.all():
        assert default_storage.size(credential.file.name) == credential.size_bytes
    waiting = Doctor.objects.awaiting_verification()
    assert all(doctor.credentials.filter(status="pending").count() >= 3 for doctor in waiting)


def test_the_refusal_is_staffs_and_in_the_audit_log(city):
    refused = Doctor.objects.get(credential_status="rejected")
    assert refused.verification_notes == NOT_PASSED
    entry = AdminAuditLog.objects.get(action="rejected_doctor")
    assert entry.target_id == str(refused.pk)
    assert entry.actor_id == User.objects.get(email=sign_ins.ADMIN.email).pk


def test_there_are_visits_of_every_kind(city):
    now = timezone.now()
    past = Booking.objects.filter(starts_at__lt=now)
    assert 0.7 * SMALL.past <= past.count() <= 1.3 * SMALL.past
    assert 0.6 * SMALL.coming <= Booking.objects.filter(starts_at__gte=now).count() <= 1.5 * SMALL.coming
    assert set(past.values_list("status", flat=True)) >= {"completed", "no_show", "cancelled_by_patient"}
    coming = set(Booking.objects.filter(starts_at__gte=now).values_list("status", flat=True))
    assert coming >= {"confirmed", "pending_confirmation", "held"}
    assert not past.filter(status="pending_confirmation").exists()
    assert not Booking.objects.filter(status="pending_confirmation", confirm_by__lt=now).exists()
    assert {"in_person", "video"} == set(Booking.objects.values_list("visit_mode", flat=True))


def test_visits_lie_on_the_grid_of_the_hours_and_take_their_time(city):
    """Each one that takes place is a start the engine would have offered, were its own time free."""
    now = timezone.now()
    doctors = list(Doctor.objects.public())
    calendars = load_calendars(
        doctors, window_start=now - timedelta(days=95), window_end=now + timedelta(days=60)
    )
    bookings = Booking.objects.filter(status__in=["completed", "no_show", "confirmed", "held"])
    for booking in bookings.select_related("visit_type", "doctor"):
        calendar = calendars[booking.doctor_id]
        start = booking.starts_at
        rules = calendar.rules(booking.visit_type, booking.visit_mode, office_id=booking.office_id)
        open_rules = type(rules)(**{**vars_of(rules), "minimum_notice": 0, "horizon_days": None})
        offered = free_starts(
            open_rules, [], window_start=start, window_end=start + timedelta(minutes=1), now=start
        )
        assert offered == [start], booking
        periods = {row.person: row.period for row in booking.busy_periods.all()}
        doctor = booking.doctor
        assert periods[booking.patient_id].lower == start
        assert periods[booking.patient_id].upper == booking.ends_at
        assert periods[doctor.pk].lower == start - timedelta(minutes=doctor.buffer_before_minutes)
        assert periods[doctor.pk].upper == booking.ends_at + timedelta(minutes=doctor.buffer_after_minutes)


def vars_of(rules):
    return {name: getattr(rules, name) for name in rules.__dataclass_fields__}


def test_time_that_was_given_up_is_free(city):
    assert not BusyPeriod.objects.filter(booking__status__startswith="cancelled").exists()
    assert not BusyPeriod.objects.filter(booking__status="expired").exists()


def test_each_visit_keeps_the_terms_under_which_it_was_booked(city):
    for booking in Booking.objects.select_related("visit_type", "doctor"):
        assert (booking.price_minor, booking.currency) == (
            booking.visit_type.fee_minor,
            booking.visit_type.currency,
        )
        assert booking.free_cancellation_hours == booking.doctor.free_cancellation_hours
        assert booking.visit_mode in booking.visit_type.modes
        assert (booking.office_id is None) == (booking.visit_mode == "video")
    assert not Booking.objects.exclude(insurance_provider=None).filter(policy_number="").exists()


def test_the_moves_of_each_visit_are_allowed_and_in_order(city):
    now = timezone.now()
    for booking in Booking.objects.prefetch_related("transitions"):
        moves = sorted(booking.transitions.all(), key=lambda move: move.created_at)
        assert (moves[0].from_status, moves[0].to_status) == ("", "held")
        assert moves[-1].to_status == booking.status
        assert moves[-1].created_at <= now
        for one, other in pairwise(moves):
            assert other.from_status == one.to_status
            assert Kind(other.actor_kind) in TRANSITIONS[other.from_status, other.to_status], other.to_status


def test_nobody_books_before_signing_up_or_after_the_visit(city):
    assert not Booking.objects.filter(created_at__gte=F("starts_at")).exists()
    assert not Booking.objects.filter(created_at__lt=F("patient__created_at")).exists()
    assert not Booking.objects.filter(created_at__lt=F("doctor__created_at") - timedelta(days=400)).exists()


def test_doctors_see_those_they_are_for(city):
    bogota = ZoneInfo("America/Bogota")
    for booking in Booking.objects.select_related("patient", "doctor").prefetch_related(
        "doctor__specialties"
    ):
        slugs = {specialty.slug for specialty in booking.doctor.specialties.all()}
        day = booking.starts_at.astimezone(bogota).date()
        age = (day - booking.patient.date_of_birth).days / 365.25
        if "pediatrics" in slugs:
            assert age < 18.3
        if slugs & {"gynecology", "obstetrics"}:
            assert booking.patient.sex == "female"


def test_somebody_can_sign_in_as_each_role(city):
    announced = (*sign_ins.DOCTORS, sign_ins.PATIENT, *(staff.email for staff in sign_ins.STAFF))
    for email in announced:
        user = User.objects.get(email=email)
        assert user.check_password(sign_ins.PASSWORD)
        assert EmailAddress.objects.filter(user=user, verified=True, primary=True).exists()
    for staff in sign_ins.STAFF:
        authenticator = Authenticator.objects.get(user__email=staff.email).wrap()
        assert authenticator.validate_code(staff.code())
    crowd = User.objects.exclude(email__in=announced)
    assert not any(user.has_usable_password() for user in crowd)
