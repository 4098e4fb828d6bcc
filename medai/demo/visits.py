"""Which visits a doctor has had and will have: chosen among the starts that their own hours offer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import exp
from random import Random
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from medai.demo.data import load
from medai.demo.drafts import DoctorDraft, PatientDraft
from medai.demo.timeline import patient_joined_at

Outcome = Literal[
    "completed", "no_show", "confirmed", "pending_confirmation", "held", "expired",
    "cancelled_by_patient", "cancelled_by_doctor", "cancelled_by_admin",
]  # fmt: skip
PAST: tuple[tuple[Outcome, int], ...] = (
    ("completed", 820), ("no_show", 62), ("cancelled_by_patient", 78),
    ("cancelled_by_doctor", 22), ("cancelled_by_admin", 6), ("expired", 12),
)  # fmt: skip
COMING: tuple[tuple[Outcome, int], ...] = (
    ("confirmed", 935), ("cancelled_by_patient", 48), ("cancelled_by_doctor", 12), ("cancelled_by_admin", 5),
)  # fmt: skip
CHANNELS = (("app", 62), ("whatsapp", 24), ("phone", 9), ("admin_manual", 5))
CHANNELS_WITHOUT_ACCOUNT = (("whatsapp", 55), ("phone", 30), ("admin_manual", 15))
STANDARD, FOLLOW_UP = 0, 1
FULLEST = 0.85
HOLD = timedelta(minutes=10)
# Of those who would come, some find the time taken or are busy; as many more must want to.
LOST = 0.09
# Bookings thin out into the future; the number is the days after which a third is left.
THINNING = 11.0
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Offer:
    """A start that can be booked, and what: for each way of being seen, the positions of the visit types."""

    starts_at: datetime
    visit_types: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as it became; `visit_type` is the position among the doctor's. `ended_at` is its last move."""

    patient: PatientDraft
    starts_at: datetime
    minutes: int
    mode: str
    visit_type: int
    outcome: Outcome
    booked_at: datetime
    ended_at: datetime
    channel: str
    notes: str
    reason: str
    uses_insurance: bool

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def occupies(self) -> bool:
        return self.outcome in {"completed", "no_show", "confirmed", "pending_confirmation", "held"}


@dataclass
class Diary:
    """What is known while visits are chosen: who is taken on which day, by whichever doctor."""

    now: datetime
    zone: ZoneInfo
    taken: set[tuple[str, date]] = field(default_factory=set)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


Scale = Mapping[tuple[bool, bool], float]
# In a small city the full calendars leave the others something too.
MOST_OF_ALL = 0.25


def scales(
    offers: Mapping[str, Sequence[Offer]],
    doctors: Sequence[DoctorDraft],
    now: datetime,
    *,
    past: int,
    coming: int,
) -> Scale:
    """What turns wishes into probabilities, so that about so many visits come out.

    The keys say whether it is for the past, and whether for a doctor whose fullness is given.
    """
    found = {}
    for is_past, visits in ((True, past), (False, coming)):
        wanted = visits / (1 - LOST)
        likely = {True: 0.0, False: 0.0}
        for doctor in doctors:
            wishes = (_wish(doctor, o, now) for o in offers[doctor.slug] if (o.starts_at < now) == is_past)
            likely[doctor.fullness is not None] += sum(wishes)
        full = min(likely[True], MOST_OF_ALL * wanted)
        found[is_past, True] = full / max(1.0, likely[True])
        found[is_past, False] = (wanted - full) / max(1.0, likely[False])
    return found


def chance(doctor: DoctorDraft, offer: Offer, now: datetime, scale: Scale) -> float:
    """How likely somebody comes at this start."""
    factor = scale[offer.starts_at < now, doctor.fullness is not None]
    return min(FULLEST, _wish(doctor, offer, now) * factor)


def _wish(doctor: DoctorDraft, offer: Offer, now: datetime) -> float:
    """How many would come, before any scaling: fewer the further ahead, and the platform has been growing."""
    days = (offer.starts_at - now).total_seconds() / 86_400
    when = exp(-days / THINNING) if days > 0 else 1 + days / 360
    if doctor.fullness is not None:
        # As likely as to come near to that after what is lost.
        return doctor.fullness / (1 - LOST) * when
    return doctor.popularity**2.5 * when


