"""How much time one patient, and one account, may keep from others without booking it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bookings import errors
from medai.common.database import Rows, Statement, execute_together
from medai.common.errors import DomainError
from medai.common.identity import Identity, Kind

MAXIMUM_HOLDS = 3
# For a family: each of them is bound by the limit of a patient too.
MAXIMUM_HOLDS_OF_ACCOUNT = 6
# Holds that were left or given up count, since each kept its time from others for a while.
MAXIMUM_HOLDS_AN_HOUR = 30
# Each tells the doctor, and gives a time back that others were kept from.
MAXIMUM_MOVES_AN_HOUR = 30
HOUR = timedelta(hours=1)

# By patient, which has an index and is what the row-level policy compares. Only holds have an expiry.
_HOLDS = """
SELECT patient_id, doctor_id, created_by_id FROM bookings_booking
WHERE patient_id = ANY (%(patients)s) AND hold_expires_at >= clock_timestamp()
"""
# By whoever did it, whomever they care for now; an index and the policy go by this as well. The index goes by the time
# too, which may not change while a statement runs.
_DONE_LATELY = """
SELECT created_at FROM bookings_bookingtransition
WHERE actor_kind = 'patient' AND actor_id = %(account)s AND created_at > statement_timestamp() - %(hour)s::interval
    AND {kind}
ORDER BY created_at
"""
_HELD_LATELY = _DONE_LATELY.format(kind="from_status = ''")
_MOVED_LATELY = _DONE_LATELY.format(kind="from_status = to_status")
# A link in a message to somebody without an account.
_MOVED_BY_LINK = """
SELECT created_at FROM bookings_bookingtransition
WHERE actor_kind = 'patient' AND booking_id = %(booking)s AND created_at > statement_timestamp() - %(hour)s::interval
    AND from_status = to_status
ORDER BY created_at
"""


@dataclass(frozen=True, slots=True)
class Hold:
    patient_id: UUID
    doctor_id: UUID
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The running holds that count, and when the account chose within the last hour."""

    holds: list[Hold]
    chosen_at: list[datetime]


def account_of(identity: Identity) -> UUID | None:
    """The account that makes a booking: of the person at the keyboard."""
    return identity.actor_id or identity.user_id


def locks_of(identity: Identity) -> list[str]:
    """What is locked so that nobody passes the limits by asking for many patients at once."""
    account = _bound_account(identity)
    return [f"holds:account:{account}"] if account else []


def reading_kept(*, patient_id: UUID, identity: Identity) -> list[Statement]:
    """What runs for these patients, whoever made it, and when the account made holds lately, whomever for."""
    account = _bound_account(identity)
    patients = [patient_id, *(identity.patient_ids if account else ())]
    return [(_HOLDS, {"patients": patients}), (_HELD_LATELY, {"account": account, "hour": HOUR})]


def kept_of(holds: Rows, chosen: Rows) -> Kept:
    """The answers to `reading_kept`."""
    return Kept([Hold(*row) for row in holds], _moments(chosen))


def check(kept: Kept, *, patient_id: UUID, doctor_id: UUID, identity: Identity, now: datetime) -> bool:
    """Whether the patient has a hold with this doctor, which a new one would replace.

    Raises `TooManyHolds` where patient or account keep too many others, and `HoldsTooOften` where the account made too
    many within an hour. Staff and the system, who book for many, are bound by the patient's limit alone.
    """
    account = _bound_account(identity)
    others = [hold for hold in kept.holds if (hold.patient_id, hold.doctor_id) != (patient_id, doctor_id)]
    if sum(hold.patient_id == patient_id for hold in others) >= MAXIMUM_HOLDS:
        raise errors.TooManyHolds
    if account is not None:
        if sum(hold.account_id == account for hold in others) >= MAXIMUM_HOLDS_OF_ACCOUNT:
            raise errors.TooManyHolds
        _check_hour(kept.chosen_at, MAXIMUM_HOLDS_AN_HOUR, errors.HoldsTooOften, now)
    return len(others) < len(kept.holds)


def check_moves(booking_id: UUID, *, identity: Identity, now: datetime) -> None:
    """Refuse with `MovesTooOften` whoever moved visits too many times within an hour; staff and doctors may.

    Callers hold the locks of `locks_of`.
    """
    if identity.kind != Kind.PATIENT:
        return
    account = account_of(identity)
    sql = _MOVED_LATELY if account else _MOVED_BY_LINK
    moved = execute_together((sql, {"account": account, "booking": booking_id, "hour": HOUR}))[0]
    _check_hour(_moments(moved), MAXIMUM_MOVES_AN_HOUR, errors.MovesTooOften, now)


def _bound_account(identity: Identity) -> UUID | None:
    return account_of(identity) if identity.kind == Kind.PATIENT else None


def _moments(rows: Rows) -> list[datetime]:
    return [moment for (moment,) in rows]


def _check_hour(done_at: list[datetime], most: int, refusal: type[DomainError], now: datetime) -> None:
    if len(done_at) >= most:
        until = done_at[-most] + HOUR
        raise refusal(retry_after=max(1, int((until - now).total_seconds())))
