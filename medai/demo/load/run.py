"""The whole demo, part by part, each reported as it is done."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from bookings.models import Booking
from bookings.projections import refresh_availability
from doctors.models import Doctor
from doctors.services import directory
from medai.common.identity import acting_as_system
from medai.demo.city import PATIENTS, city
from medai.demo.load.accounts import load_doctors, load_patients, load_staff, user_id
from medai.demo.load.credentials import load_credentials
from medai.demo.load.practices import doctor_id, load_practices
from medai.demo.load.tour import book_the_tour, hold_some, refuse_one
from medai.demo.load.visits import load_visits
from medai.demo.sign_ins import ADMIN, SUPER_ADMIN
from messaging.services.planning import plan_all_reminders

PAST_VISITS, COMING_VISITS = 6_000, 1_500
RATED_SHARE = 0.4

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    patients: int = PATIENTS
    past: int = PAST_VISITS
    coming: int = COMING_VISITS


def is_loaded() -> bool:
    """Whether a run came to its end: the super administrator is the last it writes."""
    with acting_as_system("demo"):
        return User.objects.filter(pk=user_id(SUPER_ADMIN.email)).exists()


def has_doctors_of_its_own() -> bool:
    """Whether the database holds doctors that are not of the demo."""
    drafts = city(today=timezone.now().date(), number_of_patients=0).doctors
    with acting_as_system("demo"):
        return Doctor.objects.exclude(pk__in=[doctor_id(draft.slug) for draft in drafts]).exists()


def load(size: Size, report: Report) -> None:
    """Write everything that is not there yet, as the system; an interrupted run goes on where it stopped."""
    loader = _Loader(size, report)
    with acting_as_system("demo"):
        for title, part in loader.parts():
            started = time.monotonic()
            part()
            report(f"  {title:<34} {time.monotonic() - started:5.1f} s")


class _Loader:
    def __init__(self, size: Size, report: Report) -> None:
        self._size, self._report = size, report
        self._now = timezone.now()
        today = self._now.astimezone(ZoneInfo(settings.DEFAULT_PERSON_TIME_ZONE)).date()
        self._city = city(today=today, number_of_patients=size.patients)

    def parts(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            (f"{len(self._city.patients):,} patients", self._people),
            (f"{len(self._city.doctors)} doctors and their documents", self._practices),
            (f"{self._size.past + self._size.coming:,} visits, about", self._visits),
            ("what staff and Mariana do", self._tour),
            ("reminders of the coming visits", self._remind),
            ("ratings and directory", self._publish),
            ("sign-ins of staff", self._finish),
        ]

    @transaction.atomic
    def _people(self) -> None:
        load_staff([ADMIN], self._now)
        load_doctors(self._city.doctors, self._now)
        load_patients(self._city, self._now)

    @transaction.atomic
    def _practices(self) -> None:
        load_practices(self._city.doctors, self._now)
        load_credentials(self._city.doctors, self._now)

    def _visits(self) -> None:
        size = self._size
        load_visits(self._city, self._now, past=size.past, coming=size.coming, progress=self._progress)

    def _progress(self, done: int, total: int) -> None:
        if done % 18 == 0 and done < total:
            self._report(f"    calendars {done} of {total}")

    def _tour(self) -> None:
        refuse_one(self._city)
        book_the_tour(self._now)
        hold_some(self._city, self._now)

    @transaction.atomic
    def _remind(self) -> None:
        for _batch in plan_all_reminders():
            pass

    def _publish(self) -> None:
        doctors = list(Doctor.objects.filter(pk__in=[doctor_id(draft.slug) for draft in self._city.doctors]))
        _rate(doctors)
        refresh_availability([doctor.pk for doctor in doctors], now=self._now)
        directory.refresh(doctor_ids=[doctor.pk for doctor in doctors])

    @transaction.atomic
    def _finish(self) -> None:
        load_staff([SUPER_ADMIN], self._now)


def _rate(doctors: list[Doctor]) -> None:
    """Ratings such as the patients seen so far would have left: some of them do."""
    completed = Count("bookings", filter=Q(bookings__status=Booking.Status.COMPLETED))
    seen = dict(Doctor.objects.annotate(seen=completed).values_list("pk", "seen"))
    for doctor in doctors:
        rng = Random(f"rating:{doctor.slug}")
        doctor.rating_count = round(seen[doctor.pk] * RATED_SHARE)
        if doctor.rating_count:
            doctor.rating_average = Decimal(str(round(rng.triangular(4.3, 5.0, 4.85), 2)))
    Doctor.objects.bulk_update(doctors, ["rating_average", "rating_count"])
