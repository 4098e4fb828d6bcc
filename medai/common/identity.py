"""Who is asking: the identity that PostgreSQL's row-level security obeys.

The identity lives in a ContextVar; `medai.common.postgres` sends it to the server, for one transaction,
before the first statement that needs it. No identity means nobody: no protected row can be read or written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """Each kind has a PostgreSQL group role of its own, named by `Identity.database_role`."""

    ANONYMOUS = "anonymous"
    SIGN_IN = "sign_in"
    PATIENT = "patient"
    DOCTOR = "doctor"
    PHARMACIST = "pharmacist"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose rows may be seen.

    `patient_ids` are the patients the user cares for, `doctor_ids` the calendars the user keeps. `actor_id` is
    the person behind the keyboard where that is not `user_id` (impersonation). `reason` says why the system acts.
    """

    kind: Kind
    user_id: UUID | None = None
    patient_ids: tuple[UUID, ...] = ()
    doctor_ids: tuple[UUID, ...] = ()
    actor_id: UUID | None = None
    reason: str = ""

    @property
    def database_role(self) -> str:
        return f"medai_{self.kind.value}"

    @property
    def is_impersonated(self) -> bool:
        return self.actor_id is not None and self.actor_id != self.user_id


ANONYMOUS = Identity(Kind.ANONYMOUS)

_current: ContextVar[Identity | None] = ContextVar("identity", default=None)

current_identity = _current.get


@contextmanager
def acting_as(identity: Identity | None) -> Iterator[Identity | None]:
    """Enter an identity for the block; the one before it comes back afterwards, also after an error."""
    token = _current.set(identity)
    try:
        yield identity
    finally:
        _current.reset(token)


@contextmanager
def acting_as_system(reason: str) -> Iterator[Identity | None]:
    """Enter the system's identity, which sees every row, for work no person asks for; `reason` names that work."""
    before = _current.get()
    actor_id = (before.actor_id or before.user_id) if before else None
    with acting_as(Identity(Kind.SYSTEM, actor_id=actor_id, reason=reason)) as identity:
        yield identity
