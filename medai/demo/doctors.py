"""The doctors of the demo: who they are comes from `data/roster.json`, how they practice is drawn for each."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from medai.demo.biographies import Sentences, biography
from medai.demo.calendars import HOLIDAY, PATTERNS, exceptions
from medai.demo.data import insurers, load
from medai.demo.drafts import (
    DoctorDraft,
    ExceptionDraft,
    HoursDraft,
    Mode,
    OfficeDraft,
    QualificationDraft,
    RulesDraft,
    VisitTypeDraft,
)
from medai.demo.names import phone, plain
from medai.demo.places import BY_NAME, NEIGHBORHOODS, office_in

DOMAIN = "demo.medai.example"
SARAH = "sarah-ahmed"
BACK, AHEAD = 95, 75
# What needs hands or instruments is not done by video.
HANDS_ON = {"dentistry", "optometry", "ophthalmology", "physiotherapy", "otolaryngology", "general-surgery"}
UNIVERSITIES = {
    "Bogotá": (
        "Universidad Nacional de Colombia",
        "Pontificia Universidad Javeriana",
        "Universidad del Rosario",
        "Universidad El Bosque",
        "Universidad de La Sabana",
        "Universidad de los Andes",
    ),
    "Medellín": ("Universidad de Antioquia", "Universidad CES", "Universidad Pontificia Bolivariana"),
    "Cali": ("Universidad del Valle", "Universidad Icesi", "Pontificia Universidad Javeriana Cali"),
    "Barranquilla": ("Universidad del Norte", "Universidad Libre", "Universidad Metropolitana"),
}
ABROAD = (
    ("Estancia de formación", "Observership", "Hospital Clínic, Barcelona"),
    ("Estancia de formación", "Observership", "Hospital Italiano, Buenos Aires"),
    ("Curso avanzado", "Advanced course", "Universidade de São Paulo"),
    ("Estancia de investigación", "Research stay", "Charité, Berlín"),
)
SARAHS_STUDIES = (
    QualificationDraft(
        "Especialista en cardiología", "Specialist in cardiology", "Fundación Cardioinfantil, Bogotá", 2013
    ),
    QualificationDraft(
        "Especialista en medicina interna",
        "Specialist in internal medicine",
        "Aga Khan University Hospital, Karachi",
        2010,
    ),
    QualificationDraft("Médica cirujana", "Doctor of Medicine", "Aga Khan University, Karachi", 2005),
)


def doctors(*, seed: str, today: date) -> tuple[DoctorDraft, ...]:
    sentences = Sentences(Random(f"{seed}:biographies"))
    return tuple(
        _doctor(row, number, sentences, seed=seed, today=today)
        for number, row in enumerate(load("roster"), start=1)
    )


def _doctor(row: dict[str, Any], number: int, sentences: Sentences, *, seed: str, today: date) -> DoctorDraft:
    slug = plain(f"{row['first_name']} {row['last_name']}")
    rng = Random(f"{seed}:doctor:{slug}")
    practice = load("practice")[row["specialties"][0]]
    hours = PATTERNS[row["hours"]]()
    if row["specialties"][0] in HANDS_ON or ("fullness" not in row and rng.random() < 0.25):
        hours = _at_the_office(hours)
    modes = _modes(hours)
    ways = {"office" if mode == "in_person" else "video" for mode in modes}
    slot_minutes = 30 if slug == SARAH else rng.choice(practice["slot_minutes"])
    bio_es, bio_en = biography(sentences, row, practice["family"], ways, length=rng.choice((2, 3, 3, 3)))
    return DoctorDraft(
        slug=slug,
        email=f"{slug.replace('-', '.')}@{DOMAIN}",
        title="Dra." if row["sex"] == "female" else "Dr.",
        first_name=row["first_name"],
        last_name=row["last_name"],
        sex=row["sex"],
        phone=phone(number),
        specialties=tuple(row["specialties"]),
        bio_es=bio_es,
        bio_en=bio_en,
        qualifications=SARAHS_STUDIES if slug == SARAH else _studies(rng, row, practice, today),
        license_number=f"{rng.randint(11, 79)}-{rng.randint(100, 999)}.{rng.randint(0, 999):03d}",
        experience_years=row["experience_years"],
        languages=tuple(row["languages"]),
        insurers=_accepted(rng),
        offices=_offices(rng, row, hours, number),
        visit_types=_visit_types(rng, slug, practice, slot_minutes, modes),
        hours=hours,
        exceptions=_exceptions(rng, row, hours, today),
        rules=_rules(rng, row, slot_minutes),
        standing=row["status"],
        is_accepting_new_patients="fullness" in row or rng.random() > 0.1,
        popularity=round(rng.betavariate(2.2, 1.8), 2),
        fullness=row.get("fullness"),
    )


def _at_the_office(hours: tuple[HoursDraft, ...]) -> tuple[HoursDraft, ...]:
    """The same hours without video, unless there are no others."""
    in_person = tuple(replace(draft, mode="in_person") for draft in hours if draft.mode != "video")
    return in_person or hours


def _exceptions(
    rng: Random, row: dict[str, Any], hours: tuple[HoursDraft, ...], today: date
) -> tuple[ExceptionDraft, ...]:
    """Those whose calendar is to be looked at are not away around today."""
    drawn = exceptions(rng, hours, today=today, back=BACK, ahead=AHEAD)
    if "fullness" not in row:
        return drawn
    near = today - timedelta(days=10), today + timedelta(days=14)
    return tuple(e for e in drawn if e.reason == HOLIDAY or not near[0] <= e.date <= near[1])


def _modes(hours: tuple[HoursDraft, ...]) -> tuple[Mode, ...]:
    offered = {draft.mode for draft in hours}
    modes: list[Mode] = []
    if offered & {"both", "in_person"}:
        modes.append("in_person")
    if offered & {"both", "video"}:
        modes.append("video")
    return tuple(modes)


def _studies(
    rng: Random, row: dict[str, Any], practice: dict[str, Any], today: date
) -> tuple[QualificationDraft, ...]:
    """The latest first; a specialty takes four years after the degree, and experience counts from there."""
    degree, further = practice["degree"], practice["further_degree"]
    specialist = further["en"].startswith(("Specialist", "Master"))
    started = today.year - row["experience_years"]
    graduated = started - (4 if specialist else 0)
    universities = UNIVERSITIES[row["city"]]
    studies = [
        QualificationDraft(degree[row["sex"]], degree["en"], rng.choice(universities), graduated),
        QualificationDraft(
            further["es"],
            further["en"],
            rng.choice(universities),
            started if specialist else min(started + 1, today.year),
        ),
    ]
    if row["experience_years"] >= 8 and rng.random() < 0.35:
        title_es, title_en, place = rng.choice(ABROAD)
        studies.append(QualificationDraft(title_es, title_en, place, started + rng.randint(1, 4)))
    return tuple(reversed(studies))


def _accepted(rng: Random) -> tuple[str, ...]:
    """Some take no insurer; most take a few, the large ones oftener."""
    if rng.random() < 0.12:
        return ()
    names = [insurer["name"] for insurer in insurers()]
    weights = [
        3 if insurer["kind"] == "prepaid" else 2 if insurer["kind"] == "policy" else 1
        for insurer in insurers()
    ]
    drawn = rng.choices(names, weights, k=rng.randint(3, 9))
    return tuple(sorted(set(drawn)))


def _offices(
    rng: Random, row: dict[str, Any], hours: tuple[HoursDraft, ...], number: int
) -> tuple[OfficeDraft, ...]:
    """As many offices as the hours speak of, one at least, which is where a video doctor is registered."""
    main = BY_NAME[row["city"], row["neighborhood"]]
    count = 1 + max((draft.office or 0 for draft in hours), default=0)
    others = [place for place in NEIGHBORHOODS if place.city == row["city"] and place is not main]
    places = [main, *rng.sample(others, count - 1)]
    return tuple(
        office_in(rng, place, phone(500 + 10 * number + index)) for index, place in enumerate(places)
    )


def _visit_types(
    rng: Random, slug: str, practice: dict[str, Any], slot_minutes: int, modes: tuple[Mode, ...]
) -> tuple[VisitTypeDraft, ...]:
    if slug == SARAH:
        return (
            VisitTypeDraft("standard", slot_minutes, 20_000, "USD", modes),
            VisitTypeDraft("follow_up", slot_minutes, 15_000, "USD", modes),
        )
    low, high = practice["fee_thousands"]
    fee = rng.randrange(low, high + 1, 10)
    follow_up = round(fee * rng.choice((0.6, 0.7, 0.75)) / 5) * 5
    own = (
        VisitTypeDraft(
            "other",
            extra["minutes"],
            _pesos(extra["fee_thousands"]),
            "COP",
            offered,
            extra["es"],
            extra["en"],
        )
        for extra in practice["extra_visits"]
        if (offered := tuple(mode for mode in modes if mode in extra["modes"]))
    )
    return (
        VisitTypeDraft("standard", slot_minutes, _pesos(fee), "COP", modes),
        VisitTypeDraft("follow_up", slot_minutes, _pesos(follow_up), "COP", modes),
        *own,
    )


def _pesos(thousands: int) -> int:
    """Thousands of Colombian pesos in minor units: ISO 4217 gives the peso a hundred cents."""
    return thousands * 1000 * 100


def _rules(rng: Random, row: dict[str, Any], slot_minutes: int) -> RulesDraft:
    if row["hours"] == "nine_to_five":
        return RulesDraft(slot_minutes, 0, 0, 120, 60, None, False, 24, 50, True)
    return RulesDraft(
        slot_minutes=slot_minutes,
        buffer_before_minutes=rng.choice((0, 0, 0, 0, 5)),
        buffer_after_minutes=rng.choice((0, 0, 0, 5, 10)),
        minimum_notice_minutes=rng.choice((60, 120, 120, 240, 720, 1440)),
        horizon_days=rng.choice((30, 45, 60, 60)),
        maximum_per_day=rng.choice((None, None, None, 12, 14)),
        confirms_by_hand=row.get("confirms_by_hand", rng.random() < 0.2),
        free_cancellation_hours=rng.choice((12, 24, 24, 24, 48)),
        late_fee_percent=rng.choice((0, 0, 30, 50, 50)),
        accepts_payment_at_clinic=True,
    )
