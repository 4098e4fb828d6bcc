"""Bookings: choosing and holding, the doctor's own pages and figures, links and events."""

from copy import copy
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.identity import identity_for
from bookings import agenda, handlers, kpis, links, practices, services
from bookings.admin import ManualBookingForm
from bookings.services import holds
from bookings.transitions import Status
from bookings.views import doctor as doctor_pages
from doctors.models import Doctor, DoctorSpecialty, VisitType
from medai.common.identity import acting_as, acting_as_system
from tests.access.acts.stage import Stage, losing
from tests.access.world import World
from tests.factories import bookings as make
from tests.factories import doctors as practice

# --- Choosing and holding -------------------------------------------------------------------------------------


@losing("bookings.views.flow.start doctor")
def a_time_is_for_a_visit_of_the_doctor(stage: Stage) -> str:
    wish = {
        "start": (stage.world.bookings["bb"].starts_at + timedelta(days=1)).isoformat(),
        "visit_type": stage.world.one["visit type dA"].pk,
        "visit_mode": "video",
    }
    return stage.get("pB", "bookings:start", stage.world.doctors["dB"].slug, query=f"?{urlencode(wish)}")[:3]


@losing(
    "bookings.services.holds._give_up_earlier_holds doctor_id",
    "bookings.services.holds._give_up_earlier_holds patient_id",
)
def a_new_hold_replaces_ones_own_with_the_doctor(stage: Stage) -> None:
    """B holds a time with A, and A one with B: both stay when B asks for a time with B."""
    wish: Any = SimpleNamespace(
        patient_id=stage.world.patients["pB"].pk, doctor_id=stage.world.doctors["dB"].pk
    )
    with acting_as_system("test"):
        holds._give_up_earlier_holds(wish, identity_for(stage.world.users["pB"]), timezone.now())


@losing(
    "bookings.services.holds.check_new_patients doctor",
    "bookings.services.holds.check_new_patients patient_id",
)
def only_whom_the_doctor_has_seen_is_no_new_patient(stage: Stage) -> None:
    """B was seen by B: that makes neither B a patient of A, nor A one of B."""
    world = stage.world
    doctors = [Doctor(pk=world.doctors[name].pk, is_accepting_new_patients=False) for name in ("dA", "dB")]
    _complete(world, "bb")
    with acting_as_system("test"):
        identity = identity_for(world.users["pB"])
        refusals = 0
        for doctor, patient in zip(doctors, ("pB", "pA"), strict=True):
            try:
                holds.check_new_patients(doctor, world.patients[patient].pk, identity)
            except holds.errors.NotAcceptingNewPatients:
                refusals += 1
    if refusals < len(doctors):
        raise holds.errors.DoctorUnavailable


@losing("bookings.practices.Practice.primary_specialty_id doctor_id")
def a_booking_is_of_the_doctors_specialty(stage: Stage) -> Any:
    doctor = stage.world.doctors["dB"]
    with acting_as_system("test"):
        mine = DoctorSpecialty.objects.filter(doctor=doctor)
        mine.update(specialty=practice.make_specialty("cristal"))
        [found] = practices._read([doctor])
        return found.primary_specialty_id == mine.get().specialty_id


@losing("bookings.admin.ManualBookingForm.book doctor")
def staff_book_a_visit_of_the_doctor(stage: Stage) -> bool:
    world, start = stage.world, stage.world.bookings["bb"].starts_at + timedelta(days=1)
    doctor = world.doctors["dB"]
    local = start.astimezone(ZoneInfo(doctor.time_zone))
    form = ManualBookingForm()
    form.cleaned_data = {
        "doctor": doctor,
        "patient": world.patients["pB"],
        "kind": "standard",
        "visit_mode": "video",
        "date": local.date(),
        "time": local.time(),
        "channel": "phone",
        "patient_notes": "",
    }
    with acting_as(identity_for(world.users["admin"])):
        return form.book().visit_type.doctor_id == doctor.pk


def _complete(world: World, label: str) -> None:
    # Another copy of it: what is done to the world's own would stay when the database forgets it.
    make.put_in_the_past(copy(world.bookings[label]), hours=24 * 60)
    with acting_as(identity_for(world.users[f"d{label[1].upper()}"])):
        services.complete(booking_id=world.bookings[label].pk)


