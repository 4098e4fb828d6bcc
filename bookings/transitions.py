"""Which status a booking may move to, and who may move it: the one table behind services, pages and the trigger."""

from medai.common.identity import Kind


class Status:
    """The values of `Booking.status`; `Booking.Status` adds their translated labels."""

    HELD = "held"
    PENDING_CONFIRMATION = "pending_confirmation"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED_BY_PATIENT = "cancelled_by_patient"
    CANCELLED_BY_DOCTOR = "cancelled_by_doctor"
    CANCELLED_BY_ADMIN = "cancelled_by_admin"
    EXPIRED = "expired"


_PATIENT = frozenset({Kind.PATIENT})
_DOCTOR = frozenset({Kind.DOCTOR})
_ADMIN = frozenset({Kind.ADMIN})
_SYSTEM = frozenset({Kind.SYSTEM})
_BOOKERS = _PATIENT | _ADMIN | _SYSTEM

TRANSITIONS: dict[tuple[str, str], frozenset[Kind]] = {
    (Status.HELD, Status.PENDING_CONFIRMATION): _BOOKERS,
    (Status.HELD, Status.CONFIRMED): _BOOKERS,
    (Status.HELD, Status.EXPIRED): _SYSTEM,
    (Status.HELD, Status.CANCELLED_BY_PATIENT): _PATIENT | _SYSTEM,
    (Status.HELD, Status.CANCELLED_BY_ADMIN): _ADMIN,
    (Status.PENDING_CONFIRMATION, Status.CONFIRMED): _DOCTOR | _ADMIN,
    (Status.PENDING_CONFIRMATION, Status.CANCELLED_BY_PATIENT): _PATIENT,
    (Status.PENDING_CONFIRMATION, Status.CANCELLED_BY_DOCTOR): _DOCTOR | _SYSTEM,
    (Status.PENDING_CONFIRMATION, Status.CANCELLED_BY_ADMIN): _ADMIN,
    (Status.CONFIRMED, Status.COMPLETED): _DOCTOR,
    (Status.CONFIRMED, Status.NO_SHOW): _DOCTOR,
    (Status.CONFIRMED, Status.CANCELLED_BY_PATIENT): _PATIENT,
    (Status.CONFIRMED, Status.CANCELLED_BY_DOCTOR): _DOCTOR,
    (Status.CONFIRMED, Status.CANCELLED_BY_ADMIN): _ADMIN,
    (Status.EXPIRED, Status.CONFIRMED): _SYSTEM,
}

LIVE = frozenset({Status.HELD, Status.PENDING_CONFIRMATION, Status.CONFIRMED})
CANCELLED = frozenset({Status.CANCELLED_BY_PATIENT, Status.CANCELLED_BY_DOCTOR, Status.CANCELLED_BY_ADMIN})


def may_move(source: str, target: str, kind: Kind) -> bool:
    return kind in TRANSITIONS.get((source, target), frozenset())


def trigger_sql() -> str:
    """The trigger that refuses any other move, whatever the code above it does.

    A person starts a booking as held; only the system may store one in another status (imports). A booking that is
    to be paid online is confirmed by the system alone, on a verified payment event.
    """
    allowed = "\n      OR ".join(
        f"(OLD.status = '{source}' AND NEW.status = '{target}' AND app.kind() IN ({_quoted(kinds)}))"
        for (source, target), kinds in TRANSITIONS.items()
    )
    return f"""
CREATE OR REPLACE FUNCTION app.check_booking_transition() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status = 'held' OR app.kind() = 'system' THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a booking starts as held, not %', NEW.status
      USING ERRCODE = 'MD001', CONSTRAINT = 'booking_transition_is_allowed';
  END IF;
  IF NEW.status = OLD.status THEN RETURN NEW; END IF;
  IF NOT (
      {allowed}
  ) THEN
    RAISE EXCEPTION '% -> % is not allowed for %', OLD.status, NEW.status, app.kind()
      USING ERRCODE = 'MD001', CONSTRAINT = 'booking_transition_is_allowed';
  END IF;
  IF OLD.status = 'held' AND NEW.status IN ('confirmed', 'pending_confirmation')
      AND OLD.payment_method = 'online' AND app.kind() <> 'system' THEN
    RAISE EXCEPTION 'a booking paid online is confirmed by its payment'
      USING ERRCODE = 'MD002', CONSTRAINT = 'booking_online_payment_is_verified';
  END IF;
  RETURN NEW;
END $function$;
DROP TRIGGER IF EXISTS check_booking_transition ON bookings_booking;
CREATE TRIGGER check_booking_transition BEFORE INSERT OR UPDATE OF status ON bookings_booking
  FOR EACH ROW EXECUTE FUNCTION app.check_booking_transition();
"""


def _quoted(kinds: frozenset[Kind]) -> str:
    return ", ".join(f"'{kind.value}'" for kind in sorted(kinds))
