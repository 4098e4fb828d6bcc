"""`manage.py seed` and `manage.py demo`, on a small city."""

from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from accounts.models import InsuranceProvider, User
from bookings.models import Booking, BookingTransition, BusyPeriod
from doctors.models import Doctor, SearchTerm, Specialty
from medai.common.demo import demo_sign_ins
from medai.common.identity import acting_as_system
from medai.demo import sign_ins
from medai.demo.load import run
from tests.factories import bookings as make


def demo(**options):
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


def seed(**options):
    out = StringIO()
    call_command("seed", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def system(db):
    with acting_as_system("test"):
        yield


@pytest.fixture
def debug(settings):
    settings.DEBUG = True


# Seed


def test_seed_writes_specialties_whose_words_can_be_searched(system):
    seed()
    assert Specialty.objects.count() >= 34
    assert InsuranceProvider.objects.filter(name="Colsanitas").exists()
    assert SearchTerm.objects.filter(term="corazon", target="cardiology").exists()
    cardiology = Specialty.objects.get(slug="cardiology")
    assert (cardiology.name_es, cardiology.practitioners_en) == ("Cardiología", "Cardiologists")


def test_seeding_again_writes_nothing(system, django_assert_max_num_queries):
    seed()
    before = list(Specialty.objects.values_list("pk", "updated_at"))
    with django_assert_max_num_queries(10):
        assert seed().count("0 new, 0 brought up to date") == 2
    assert list(Specialty.objects.values_list("pk", "updated_at")) == before


def test_seed_corrects_texts_and_leaves_what_staff_decided(system):
    seed()
    Specialty.objects.filter(slug="podiatry").update(name_en="Feet", is_active=False)
    InsuranceProvider.objects.filter(name="Cajacopi").update(is_active=False)
    seed()
    podiatry = Specialty.objects.get(slug="podiatry")
    assert (podiatry.name_en, podiatry.is_active) == ("Podiatry", False)
    assert not InsuranceProvider.objects.get(name="Cajacopi").is_active


def test_seed_makes_the_first_administrator_once(system, settings):
    settings.ADMIN_EMAIL = "First@Clinic.example"
    settings.ADMIN_PASSWORD = "a long and odd one"
    seed()
    admin = User.objects.get()
    assert (admin.email, admin.role) == ("first@clinic.example", "super_admin")
    assert admin.check_password("a long and odd one")
    assert EmailAddress.objects.filter(user=admin, verified=True, primary=True).exists()
    settings.ADMIN_PASSWORD = "another password"
    seed()
    assert User.objects.get().check_password("a long and odd one")


@pytest.mark.parametrize(
    ("email", "password", "complaint"),
    [
        ("first@clinic.example", "", "set both or neither"),
        ("", "a long and odd one", "set both or neither"),
        ("first@clinic.example", "password", "ADMIN_PASSWORD: "),
    ],
)
def test_seed_refuses_an_administrator_it_cannot_make(system, settings, email, password, complaint):
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = email, password
    with pytest.raises(CommandError, match=complaint):
        seed()
    assert not User.objects.exists()


# Demo: the command


def test_the_demo_is_refused_without_debug(system):
    with pytest.raises(CommandError, match="DEBUG"):
        demo()
    assert not User.objects.exists()
    assert not Doctor.objects.exists()


def test_an_interrupted_demo_goes_on_and_a_finished_one_is_left_alone(system, debug, monkeypatch):
    seed(verbosity=0)
    size = {"patients": 200, "past": 300, "coming": 60}

    def stop_after_thirty(self, done, total):
        if done == 30:
            raise KeyboardInterrupt

    monkeypatch.setattr(run._Loader, "_progress", stop_after_thirty)
    with pytest.raises(KeyboardInterrupt):
        demo(**size)
    begun = set(Booking.objects.values_list("pk", flat=True))
    assert len(begun) > 100
    assert not run.is_loaded()

    monkeypatch.undo()
    assert "Loading the demo" in demo(**size, if_empty=True)
    finished = set(Booking.objects.values_list("pk", flat=True))
    assert begun < finished
    assert Doctor.objects.count() == 79
    taking_place = Booking.objects.exclude(status__startswith="cancelled").exclude(status="expired")
    assert BusyPeriod.objects.count() == 2 * taking_place.count()

    rows = [model.objects.count() for model in (Booking, BookingTransition, User)]
    assert "there already" in demo(**size)
    assert rows == [model.objects.count() for model in (Booking, BookingTransition, User)]


def test_the_demo_keeps_out_of_a_database_that_is_in_use(system, debug):
    make.make_doctor()
    assert "left out" in demo(if_empty=True)
    assert Doctor.objects.count() == 1


def test_codes_are_those_that_an_authenticator_shows(debug):
    out = demo(codes=True)
    for staff in sign_ins.STAFF:
        assert f"{staff.email}" in out
    assert len(out.split()) == 4


def test_sign_ins_are_announced(monkeypatch):
    monkeypatch.setattr("medai.common.demo._sign_ins", {})
    sign_ins.register()
    assert [entry.email for entry in demo_sign_ins()][:2] == [staff.email for staff in sign_ins.STAFF]
    assert all(entry.password == sign_ins.PASSWORD for entry in demo_sign_ins())
