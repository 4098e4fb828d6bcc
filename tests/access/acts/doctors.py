"""Practices: onboarding, profile, hours, exceptions, documents, and staff who verify them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.identity import identity_for
from accounts.models import Role, User
from doctors.admin.doctors import DoctorForm
from doctors.directory import results
from doctors.directory.query import DirectoryQuery
from doctors.models import DirectoryPlace, Doctor, VisitType, WeeklyHours
from doctors.models.credentials import DocumentType
from doctors.services import (
    credentials,
    exceptions,
    onboarding,
    profiles,
    schedules,
    verification,
    visit_types,
)
from doctors.views import portal
from doctors.views import profiles as profile_pages
from medai.common.identity import acting_as, acting_as_system
from tests.access.acts.stage import Stage, losing
from tests.factories import doctors as make
from tests.factories.accounts import signed_in

# --- Onboarding -----------------------------------------------------------------------------------------------


def _newcomer() -> Doctor:
    """A doctor with an account's names and nothing more."""
    return onboarding.create_doctor(user=make.make_doctor_user(), first_name="Nadia", last_name="Nueva")


@losing("doctors.services.onboarding.create_doctor user")
def a_practice_begins_with_ones_own_names(stage: Stage) -> str:
    user = make.make_doctor_user(first_name="Nadia", last_name="Nueva")
    return onboarding.create_doctor(user=user).display_name


@losing("doctors.views.onboarding._begin user")
def the_first_page_knows_ones_own_names(stage: Stage) -> bool:
    user = make.make_doctor_user(first_name="Nadia", last_name="Nueva")
    return 'value="Nadia"' in signed_in(user).get("/doctor/onboarding/", follow=True).content.decode()


@losing("doctors.services.onboarding._has_documents doctor")
def documents_are_ones_own(stage: Stage) -> bool:
    upload = make.pdf(text="d"), make.pdf(text="e")
    with acting_as_system("test"):
        for kind, one in zip(onboarding.REQUIRED_DOCUMENTS, upload, strict=True):
            credentials.upload_credential(
                doctor_id=stage.world.doctors["dA"].pk, document_type=kind, upload=one
            )
        return onboarding._has_documents(_newcomer())


@losing("doctors.services.onboarding.progress doctor")
def progress_is_ones_own(stage: Stage) -> list[str]:
    with acting_as_system("test"):
        return sorted(onboarding.progress(_newcomer()).done)


@losing("doctors.services.onboarding.submit pk")
def who_submits_has_onboarded(stage: Stage) -> None:
    with acting_as_system("test"):
        User.objects.filter(role=Role.DOCTOR).update(onboarding_complete=False)
    make.make_submitted_doctor()


@losing("doctors.views.onboarding._fees doctor", "doctors.views.onboarding._hours doctor")
def steps_show_ones_own_rows(stage: Stage) -> tuple[bool, int]:
    browser = signed_in(_newcomer().user)
    pages = [browser.get(f"/doctor/onboarding/{step}/").content.decode() for step in ("hours", "fees")]
    return "Ciudad Quetzal" in pages[0], pages[1].count('name="standard-duration_minutes"')


# --- Practice -------------------------------------------------------------------------------------------------


@losing("doctors.models.doctors.DoctorQuerySet.kept_by user")
def a_practice_is_its_keepers(stage: Stage) -> list[str]:
    with acting_as_system("test"):
        kept = Doctor.objects.kept_by(stage.world.users["dB"])
        return sorted(one.last_name for one in kept)


@losing("doctors.services.profiles._set_specialties doctor")
def specialties_that_go_are_ones_own(stage: Stage) -> None:
    with acting_as_system("test"):
        profiles.update_profile(doctor_id=_newcomer().pk, specialties=[stage.world.one["specialty"].pk])


@losing("doctors.services.visit_types.doctor_currency doctor")
def a_new_visit_costs_ones_own_currency(stage: Stage) -> str:
    with acting_as_system("test"):
        VisitType.objects.filter(doctor=stage.world.doctors["dB"]).update(currency="USD")
        return visit_types.doctor_currency(stage.world.doctors["dB"])


@losing("doctors.services.credentials.upload_credential doctor")
def the_same_document_may_be_another_doctors(stage: Stage) -> None:
    same = make.pdf("x.pdf", text="esmeralda")
    with acting_as_system("test"):
        credentials.upload_credential(
            doctor_id=stage.world.doctors["dB"].pk, document_type=DocumentType.values[0], upload=same
        )


# --- Hours ----------------------------------------------------------------------------------------------------


@losing("doctors.services.exceptions._add doctor")
def a_day_off_is_ones_own(stage: Stage) -> list[bool]:
    doctor = _newcomer()
    with acting_as_system("test"):
        day = stage.world.one["exception dA"].date
        added = exceptions.add_exception(doctor_id=doctor.pk, date=day, kind="blocked")
    return [one.doctor_id == doctor.pk for one in added]


