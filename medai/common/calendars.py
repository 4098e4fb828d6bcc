"""Which doctors' calendars an account keeps: asked by accounts, answered by the app that owns calendars."""

from collections.abc import Callable
from uuid import UUID

_sources: list[Callable[[UUID], tuple[UUID, ...]]] = []


def calendar_source(source: Callable[[UUID], tuple[UUID, ...]]) -> Callable[[UUID], tuple[UUID, ...]]:
    """Register a function from a user's id to the ids of the doctors whose calendars that user keeps."""
    _sources.append(source)
    return source


def calendars_kept_by(user_id: UUID) -> tuple[UUID, ...]:
    return tuple(doctor_id for source in _sources for doctor_id in source(user_id))
