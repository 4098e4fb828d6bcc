"""The visits of Mariana Gómez and her family, which whoever looks around the demo will open first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from medai.demo.drafts import DoctorDraft, PatientDraft
from medai.demo.patients import MOTHER
from medai.demo.visits import FOLLOW_UP, STANDARD, Offer, Visit

SON, DAUGHTER, FATHER = "samuel-cardenas", "antonella-cardenas", "hernando-gomez"
FAMILY = frozenset({MOTHER, SON, DAUGHTER, FATHER})


@dataclass(frozen=True, slots=True)
class TourVisit:
    """`days` before today or from today on; the nearest free time is taken."""

    patient: str
    doctor: str
    days: int
    mode: str
    visit_type: int
    notes: str


PAST = (
    TourVisit(MOTHER, "sarah-ahmed", 46, "in_person", STANDARD, "Palpitaciones desde septiembre, sobre todo de noche"),
    TourVisit(MOTHER, "natalia-cifuentes-afanador", 24, "in_person", STANDARD, "Un lunar que cambió de color"),
    TourVisit(SON, "paula-andrea-gil-sarmiento", 61, "in_person", STANDARD, "Tos que no lo deja dormir"),
    TourVisit(SON, "paula-andrea-gil-sarmiento", 33, "in_person", FOLLOW_UP, "Control de la tos"),
    TourVisit(DAUGHTER, "paula-andrea-gil-sarmiento", 12, "in_person", STANDARD, "Control de crecimiento"),
    TourVisit(FATHER, "andres-felipe-quintero", 52, "in_person", STANDARD, "La tensión le sale en 150 por las mañanas"),
)  # fmt: skip
COMING = (
    TourVisit(MOTHER, "sarah-ahmed", 4, "video", FOLLOW_UP, "Traigo el resultado del Holter"),
    TourVisit(DAUGHTER, "paula-andrea-gil-sarmiento", 6, "in_person", STANDARD, "Vacunas y control"),
    TourVisit(FATHER, "andres-felipe-quintero", 8, "in_person", FOLLOW_UP, "Control de la tensión"),
)


def past_visits(
    doctor: DoctorDraft, offers: Sequence[Offer], family: dict[str, PatientDraft], now: datetime
) -> Iterator[Visit]:
    """The family's visits to this doctor, each at the offer nearest to its day."""
    for wish in PAST:
        if wish.doctor != doctor.slug or wish.patient not in family:
            continue
        wanted = now - timedelta(days=wish.days)
        fitting = [
            o for o in offers if o.starts_at < now and wish.visit_type in o.visit_types.get(wish.mode, ())
        ]
        start = min(fitting, key=lambda offer: abs(offer.starts_at - wanted)).starts_at
        minutes = doctor.visit_types[wish.visit_type].duration_minutes
        patient = family[wish.patient]
        yield Visit(
            patient=patient,
            starts_at=start,
            minutes=minutes,
            mode=wish.mode,
            visit_type=wish.visit_type,
            outcome="completed",
            booked_at=start - timedelta(days=5, hours=3),
            ended_at=start + timedelta(minutes=minutes + 4),
            channel="app",
            notes=wish.notes,
            reason="",
            uses_insurance=patient.insurer in doctor.insurers,
        )