@losing("doctors.services.exceptions._row doctor")
def extra_hours_are_at_ones_own_office(stage: Stage) -> Any:
    day, office = timezone.now().date() + timedelta(days=9), stage.world.one["office dA"]
    row = exceptions._row(
        stage.world.doctors["dB"], day, "extra_hours", start_minute=60, end_minute=120, office_id=office.pk
    )
    return row.office_id


@losing("doctors.services.schedules._check doctor")
def hours_are_at_ones_own_office(stage: Stage) -> None:
    away = WeeklyHours(
        day_of_week=1, start_minute=60, end_minute=120, office_id=stage.world.one["office dA"].pk
    )
    with acting_as_system("test"):
        schedules._check(stage.world.doctors["dB"], [away])


@losing("doctors.services.schedules.replace_weekly_hours doctor")
def hours_that_are_replaced_are_ones_own(stage: Stage) -> None:
    with acting_as_system("test"):
        schedules.replace_weekly_hours(doctor_id=stage.world.doctors["dB"].pk, version=None, hours=[])


@losing("doctors.views.schedule.save_hours doctor")
def stale_hours_are_compared_with_ones_own(stage: Stage) -> int:
    with acting_as_system("test"):
        WeeklyHours.objects.create(
            doctor=stage.world.doctors["dA"], day_of_week=0, start_minute=60, end_minute=120
        )
    typed = {"version": "0", "day-1-on": "1", "day-1-0-from": "08:00", "day-1-0-to": "12:00"}
    return stage.post("dB", "doctors:schedule", **typed).count("01:00–02:00")


@losing("doctors.views.portal.schedule_tabs doctor")
def the_tab_counts_ones_own_days(stage: Stage) -> Any:
    with acting_as_system("test"):
        return portal.schedule_tabs(_newcomer(), "schedule")[1]["badge"]


# --- Staff ----------------------------------------------------------------------------------------------------


@losing("doctors.services.verification.follow_account user_id")
def who_was_banned_leaves_the_directory(stage: Stage) -> None:
    user = stage.world.users["dB"]
    with acting_as_system("test"):
        User.objects.filter(pk=user.pk).update(is_active=False)
        verification.follow_account(user_id=user.pk)


@losing("doctors.services.verification.review doctor")
def documents_that_are_accepted_are_the_doctors(stage: Stage) -> None:
    with acting_as(identity_for(stage.world.users["admin"])):
        verification.review(doctor_id=stage.world.doctors["dC"].pk, decision="verified")


@losing("doctors.admin.verification.VerificationAdmin.change_view doctor")
def staff_see_documents_of_whom_they_verify(stage: Stage) -> bool:
    page = stage.get("admin", "admin:doctors_doctorverification_change", stage.world.doctors["dC"].pk)
    return "esmeralda.pdf" in page


@losing("doctors.api.staff.DoctorCredentialsView.get doctor")
def staff_list_documents_of_one_doctor(stage: Stage) -> bool:
    listed = stage.get("admin", "v1:admin-doctor-credentials", stage.world.doctors["dB"].pk)
    return "esmeralda" in listed


@losing("doctors.admin.doctors.DoctorForm.__init__ doctor")
def staff_edit_specialties_of_one_doctor(stage: Stage) -> int:
    with acting_as_system("test"):
        return len(DoctorForm(instance=stage.world.doctors["dB"]).initial["others"])


# --- Directory ------------------------------------------------------------------------------------------------


@losing("doctors.views.profiles._next_free doctor")
def a_profile_says_when_its_doctor_is_free(stage: Stage) -> Any:
    doctor = stage.world.doctors["dB"]
    make.set_next_free(doctor, timezone.now() + timedelta(days=5))
    with acting_as_system("test"):
        found = profile_pages._next_free(doctor, "")
        return found and (found.next_free_at - timezone.now()).days


@losing("doctors.directory.results._narrowed doctor__in", "doctors.directory.results._ordered doctor")
def the_nearest_come_first(stage: Stage) -> list[tuple[int, str]]:
    """From the north A is the nearest, from the south B; who has no office on the map is not near."""
    with acting_as_system("test"):
        DirectoryPlace.objects.filter(doctor=stage.world.doctors["dA"]).update(latitude=4.7)
        make.make_public_doctor(first_name="Lejos", last_name="Lejos", specialty=stage.world.one["specialty"])
    return [_nearest(latitude) for latitude in (4.8, 4.5)]


def _nearest(latitude: float) -> tuple[int, str]:
    query = DirectoryQuery(sort="distance", latitude=latitude, longitude=-74.1)
    found = results.search(query, now=timezone.now(), zone=timezone.get_current_timezone(), per_page=1)
    return found.total, found.entries[0].name
