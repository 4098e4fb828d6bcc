"""Topics that pages listen to."""

from uuid import UUID

from doctors.models import Doctor
from medai.common import realtime
from medai.common.identity import Identity, Kind


@realtime.topic("doctor-profile")
def own_profile(identity: Identity, key: str) -> bool:
    """A doctor's own profile and the state of its verification: the doctor and admins."""
    doctor_id = _uuid(key)
    if doctor_id is None or identity.kind != Kind.ADMIN:
        return doctor_id in identity.doctor_ids
    return Doctor.objects.filter(pk=doctor_id).exists()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
