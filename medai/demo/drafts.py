"""People and practices as plain values: what the demo writes down, without knowing how it is stored.

Times of the day are minutes (0 to 1440), `day_of_week` 0 is Sunday, money is in minor units of its currency.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Sex = Literal["female", "male"]
Mode = Literal["in_person", "video"]
RangeMode = Literal["both", "in_person", "video"]
ExceptionKind = Literal["blocked", "custom_hours", "extra_hours"]
Standing = Literal["public", "pending", "rejected"]
Relationship = Literal["self", "child", "parent", "other"]


@dataclass(frozen=True, slots=True)
class PlaceDraft:
    """An address whose coordinates lie where its street numbers say, give or take a block."""

    address: str
    neighborhood: str
    city: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class OfficeDraft:
    place: PlaceDraft
    name: str
    phone: str
    directions: str


@dataclass(frozen=True, slots=True)
class VisitTypeDraft:
    """`kind` is standard, follow_up or other; only the last has names of its own."""

    kind: Literal["standard", "follow_up", "other"]
    duration_minutes: int
    fee_minor: int
    currency: str
    modes: tuple[Mode, ...]
    name_es: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class HoursDraft:
    """Weekly hours; `office` is the position among the doctor's offices, None where there is only video."""

    day_of_week: int
    start_minute: int
    end_minute: int
    mode: RangeMode = "both"
    office: int | None = 0
    slot_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class ExceptionDraft:
    """A date that differs; blocked without hours is the whole day."""

    date: date
    kind: ExceptionKind
    reason: str
    start_minute: int | None = None
    end_minute: int | None = None
    mode: RangeMode = "both"
    office: int | None = None


@dataclass(frozen=True, slots=True)
class RulesDraft:
    slot_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    minimum_notice_minutes: int
    horizon_days: int
    maximum_per_day: int | None
    confirms_by_hand: bool
    free_cancellation_hours: int
    late_fee_percent: int
    accepts_payment_at_clinic: bool


@dataclass(frozen=True, slots=True)
class QualificationDraft:
    title_es: str
    title_en: str
    institution: str
    year: int


@dataclass(frozen=True, slots=True)
class DoctorDraft:
    """A doctor and their practice.

    `popularity` (0 to 1) says how many like to come, compared with other doctors; `fullness`, where it is given,
    how much of the time offered is taken, whatever the others do.
    """

    slug: str
    email: str
    title: str
    first_name: str
    last_name: str
    sex: Sex
    phone: str
    specialties: tuple[str, ...]
    bio_es: str
    bio_en: str
    qualifications: tuple[QualificationDraft, ...]
    license_number: str
    experience_years: int
    languages: tuple[str, ...]
    insurers: tuple[str, ...]
    offices: tuple[OfficeDraft, ...]
    visit_types: tuple[VisitTypeDraft, ...]
    hours: tuple[HoursDraft, ...]
    exceptions: tuple[ExceptionDraft, ...]
    rules: RulesDraft
    standing: Standing
    is_accepting_new_patients: bool
    popularity: float
    fullness: float | None = None

    @property
    def display_name(self) -> str:
        return f"{self.title} {self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class PatientDraft:
    """A person who receives care. `guardian` is the key of the one whose account cares for them."""

    key: str
    first_name: str
    last_name: str
    sex: Sex
    date_of_birth: date
    phone: str
    email: str
    language: Literal["es", "en"]
    place: PlaceDraft
    insurer: str
    policy_number: str
    has_account: bool
    guardian: str = ""
    relationship: Relationship = "self"
    emergency_contact_name: str = ""
    emergency_contact_phone: str = ""

    def age_on(self, day: date) -> int:
        born = self.date_of_birth
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True, slots=True)
class City:
    doctors: tuple[DoctorDraft, ...]
    patients: tuple[PatientDraft, ...]
