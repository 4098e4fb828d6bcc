"""What is on record after a fault run, compared with what must be, as the database and the mail directory tell it."""

import re
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.faults.crowd import Promise

OVERLAPPING = """
SELECT count(*) FROM bookings_busyperiod a JOIN bookings_busyperiod b
ON a.person = b.person AND a.id < b.id AND a.period && b.period
"""

# A booking that stands, or took place, occupies its doctor and its patient for good; a hold until it runs out (then
# anybody may have removed its rows); any other occupies nobody.
MISOCCUPYING = """
SELECT booking.id FROM bookings_booking booking LEFT JOIN (
    SELECT booking_id, count(*) AS rows, count(p.hold_expires_at) AS held, count(p.doctor_id) AS doctors,
        bool_and(p.period @> tstzrange(b.starts_at, b.ends_at)) AS fits
    FROM bookings_busyperiod p JOIN bookings_booking b ON b.id = p.booking_id GROUP BY p.booking_id
) AS busy ON busy.booking_id = booking.id
WHERE NOT CASE
    WHEN booking.status IN ('pending_confirmation', 'confirmed', 'completed', 'no_show')
        THEN coalesce(busy.rows = 2 AND busy.held = 0 AND busy.doctors = 1 AND busy.fits, false)
    WHEN booking.status = 'held' AND booking.hold_expires_at > clock_timestamp()
        THEN coalesce(busy.rows = 2 AND busy.held = 2 AND busy.doctors = 1 AND busy.fits, false)
    WHEN booking.status = 'held' THEN coalesce(busy.held = busy.rows, true)
    ELSE busy.rows IS NULL END
"""

OVERDUE_HOLDS = (
    "SELECT count(*) FROM bookings_booking WHERE status = 'held' AND hold_expires_at < clock_timestamp()"
)

# Of the bookings made over HTTP; visits that were there before began as confirmed.
NOT_AS_LAST_MOVED = """
SELECT count(*) FROM bookings_booking booking LEFT JOIN LATERAL (
    SELECT to_status, starts_at FROM bookings_bookingtransition
    WHERE booking_id = booking.id ORDER BY created_at DESC LIMIT 1
) AS last ON true
WHERE last.to_status IS DISTINCT FROM booking.status OR last.starts_at IS DISTINCT FROM booking.starts_at
"""

MOVED_TWICE = """
SELECT count(*) FROM (
    SELECT 1 FROM bookings_bookingtransition WHERE reason <> 'rescheduled'
    GROUP BY booking_id, from_status, to_status HAVING count(*) > 1
) AS repeated
"""

HELD_TWICE = """
SELECT count(*) FROM (
    SELECT 1 FROM bookings_booking WHERE patient_notes <> '' GROUP BY patient_notes HAVING count(*) > 1
) AS repeated
"""

# Moves from one status that do not follow the one before.
BROKEN_CHAINS = """
SELECT count(*) FROM (
    SELECT from_status, lag(to_status, 1, '') OVER (PARTITION BY booking_id ORDER BY created_at) AS before
    FROM bookings_bookingtransition
) AS moves WHERE from_status <> before
"""

EVENT_OF = {
    "held": "booking.held",
    "pending_confirmation": "booking.pending_confirmation",
    "confirmed": "booking.confirmed",
    "completed": "booking.completed",
    "expired": "booking.expired",
    "cancelled_by_patient": "booking.cancelled",
    "cancelled_by_doctor": "booking.cancelled",
    "cancelled_by_admin": "booking.cancelled",
}
PROMISED = {
    "hold": {"held"},
    "confirm": {"confirmed", "pending_confirmation"},
    "cancel": {"cancelled_by_patient", "cancelled_by_doctor", "cancelled_by_admin"},
    "doctor confirms": {"confirmed"},
    "doctor cancels": {"cancelled_by_patient", "cancelled_by_doctor", "cancelled_by_admin"},
    "complete": {"completed"},
}