# --- The doctor's pages ---------------------------------------------------------------------------------------


@losing("bookings.agenda._working doctor")
def a_day_is_worked_by_ones_own_visits(stage: Stage) -> Any:
    doctor = _without_visits()
    with acting_as_system("test"):
        day = make.MONDAY_9.date()
        return agenda._working(agenda.load_agenda(doctor, day, 1), day)


@losing("bookings.agenda.visit_days doctor")
def a_month_marks_ones_own_visits(stage: Stage) -> set[date]:
    doctor = make.make_doctor()
    with acting_as_system("test"):
        return agenda.visit_days(doctor, stage.world.bookings["bb"].starts_at.date())


@losing("bookings.kpis._utilisation doctor")
def utilisation_is_by_ones_own_visits(stage: Stage) -> Any:
    with acting_as_system("test"):
        week = make.MONDAY_9.date()
        return kpis._utilisation(_without_visits(), [], [week], ZoneInfo("America/Bogota"))


@losing("bookings.views.preview.schedule_preview doctor")
def a_preview_is_of_ones_own_visits(stage: Stage) -> int:
    typed = {"day-1-on": "on", "day-1-0-from": "08:00", "day-1-0-to": "10:00", "day-1-0-mode": "both"}
    doctor = stage.world.doctors["dB"]
    with make.changing_practice(doctor):
        VisitType.objects.filter(doctor=doctor).update(duration_minutes=60)
    return stage.post("dB", "bookings:schedule-preview", **typed).count('class="slot"')


def _without_visits() -> Doctor:
    doctor = make.make_doctor()
    with make.changing_practice(doctor):
        VisitType.objects.filter(doctor=doctor).delete()
    with acting_as_system("test"):
        doctor.refresh_from_db()
    return doctor


@losing("bookings.kpis._new_and_returning doctor", "bookings.kpis._new_and_returning patient_id__in")
def who_returns_was_here_before(stage: Stage) -> Any:
    """B was with B before: B comes to A for the first time, and so does A to B."""
    world = stage.world
    _complete(world, "bb")
    first = timezone.now().date()
    with acting_as_system("test"):
        return [
            kpis._new_and_returning(world.doctors[doctor], [_seen(world, patient, first)], first)
            for doctor, patient in (("dA", "pB"), ("dB", "pA"))
        ]


def _seen(world: World, name: str, day: date) -> Any:
    noon = datetime.combine(day, datetime.min.time(), tzinfo=ZoneInfo("UTC"))
    return kpis._Visit(noon, 30, Status.CONFIRMED, 0, "COP", world.patients[name].pk, day)


@losing("bookings.views.doctor._booking_context doctor", "bookings.views.doctor._booking_context patient")
def a_visits_history_is_of_patient_and_doctor(stage: Stage) -> list[str]:
    world, later = stage.world, stage.world.bookings["bb"].starts_at + timedelta(days=7)
    for patient, doctor, days in (("pB", "dA", 0), ("pA", "dB", 1)):
        make.book(
            world.users[patient],
            world.patients[patient],
            world.doctors[doctor],
            later + timedelta(days=days),
            visit_mode="video",
            payment_method="at_clinic",
        )
    with acting_as_system("test"):
        context = doctor_pages._booking_context(world.bookings["bb"])
        return [one.reference for one in context["history"]]  # type: ignore[attr-defined]


# --- Links and events -----------------------------------------------------------------------------------------


@losing("bookings.links._may_still_read patient", "bookings.links._may_still_read user")
def a_link_is_for_who_still_cares_for_the_patient(stage: Stage) -> list[bool]:
    world = stage.world
    with acting_as_system("test"):
        return [links._may_still_read(world.bookings["bb"], world.users[name].pk) for name in ("pA", "dB")]


@losing("bookings.handlers.let_go_of_holds patient_id")
def holds_that_go_are_for_who_is_no_longer_cared_for(stage: Stage) -> None:
    event = SimpleNamespace(
        subject_id=stage.world.patients["pB child"].pk, data={"user_id": str(stage.world.users["pB"].pk)}
    )
    with acting_as_system("test"):
        handlers.let_go_of_holds(event)
