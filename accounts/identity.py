"""From a signed-in account to the identity that the database obeys."""

from typing import Any

from accounts.models import Guardianship, Relationship, Role, User
from medai.common.calendars import calendars_kept_by
from medai.common.identity import ANONYMOUS, Identity, Kind, acting_as_system


def identity_for(user: Any, *, actor: User | None = None) -> Identity:
    """The identity of a user, read afresh so that a lost guardianship or calendar ends at once.

    `actor` is the member of staff behind an impersonation. A banned or anonymous user is anonymous.
    """
    if user is None or not user.is_authenticated or not user.is_active:
        return ANONYMOUS
    patient_ids: tuple[Any, ...] = ()
    doctor_ids: tuple[Any, ...] = ()
    with acting_as_system("identity"):
        if user.role == Role.PATIENT:
            cared_for = Guardianship.objects.filter(user=user, patient__deleted_at=None)
            rows = cared_for.order_by("created_at").values_list("relationship", "patient_id")
            # Oneself first, also where a record from before was taken over after others were added.
            patient_ids = tuple(pk for _, pk in sorted(rows, key=lambda row: row[0] != Relationship.SELF))
        elif user.role == Role.DOCTOR:
            doctor_ids = calendars_kept_by(user.pk)
    return Identity(
        kind=Kind(user.role),
        user_id=user.pk,
        patient_ids=patient_ids,
        doctor_ids=doctor_ids,
        actor_id=actor.pk if actor else None,
    )
