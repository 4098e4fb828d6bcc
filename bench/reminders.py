"""100,000 reminders planned and claimed, beside the same in bare SQL; and the memory it takes.

`python -m bench.reminders [file.json] [--reminders 100000]`

Both sides work in turns on the same tables, with the same batches, each in a transaction under the same role. The
bare side is one statement for each step, sent by psycopg; it knows nothing of quiet hours, wishes or stale rows.
"""

import argparse
import gc
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.harness import Result, Row, table
from tests.faults.stage import stage

SLOWEST = 2.0
REMINDERS_OF_A_VISIT = 4
# How much the process may have grown between the first tenth of the work and its end.
GROWTH_MEGABYTES = 16

# Measured here in turns of their own, since rows are planned and claimed only once; the harness shows the result.
_SIDES: dict[str, Callable[[], object]] = {"messaging": dict, "bare SQL": dict}

_LOCK = "SELECT id FROM bookings_booking WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE"
_PLAN = """
INSERT INTO messaging_notification (id, created_at, updated_at, user_id, patient_id, booking_id, subject_id, kind,
    channel, recipient_id, occasion, due_at, not_after, status, attempts, error, provider_message_id)
SELECT gen_random_uuid(), now(), now(), u.id, NULL, b.id, b.id, r.kind, c.channel, u.id,
    to_char(b.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'), b.starts_at - r.lead, b.starts_at, 'due', 0,
    '', ''
FROM bookings_booking AS b
    JOIN accounts_guardianship AS g ON g.patient_id = b.patient_id JOIN accounts_user AS u ON u.id = g.user_id
    CROSS JOIN (VALUES ('reminder_24_hours', interval '24 hours'), ('reminder_2_hours', interval '2 hours'))
        AS r (kind, lead)
    CROSS JOIN (VALUES ('email'), ('in_app')) AS c (channel)
WHERE b.id = ANY (%s) AND u.is_active AND b.status = 'confirmed'
ON CONFLICT ON CONSTRAINT notification_never_two_of_a_kind DO NOTHING
"""
_CLAIM = """
UPDATE messaging_notification AS n SET claimed_at = statement_timestamp()
FROM (SELECT id FROM messaging_notification WHERE status = 'due' AND due_at <= statement_timestamp()
        AND (claimed_at IS NULL OR claimed_at < statement_timestamp() - interval '60 seconds')
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) AS taken
WHERE n.id = taken.id RETURNING n.id, n.claimed_at
"""
_SEND = "UPDATE messaging_notification SET status = 'sent' WHERE id = ANY (%s)"


def main(arguments: list[str] | None = None) -> bool:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("json", nargs="?", type=Path)
    parser.add_argument("--reminders", type=int, default=100_000)
    options = parser.parse_args(arguments)
    with stage("bench-reminders"), _bare_connection() as bare:
        visits = _visits(options.reminders // REMINDERS_OF_A_VISIT)
        memory = Memory()
        planned = _planning(bare, visits, memory)
        claimed = _claiming(bare, options.reminders, memory)
    print(table([planned, claimed]))
    print(f"memory: {memory}")
    if options.json:
        rows = [planned.as_dict(), claimed.as_dict(), {"name": "memory", **memory.as_dict()}]
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return planned.passed and claimed.passed and memory.is_flat


def _bare_connection() -> "psycopg.Connection[Any]":
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


@contextmanager
def _as_system(connection: "psycopg.Connection[Any]") -> Iterator[None]:
    with connection.transaction():
        connection.execute("SET LOCAL ROLE medai_system")
        yield


def _visits(count: int) -> list[list[Any]]:
    """Two heaps of visits of equal size, one for each side."""
    from tests.factories.visits import make_many_visits

    starts_at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=3)
    heaps = [make_many_visits(count, starts_at=starts_at, prefix=prefix) for prefix in ("ours", "bare")]
    _analyze("")
    return heaps


