"""The practice of whoever asks."""

from doctors.errors import NoPractice
from doctors.models import Doctor
from medai.common.identity import current_identity


def own_doctor_or_none() -> Doctor | None:
    """The doctor whose calendar the current identity keeps; None for an account that has not set one up."""
    identity = current_identity()
    if identity is None or not identity.doctor_ids:
        return None
    return Doctor.objects.filter(pk__in=identity.doctor_ids).order_by("created_at").first()


def own_doctor() -> Doctor:
    """The same, or `NoPractice`."""
    doctor = own_doctor_or_none()
    if doctor is None:
        raise NoPractice
    return doctor
