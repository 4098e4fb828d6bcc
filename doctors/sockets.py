"""Topics that pages listen to."""

from uuid import UUID

from doctors.models import Doctor
from medai.common import realtime
from medai.common.identity import Identity, Kind


@realtime.topic("doctor-profile")
def own_profile(identity: Identity, key: str) -> bool:
    """A doctor's own profile and the state of its verification: the doctor and admins."""
    if identity.kind == Kind.ADMIN:
        return Doctor.objects.filter(pk=_uuid(key)).exists()
    return _uuid(key) in identity.doctor_ids


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