def count(sql: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def must_be_zero(promises: list[Promise], mail: Path) -> dict[str, int]:
    """Each thing that must not have happened, with how often it did."""
    from django.db import connection

    from medai.common.identity import acting_as_system
    from medai.common.outbox.models import OutboxEvent

    with acting_as_system("fault run"):
        with connection.cursor() as cursor:
            cursor.execute(MISOCCUPYING)
            misoccupying = len(cursor.fetchall())
        moves = _moves()
        lost, repeated = events(moves)
        twice, untold = mails(mail)
        return {
            "overlapping busy periods": count(OVERLAPPING),
            "bookings whose status and busy periods disagree": misoccupying,
            "holds that ran out and are still held": count(OVERDUE_HOLDS),
            "bookings that are not as their last move left them": count(NOT_AS_LAST_MOVED),
            "moves that do not follow the one before": count(BROKEN_CHAINS),
            "moves made twice": count(MOVED_TWICE),
            "requests that made two bookings": count(HELD_TWICE),
            "events lost or not done": lost,
            "events recorded twice": repeated,
            "events given up": OutboxEvent.objects.failed().count(),
            "mails sent twice": twice,
            "mails recorded as sent that never were": untold,
            "answers 2xx that left nothing": sum(not is_kept(promise, moves) for promise in promises),
        }


Move = tuple[str, str, datetime, str]


def _moves() -> dict[str, list[Move]]:
    """Each booking's moves in order: from, to, start, reason."""
    from bookings.models import BookingTransition

    moves: dict[str, list[Move]] = defaultdict(list)
    rows = BookingTransition.objects.order_by("created_at").values_list(
        "booking_id", "from_status", "to_status", "starts_at", "reason"
    )
    for booking_id, source, target, starts_at, reason in rows:
        moves[str(booking_id)].append((source, target, starts_at, reason))
    return moves


def is_kept(promise: Promise, moves: dict[str, list[Move]]) -> bool:
    recorded = moves.get(promise.booking, [])
    if promise.starts_at:
        wanted = datetime.fromisoformat(promise.starts_at)
        return any(starts_at == wanted for _, _, starts_at, _ in recorded)
    return any(target in PROMISED[promise.what] for _, target, _, _ in recorded)


def events(moves: dict[str, list[Move]]) -> tuple[int, int]:
    """How many events are missing or undone, and how many are there too often: one for each move and handler."""
    from medai.common.outbox import registry
    from medai.common.outbox.models import OutboxEvent

    expected: Counter[Any] = Counter()
    for booking, recorded in moves.items():
        for source, target, _, reason in recorded:
            # Visits that were there before made no event, nor does a hold that gives way to another one.
            if (source, target) == ("", "confirmed") or reason == "replaced":
                continue
            kind = "booking.rescheduled" if reason == "rescheduled" else EVENT_OF[target]
            for name in [entry.name for entry in registry.handlers_of(kind)] or [""]:
                expected[booking, kind, name] += 1
    rows = OutboxEvent.objects.filter(subject_type="bookings.booking").exclude(done_at=None)
    done = Counter((str(pk), *rest) for pk, *rest in rows.values_list("subject_id", "kind", "handler"))
    return (expected - done).total(), (done - expected).total()


def mails(directory: Path) -> tuple[int, int]:
    """How many messages are in the mail directory more than once, and how many of those sent are not there."""
    from messaging.models import Notification

    found: Counter[str] = Counter()
    for path in directory.glob("*"):
        found.update(
            re.findall(r"^Message-ID: <([0-9a-f-]{36})@", path.read_text(errors="replace"), re.MULTILINE)
        )
    sent = Notification.objects.filter(channel="email", status="sent").values_list("pk", flat=True)
    twice = sum(number > 1 for number in found.values())
    return twice, sum(str(pk) not in found for pk in sent)
