"""How much time one patient, and one account, may keep from others without booking it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bookings import errors
from medai.common.database import Rows, Statement
from medai.common.identity import Identity, Kind

MAXIMUM_HOLDS = 3
# For a family: each of them is bound by the limit of a patient too.
MAXIMUM_HOLDS_OF_ACCOUNT = 6
# Holds that were left or given up count, since each kept its time from others for a while.
MAXIMUM_HOLDS_AN_HOUR = 30
HOUR = timedelta(hours=1)

# By patient, which has an index and is what the row-level policy compares. Only holds have an expiry.
_HOLDS = """
SELECT patient_id, doctor_id, created_by_id, created_at, coalesce(hold_expires_at >= clock_timestamp(), false)
FROM bookings_booking
WHERE patient_id = ANY (%(patients)s) AND (hold_expires_at >= clock_timestamp()
    OR (created_by_id = %(account)s AND created_at > clock_timestamp() - interval '1 hour'))
ORDER BY created_at
"""


@dataclass(frozen=True, slots=True)
class Hold:
    patient_id: UUID
    doctor_id: UUID
    account_id: UUID | None
    made_at: datetime
    is_running: bool


def account_of(identity: Identity) -> UUID | None:
    """The account that makes a booking: of the person at the keyboard."""
    return identity.actor_id or identity.user_id


def locks_of(identity: Identity) -> list[str]:
    """What a hold locks so that nobody passes the limits by asking for many patients at once."""
    account = _bound_account(identity)
    return [f"holds:account:{account}"] if account else []


def reading_holds(*, patient_id: UUID, identity: Identity) -> Statement:
    """What runs for these patients, whoever made it, and what the account made for them lately; oldest first."""
    account = _bound_account(identity)
    patients = [patient_id, *(identity.patient_ids if account else ())]
    return _HOLDS, {"patients": patients, "account": account}


def holds_of(rows: Rows) -> list[Hold]:
    """The answer to `reading_holds`."""
    return [Hold(*row) for row in rows]


def check(holds: list[Hold], *, patient_id: UUID, doctor_id: UUID, identity: Identity, now: datetime) -> bool:
    """Whether the patient has a hold with this doctor, which a new one would replace.

    Raises `TooManyHolds` where patient or account keep too many others, and `HoldsTooOften` where the account made too
    many within an hour. Staff and the system, who book for many, are bound by the patient's limit alone.
    """
    account = _bound_account(identity)
    replaced = [hold for hold in holds if (hold.patient_id, hold.doctor_id) == (patient_id, doctor_id)]
    others = [hold for hold in holds if hold.is_running and hold not in replaced]
    if sum(hold.patient_id == patient_id for hold in others) >= MAXIMUM_HOLDS:
        raise errors.TooManyHolds
    if account is not None:
        if sum(hold.account_id == account for hold in others) >= MAXIMUM_HOLDS_OF_ACCOUNT:
            raise errors.TooManyHolds
        _check_hour([hold.made_at for hold in holds if hold.account_id == account], now)
    return any(hold.is_running for hold in replaced)


def _bound_account(identity: Identity) -> UUID | None:
    return account_of(identity) if identity.kind == Kind.PATIENT else None


def _check_hour(made_at: list[datetime], now: datetime) -> None:
    recent = [moment for moment in made_at if moment > now - HOUR]
    if len(recent) >= MAXIMUM_HOLDS_AN_HOUR:
        until = recent[-MAXIMUM_HOLDS_AN_HOUR] + HOUR
        raise errors.HoldsTooOften(retry_after=max(1, int((until - now).total_seconds())))
