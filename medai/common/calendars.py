"""Which calendars an account keeps, and the lock that every write to a calendar takes first."""

from collections.abc import Callable
from uuid import UUID

_sources: list[Callable[[UUID], tuple[UUID, ...]]] = []


def calendar_source(source: Callable[[UUID], tuple[UUID, ...]]) -> Callable[[UUID], tuple[UUID, ...]]:
    """Register a function from a user's id to the ids of the doctors whose calendars that user keeps."""
    _sources.append(source)
    return source


def calendars_kept_by(user_id: UUID) -> tuple[UUID, ...]:
    return tuple(doctor_id for source in _sources for doctor_id in source(user_id))


def doctor_lock_key(doctor_id: UUID) -> str:
    """For `medai.common.database.lock`: whoever changes a doctor's hours or bookings holds it."""
    return f"calendar:doctor:{doctor_id}"


def patient_lock_key(patient_id: UUID) -> str:
    return f"calendar:patient:{patient_id}"