def _analyze(table: str = "messaging_notification") -> None:
    """What autovacuum does on a real server, and is switched off on one that is thrown away."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute(f"VACUUM ANALYZE {table}")


class Memory:
    """The resident size of this process as the work goes on."""

    def __init__(self) -> None:
        self.samples: list[float] = []

    def sample(self) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.samples.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)

    @property
    def growth(self) -> float:
        return max(self.samples[len(self.samples) // 10 :]) - self.samples[len(self.samples) // 10]

    @property
    def is_flat(self) -> bool:
        return self.growth <= GROWTH_MEGABYTES

    def as_dict(self) -> dict[str, object]:
        return {
            "megabytes": round(self.samples[-1], 1),
            "growth": round(self.growth, 1),
            "passed": self.is_flat,
        }

    def __str__(self) -> str:
        verdict = "ok" if self.is_flat else "GROWS"
        return (
            f"{self.samples[-1]:.0f} MB, {self.growth:+.1f} MB after the first tenth, "
            f"must be <= {GROWTH_MEGABYTES}: {verdict}"
        )


def _planning(bare: "psycopg.Connection[Any]", visits: list[list[Any]], memory: Memory) -> Result:
    from medai.common.identity import acting_as_system
    from messaging.services import planning

    def ours(booking_ids: list[Any]) -> int:
        with acting_as_system("bench"):
            return planning.plan_reminders(booking_ids=booking_ids)

    def by_hand(booking_ids: list[Any]) -> int:
        with _as_system(bare):
            bare.execute(_LOCK, [booking_ids])
            return bare.execute(_PLAN, [booking_ids]).rowcount

    heaps = [_batches(heap, planning.BATCH) for heap in visits]
    row = Row("plan reminders", _SIDES, "messaging", "bare SQL", SLOWEST)
    return _in_turns(row, [ours, by_hand], zip(*heaps, strict=True), memory, analyze_every=5)


def _claiming(bare: "psycopg.Connection[Any]", count: int, memory: Memory) -> Result:
    from medai.common.identity import acting_as_system
    from messaging.services import claims, sending

    with _as_system(bare):
        bare.execute("UPDATE messaging_notification SET due_at = now() - interval '1 hour' * random()")

    def ours(taken: list[Any]) -> int:
        with acting_as_system("bench"):
            taken += [claim.id for claim in claims.claim(sending.BATCH)]
        return len(taken)

    def by_hand(taken: list[Any]) -> int:
        with _as_system(bare):
            taken += [row[0] for row in bare.execute(_CLAIM, [sending.BATCH]).fetchall()]
        return len(taken)

    def turns() -> Iterator[tuple[list[Any], list[Any]]]:
        for _ in range(count // sending.BATCH):
            taken: tuple[list[Any], list[Any]] = ([], [])
            yield taken
            # Sent, outside of the measured time: nobody claims rows and then leaves them lying.
            with _as_system(bare):
                bare.execute(_SEND, [taken[0] + taken[1]])

    row = Row("claim reminders", _SIDES, "messaging", "bare SQL", SLOWEST)
    return _in_turns(row, [ours, by_hand], turns(), memory, analyze_every=500)


def _batches(items: list[Any], size: int) -> list[list[Any]]:
    return [items[first : first + size] for first in range(0, len(items), size)]


def _in_turns(
    row: Row, sides: list[Callable[[Any], int]], turns: Any, memory: Memory, *, analyze_every: int
) -> Result:
    """Each side does its share of every turn, the order changing; both must have done the same amount."""
    names = list(row.sides)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    done = [0, 0]
    gc.collect()
    for number, shares in enumerate(turns):
        if number % analyze_every == 0:
            _analyze()
        for index in (0, 1) if number % 2 else (1, 0):
            started = time.perf_counter()
            done[index] += sides[index](shares[index])
            seconds[names[index]].append(time.perf_counter() - started)
        memory.sample()
    if done[0] != done[1]:
        raise AssertionError(f"{row.name}: {dict(zip(names, done, strict=True))} rows")
    rates = {name: round(done[0] / sum(times)) for name, times in seconds.items()}
    print(f"{row.name}: {done[0]} rows by each side; rows a second: {rates}")
    return Result(row, seconds)


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
