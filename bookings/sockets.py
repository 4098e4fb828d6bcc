"""Who may hear that bookings changed."""

from uuid import UUID

from medai.common import realtime
from medai.common.identity import Identity


@realtime.topic("doctor-slots")
def anybody(identity: Identity, key: str) -> bool:
    """A doctor's free times are public."""
    return True


@realtime.topic("doctor-calendar")
def keeper_of_the_calendar(identity: Identity, key: str) -> bool:
    return _is_one_of(key, identity.doctor_ids)


@realtime.topic("patient-bookings")
def who_cares_for_the_patient(identity: Identity, key: str) -> bool:
    return _is_one_of(key, identity.patient_ids)


def _is_one_of(key: str, ids: tuple[UUID, ...]) -> bool:
    return key in map(str, ids)
