"""The bookings of the last three months and of the weeks to come, with every move and the time they occupy."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import InsuranceProvider
from bookings import policies
from bookings.availability import DoctorCalendar, load_calendars
from bookings.models import Booking, BookingTransition, BusyPeriod
from bookings.services import occupancy
from bookings.slots import free_starts
from doctors.models import Doctor, DoctorSpecialty, VisitType
from medai.demo.drafts import City, DoctorDraft
from medai.demo.load.accounts import patient_id, user_id
from medai.demo.load.practices import doctor_id
from medai.demo.load.rows import identifier, insert
from medai.demo.sign_ins import ADMIN
from medai.demo.tour import FAMILY, past_visits
from medai.demo.visits import FOLLOW_UP, STANDARD, Diary, Offer, Scale, Visit, chance, panel, plan, scales

DAYS_BACK, DAYS_AHEAD = 90, 45
ACTORS = {
    "completed": "doctor",
    "no_show": "doctor",
    "expired": "system",
    "cancelled_by_patient": "patient",
    "cancelled_by_doctor": "doctor",
    "cancelled_by_admin": "admin",
}


def load_visits(
    city: City, now: datetime, *, past: int, coming: int, progress: Callable[[int, int], None]
) -> None:
    """About so many visits `past` and `coming`; a doctor who has bookings already is left as they are."""
    drafts = {doctor_id(draft.slug): draft for draft in city.doctors if draft.standing == "public"}
    doctors = list(Doctor.objects.filter(pk__in=list(drafts)).order_by("slug"))
    calendars = load_calendars(
        doctors, window_start=now - timedelta(days=DAYS_BACK), window_end=now + timedelta(days=DAYS_AHEAD)
    )
    offers = {pk: list(_offers(calendar, drafts[pk], now)) for pk, calendar in calendars.items()}
    scale = scales(
        {drafts[pk].slug: listed for pk, listed in offers.items()},
        list(drafts.values()),
        now,
        past=past,
        coming=coming,
    )
    diary = Diary(now=now, zone=ZoneInfo(settings.DEFAULT_PERSON_TIME_ZONE))
    diary.taken.update(_taken_already(city, diary))
    writer = _Writer(now)
    begun = set(Booking.objects.values_list("doctor_id", flat=True).distinct())
    for done, doctor in enumerate(doctors, start=1):
        if doctor.pk not in begun:
            draft = drafts[doctor.pk]
            visits = _visits_of(draft, offers[doctor.pk], city, diary, scale)
            writer.write(doctor, draft, calendars[doctor.pk], visits)
        progress(done, len(doctors))


def _taken_already(city: City, diary: Diary) -> Iterator[tuple[str, date]]:
    """The days on which an interrupted run sent somebody to a doctor."""
    keys = {patient_id(patient.key): patient.key for patient in city.patients}
    for patient, starts_at in Booking.objects.values_list("patient_id", "starts_at"):
        if patient in keys:
            yield keys[patient], diary.day(starts_at)


def _offers(calendar: DoctorCalendar, draft: DoctorDraft, now: datetime) -> Iterator[Offer]:
    """Everything that could ever be booked in the window, in order of time."""
    positions = [position for position in range(len(draft.visit_types)) if position != FOLLOW_UP]
    visit_types = {
        position: VisitType(
            duration_minutes=draft.visit_types[position].duration_minutes,
            modes=list(draft.visit_types[position].modes),
        )
        for position in positions
    }
    ahead = min(DAYS_AHEAD, draft.rules.horizon_days - 1)
    start = now - timedelta(days=DAYS_BACK)
    found: dict[datetime, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for position, visit_type in visit_types.items():
        for mode in visit_type.modes:
            rules = replace(
                calendar.rules(visit_type, mode), minimum_notice=0, horizon_days=None, maximum_per_day=None
            )
            window_end = now + timedelta(days=ahead)
            for at in free_starts(rules, calendar.busy, window_start=start, window_end=window_end, now=start):
                found[at][mode].append(position)
    for at in sorted(found):
        modes = {mode: _with_follow_up(positions) for mode, positions in found[at].items()}
        yield Offer(at, modes)


def _with_follow_up(positions: list[int]) -> tuple[int, ...]:
    """A follow-up takes as long as a first visit, so it fits wherever that one does."""
    return (*positions, FOLLOW_UP) if STANDARD in positions else tuple(positions)


def _visits_of(
    draft: DoctorDraft, offers: list[Offer], city: City, diary: Diary, scale: Scale
) -> list[Visit]:
    today = diary.day(diary.now)
    rng = Random(f"visits:{draft.slug}:{today}")
    expected = sum(chance(draft, offer, diary.now, scale) for offer in offers)
    family = {patient.key: patient for patient in city.patients if patient.key in FAMILY}
    strangers = [patient for patient in city.patients if patient.key not in FAMILY]
    people = panel(rng, draft, strangers, today, size=max(8, round(expected * 0.55)))
    fixed = list(past_visits(draft, offers, family, diary.now))
    return list(plan(rng, draft, offers, people, diary, scale=scale, fixed=fixed))


class _Writer:
    """Turns visits into rows; one transaction for each doctor."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._insurers = dict(InsuranceProvider.objects.values_list("name", "pk"))
        self._admin = user_id(ADMIN.email)
        links = DoctorSpecialty.objects.filter(is_primary=True).values_list("doctor_id", "specialty_id")
        self._specialties = dict(links)

    def write(
        self, doctor: Doctor, draft: DoctorDraft, calendar: DoctorCalendar, visits: Iterable[Visit]
    ) -> None:
        bookings: list[Booking] = []
        moves: list[BookingTransition] = []
        periods: list[BusyPeriod] = []
        for visit in visits:
            booking = self._booking(doctor, draft, calendar, visit)
            bookings.append(booking)
            moves.extend(self._moves(booking, visit, doctor))
            if visit.occupies:
                periods.extend(_periods(booking, visit))
        with transaction.atomic():
            insert(bookings)
            insert(moves)
            if insert(periods) != len(periods):
                raise IntegrityError(f"{draft.slug}: two visits of the demo want the same time")

    def _booking(self, doctor: Doctor, draft: DoctorDraft, calendar: DoctorCalendar, visit: Visit) -> Booking:
        terms = draft.visit_types[visit.visit_type]
        office = calendar.office_at(visit.starts_at) if visit.mode == "in_person" else None
        cancelled = visit.outcome.startswith("cancelled")
        booking = Booking(
            id=identifier("booking", draft.slug, visit.starts_at, visit.patient.key),
            created_at=visit.booked_at,
            updated_at=visit.ended_at,
            patient_id=patient_id(visit.patient.key),
            doctor=doctor,
            specialty_id=self._specialties[doctor.pk],
            visit_type_id=identifier("visit type", draft.slug, visit.visit_type),
            visit_mode=visit.mode,
            office=office,
            starts_at=visit.starts_at,
            duration_minutes=visit.minutes,
            ends_at=visit.ends_at,
            status=visit.outcome,
            channel=visit.channel,
            insurance_provider_id=self._insurers[visit.patient.insurer] if visit.uses_insurance else None,
            policy_number=visit.patient.policy_number if visit.uses_insurance else "",
            price_minor=terms.fee_minor,
            currency=terms.currency,
            payment_method="at_clinic",
            free_cancellation_hours=doctor.free_cancellation_hours,
            late_fee_percent=doctor.late_fee_percent,
            patient_notes=visit.notes,
            cancellation_reason=visit.reason,
            cancelled_at=visit.ended_at if cancelled else None,
            cancelled_by_id=self._actor(visit, doctor) if cancelled else None,
            created_by_id=self._booker(visit),
        )
        if visit.outcome == "pending_confirmation":
            booking.confirm_by = policies.confirmation_deadline(booking, now=visit.booked_at)
        return booking

    def _booker(self, visit: Visit) -> UUID | None:
        """The account that booked; staff by hand, nobody for a patient met on the phone or on WhatsApp."""
        if visit.channel == "admin_manual":
            return self._admin
        keeper = visit.patient.guardian or (visit.patient.key if visit.patient.has_account else "")
        return user_id(keeper) if keeper else None

    def _actor(self, visit: Visit, doctor: Doctor) -> UUID | None:
        kind = ACTORS[visit.outcome]
        if kind == "doctor":
            return doctor.user_id
        return self._admin if kind == "admin" else self._booker(visit) if kind == "patient" else None

    def _moves(self, booking: Booking, visit: Visit, doctor: Doctor) -> Iterator[BookingTransition]:
        """Every step from the hold on, by whom and when."""
        by_staff = visit.channel == "admin_manual"
        booker = (
            "admin" if by_staff else "patient" if self._booker(visit) else "system",
            self._booker(visit),
        )
        steps: list[tuple[str, datetime, tuple[str, UUID | None]]] = [("held", visit.booked_at, booker)]
        if visit.outcome not in {"held", "expired"}:
            confirmed_at = visit.booked_at + timedelta(minutes=2)
            by_hand = doctor.confirmation_mode == "by_hand" and not by_staff
            if by_hand or visit.outcome == "pending_confirmation":
                steps.append(("pending_confirmation", confirmed_at, booker))
            if by_hand and visit.outcome != "pending_confirmation":
                steps.append(("confirmed", confirmed_at + timedelta(minutes=5), ("doctor", doctor.user_id)))
            elif visit.outcome != "pending_confirmation":
                steps.append(("confirmed", confirmed_at, booker))
        if visit.outcome in ACTORS:
            actor = (ACTORS[visit.outcome], self._actor(visit, doctor))
            steps.append((visit.outcome, visit.ended_at, actor))
        before = ""
        for status, at, (kind, actor_id) in steps:
            yield BookingTransition(
                created_at=at,
                booking_id=booking.pk,
                from_status=before,
                to_status=status,
                actor_kind=kind,
                actor_id=actor_id,
                reason=visit.reason if status == visit.outcome else "",
                starts_at=visit.starts_at,
            )
            before = status


def _periods(booking: Booking, visit: Visit) -> Iterator[BusyPeriod]:
    occupied_from, occupied_until = occupancy.span(booking.doctor, booking)
    yield BusyPeriod(
        created_at=visit.booked_at,
        doctor_id=booking.doctor_id,
        booking_id=booking.pk,
        period=DateTimeTZRange(occupied_from, occupied_until),
    )
    yield BusyPeriod(
        created_at=visit.booked_at,
        patient_id=booking.patient_id,
        booking_id=booking.pk,
        period=DateTimeTZRange(visit.starts_at, visit.ends_at),
    )