def suits(doctor: DoctorDraft, patient: PatientDraft, today: date) -> bool:
    """Whether such a person would see such a doctor."""
    age, fields = patient.age_on(today), set(doctor.specialties)
    if fields & {"pediatrics", "speech-therapy"}:
        return age < 18
    if "geriatrics" in doctor.specialties[:1]:
        return age >= 65
    if fields & {"gynecology", "obstetrics"}:
        return patient.sex == "female" and (18 <= age <= 44 if "gynecology" not in fields else age >= 15)
    if "urology" in fields:
        return patient.sex == "male" and age >= 18
    if fields & {
        "dermatology",
        "allergy-immunology",
        "dentistry",
        "ophthalmology",
        "optometry",
        "otolaryngology",
    }:
        return age >= 4
    return age >= 17


def panel(
    rng: Random, doctor: DoctorDraft, patients: Sequence[PatientDraft], today: date, size: int
) -> list[PatientDraft]:
    """The people who come to a doctor, most of them from the same city."""
    city = doctor.offices[0].place.city
    by_video = any(draft.mode != "in_person" for draft in doctor.hours)
    near: list[PatientDraft] = []
    far: list[PatientDraft] = []
    for patient in patients:
        if suits(doctor, patient, today):
            (near if patient.place.city == city else far).append(patient)
    visitors = rng.sample(far, min(len(far), size // 8)) if by_video else []
    return [*rng.sample(near, min(len(near), size)), *visitors]


def plan(
    rng: Random,
    doctor: DoctorDraft,
    offers: Sequence[Offer],
    people: Sequence[PatientDraft],
    diary: Diary,
    *,
    scale: Scale,
    fixed: Sequence[Visit] = (),
) -> Iterator[Visit]:
    """The `fixed` visits and others on a doctor's offers, never two at once."""
    chooser = _Chooser(rng, doctor, people, diary)
    busy = [_span(doctor, visit) for visit in fixed]
    count: dict[date, int] = {}
    yield from fixed
    for offer in offers if people else ():
        day = diary.day(offer.starts_at)
        full = doctor.rules.maximum_per_day is not None and count.get(day, 0) >= doctor.rules.maximum_per_day
        if full or rng.random() > chance(doctor, offer, diary.now, scale):
            continue
        visit = chooser.visit(offer)
        if visit is None:
            continue
        span = _span(doctor, visit)
        if any(start < span[1] and span[0] < end for start, end in busy):
            continue
        busy.append(span)
        count[day] = count.get(day, 0) + 1
        chooser.remember(visit)
        yield visit


def _span(doctor: DoctorDraft, visit: Visit) -> tuple[datetime, datetime]:
    """The doctor's time that a visit takes, breaks included."""
    rules = doctor.rules
    return (
        visit.starts_at - timedelta(minutes=rules.buffer_before_minutes),
        visit.ends_at + timedelta(minutes=rules.buffer_after_minutes),
    )


class _Chooser:
    """Decides who comes at a start, for what, and what became of it."""

    def __init__(
        self, rng: Random, doctor: DoctorDraft, people: Sequence[PatientDraft], diary: Diary
    ) -> None:
        self._rng, self._doctor, self._people, self._diary = rng, doctor, people, diary
        self._known: set[str] = set()
        self._closed = not doctor.is_accepting_new_patients

    def visit(self, offer: Offer) -> Visit | None:
        rng, now = self._rng, self._diary.now
        mode = (
            "in_person"
            if "in_person" in offer.visit_types and rng.random() < 0.68
            else rng.choice(list(offer.visit_types))
        )
        past = offer.starts_at < now
        outcome = self._outcome(offer.starts_at, past=past)
        booked_at = self._booked_at(offer.starts_at, outcome)
        patient = self._patient(offer.starts_at, booked_at, past=past)
        if patient is None:
            return None
        visit_type = self._visit_type(patient, offer.visit_types[mode])
        minutes = self._doctor.visit_types[visit_type].duration_minutes
        return Visit(
            patient=patient,
            starts_at=offer.starts_at,
            minutes=minutes,
            mode=mode,
            visit_type=visit_type,
            outcome=outcome,
            booked_at=booked_at,
            ended_at=self._ended_at(offer.starts_at, minutes, booked_at, outcome),
            channel=self._channel(patient, outcome),
            notes=self._notes(patient, visit_type),
            reason=said(rng, outcome, patient.language) if outcome.startswith("cancelled") else "",
            uses_insurance=patient.insurer in self._doctor.insurers and rng.random() < 0.7,
        )

    def remember(self, visit: Visit) -> None:
        self._diary.taken.add((visit.patient.key, self._diary.day(visit.starts_at)))
        if visit.outcome == "completed":
            self._known.add(visit.patient.key)

    def _channel(self, patient: PatientDraft, outcome: Outcome) -> str:
        if outcome == "pending_confirmation":
            return "app"  # staff book on the doctor's behalf, so what they book never waits
        reachable = patient.has_account or patient.guardian
        return weighted(self._rng, CHANNELS if reachable else CHANNELS_WITHOUT_ACCOUNT)

    def _outcome(self, start: datetime, *, past: bool) -> Outcome:
        now = self._diary.now
        if past and start > now - timedelta(hours=2):
            # The doctor has not said yet how today's last visits went.
            return (
                "completed" if start < now - timedelta(hours=1) and self._rng.random() < 0.7 else "confirmed"
            )
        if past:
            return weighted(self._rng, PAST)
        if (
            self._doctor.rules.confirms_by_hand
            and start > now + timedelta(hours=8)
            and self._rng.random() < 0.3
        ):
            return "pending_confirmation"
        return weighted(self._rng, COMING)

    def _booked_at(self, start: datetime, outcome: Outcome) -> datetime:
        rng, now = self._rng, self._diary.now
        if outcome == "pending_confirmation":
            return now - timedelta(minutes=rng.uniform(4, 600))
        notice = timedelta(minutes=self._doctor.rules.minimum_notice_minutes + 15)
        earliest = start - notice - timedelta(days=min(rng.expovariate(1 / 6), 18))
        if start < now:
            return earliest
        return min(earliest, now - timedelta(hours=min(rng.expovariate(1 / 60), 300) + 0.2))

    def _patient(self, start: datetime, booked_at: datetime, *, past: bool) -> PatientDraft | None:
        """Somebody who was on the platform by then, is free that day, and may book this doctor."""
        day = self._diary.day(start)
        for _ in range(10):
            patient = self._rng.choice(self._people)
            if (patient.key, day) in self._diary.taken:
                continue
            if patient_joined_at(patient.guardian or patient.key, self._diary.now) > booked_at:
                continue
            if self._closed and not past and patient.key not in self._known:
                continue
            return patient
        return None

    def _visit_type(self, patient: PatientDraft, offered: tuple[int, ...]) -> int:
        own = [position for position in offered if position > FOLLOW_UP]
        if STANDARD not in offered or (own and self._rng.random() < 0.12):
            return self._rng.choice(own)
        returns = patient.key in self._known and self._rng.random() < 0.85
        return FOLLOW_UP if returns else STANDARD

    def _ended_at(self, start: datetime, minutes: int, booked_at: datetime, outcome: Outcome) -> datetime:
        rng, now = self._rng, self._diary.now
        if outcome == "completed":
            return min(start + timedelta(minutes=minutes + rng.uniform(-4, 20)), now)
        if outcome == "no_show":
            return start + timedelta(minutes=rng.uniform(20, 45))
        if outcome == "expired":
            return booked_at + HOLD + timedelta(seconds=rng.uniform(2, 50))
        if outcome.startswith("cancelled"):
            confirmed = booked_at + timedelta(minutes=8)
            return confirmed + (min(start, now) - confirmed) * rng.uniform(0.05, 0.97)
        return booked_at + timedelta(minutes=rng.uniform(0.6, 6))

    def _notes(self, patient: PatientDraft, visit_type: int) -> str:
        if visit_type == FOLLOW_UP:
            return said(self._rng, "follow_up", patient.language)
        if self._rng.random() < 0.25:
            return ""
        fields = self._doctor.specialties
        reasons = load("practice")["pediatrics" if "pediatrics" in fields else fields[0]]["reasons"]
        return str(self._rng.choice(reasons)[patient.language])


def said(rng: Random, occasion: str, language: str) -> str:
    return str(rng.choice(load("visits")[occasion])[language])


def weighted(rng: Random, options: Sequence[tuple[Value, int]]) -> Value:
    return rng.choices([value for value, _ in options], [weight for _, weight in options])[0]
