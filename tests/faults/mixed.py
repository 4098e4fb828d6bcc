"""Thousands of mixed operations over HTTP while everything is killed, restarted and wiped: what was lost.

    python -m tests.faults.mixed [--operations 10000] [--worker-kills 20] [--web-kills 5] [--restarts 3] [--wipes 2]

Real web servers, Celery workers and beat on a real PostgreSQL and Valkey, with the run-time login. People hold,
confirm, cancel, move, complete and list; clients repeat what was not answered under the same Idempotency-Key.
"""

import argparse
import random
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import redis

from tests.faults import ledger
from tests.faults.crowd import Crowd, Journal
from tests.faults.plant import Plant
from tests.faults.stage import stage
from tests.faults.town import settle

AT_ONCE = 16
EMPTY_WITHIN = 60.0
# Beyond this the operations end, however many are left.
LONGEST = 600.0
PAUSE_BETWEEN_AGEING = 5.0

# The time of some holds runs out, in both places at once, by the clock that counts.
AGE_HOLDS = """
WITH aged AS (
    UPDATE bookings_booking SET hold_expires_at = clock_timestamp() - interval '1 second'
    WHERE id IN (
        SELECT id FROM bookings_booking WHERE status = 'held' AND hold_expires_at > clock_timestamp()
        ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id)
UPDATE bookings_busyperiod SET hold_expires_at = clock_timestamp() - interval '1 second'
WHERE booking_id IN (SELECT id FROM aged)
"""


def main(arguments: list[str] | None = None) -> bool:
    options = _options(arguments)
    chance = random.Random(options.seed)
    with stage("mixed") as services:
        town = settle(doctors=options.doctors, patients=options.patients, begun=options.operations // 25)
        plant, journal = Plant(services), Journal()
        try:
            plant.start()
            crowd = Crowd(town, plant.ports, journal, operations=options.operations, seed=options.seed)
            seconds = harass(plant, crowd, options, chance)
            report_answers(journal, plant, seconds)
            settled = settle_down(plant)
            wrong = report(plant, journal, options.operations)
        finally:
            plant.stop()
            if options.logs:
                shutil.copytree(plant.logs, options.logs, dirs_exist_ok=True)
    return settled and not wrong


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--doctors", type=int, default=12)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--worker-kills", type=int, default=20)
    parser.add_argument("--web-kills", type=int, default=5)
    parser.add_argument("--restarts", type=int, default=3, help="of PostgreSQL")
    parser.add_argument("--wipes", type=int, default=2, help="of Valkey")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--logs", type=Path, help="a directory for the processes' logs")
    return parser.parse_args(arguments)


def harass(plant: Plant, crowd: Crowd, options: argparse.Namespace, chance: random.Random) -> float:
    """Let the crowd work, and break something each time so many more operations are done; the seconds it took."""
    faults: list[Callable[[random.Random], None]] = [
        *[plant.kill_worker] * options.worker_kills,
        *[plant.kill_web] * options.web_kills,
        *[plant.restart_postgres] * options.restarts,
        *[plant.wipe_valkey] * options.wipes,
    ]
    chance.shuffle(faults)
    due_at = [options.operations * (number + 1) // (len(faults) + 1) for number in range(len(faults))]
    began = time.monotonic()
    aged = began
    crowd.start(AT_ONCE)
    try:
        while crowd.is_busy and time.monotonic() - began < LONGEST:
            if due_at and crowd.journal.done >= due_at[0]:
                due_at.pop(0)
                faults.pop(0)(chance)
            elif time.monotonic() - aged > PAUSE_BETWEEN_AGEING:
                age_holds(plant, 3)
                aged = time.monotonic()
            time.sleep(0.05)
    finally:
        crowd.stop()
    return time.monotonic() - began


def age_holds(plant: Plant, number: int) -> None:
    with psycopg.connect(plant.services.postgres.url(database="medai"), autocommit=True) as superuser:
        superuser.execute(AGE_HOLDS, [number])


def settle_down(plant: Plant) -> bool:
    """Whether the outbox is empty in time; then again once the holds that are left have run out."""
    from django.db import connection

    connection.close()
    print("\nafterwards")
    _show_backlog(plant)
    is_empty = _wait("the outbox is empty", _is_outbox_empty)
    if not is_empty:
        _show_backlog(plant)
    age_holds(plant, 10_000)
    has_expired = _wait("holds that ran out are released", _are_holds_expired)
    is_empty = _wait("the outbox is empty again", _is_outbox_empty) and is_empty
    # What a killed worker had claimed is claimed again after the lease.
    is_told = _wait("nothing due is untold", _is_everybody_told, seconds=120)
    return is_empty and has_expired and is_told


def _wait(what: str, condition: Callable[[], bool], *, seconds: float = EMPTY_WITHIN) -> bool:
    from medai.common.identity import acting_as_system

    began = time.monotonic()
    with acting_as_system("fault run"):
        while not (came := condition()) and time.monotonic() - began < seconds:
            time.sleep(0.2)
    print(f"  {what}: {f'after {time.monotonic() - began:.1f} s' if came else f'NOT within {seconds:g} s'}")
    return came


def _is_outbox_empty() -> bool:
    from medai.common.outbox.models import OutboxEvent

    return not OutboxEvent.objects.pending().exists()


def _show_backlog(plant: Plant) -> None:
    """What waits, in the database and at the broker."""
    from django.db.models import Count, Max

    from medai.common.identity import acting_as_system
    from medai.common.outbox.models import OutboxEvent

    with acting_as_system("fault run"):
        waiting = OutboxEvent.objects.pending().order_by().values_list("handler")
        for name, number, attempts in waiting.annotate(Count("pk"), Max("attempts")):
            print(f"  waiting for {name}: {number}, attempted at most {attempts} times")
    with redis.Redis.from_url(plant.services.valkey.url()) as client:
        lengths = {queue: client.llen(queue) for queue in ("default", "messages")}
        print(f"  at the broker: {lengths}, taken and not acknowledged: {client.hlen('unacked')}")


def _are_holds_expired() -> bool:
    return not ledger.count(ledger.OVERDUE_HOLDS)


def _is_everybody_told() -> bool:
    from django.db.models.functions import Now

    from messaging.models import Notification

    return not Notification.objects.due().filter(due_at__lte=Now()).exists()


def report_answers(journal: Journal, plant: Plant, seconds: float) -> None:
    print(
        f"\n{journal.done} operations in {seconds:.0f} s, {AT_ONCE} at a time: {journal.done / seconds:.0f} a second"
    )
    if journal.seconds:
        cuts = statistics.quantiles(journal.seconds, n=100)
        print(f"  seconds an operation: median {cuts[49]:.2f}, 95 % {cuts[94]:.2f}, 99 % {cuts[98]:.2f}")
    for name, number in sorted(plant.faults.items()):
        print(f"  {name}: {number}")
    for name, number in sorted(journal.outcomes.items()):
        print(f"  {name}: {number}")
    print(f"  connections refused or broken: {journal.resets}")
    print(f"  repetitions by clients: {journal.retries}, answered from the key's record: {journal.replayed}")
    failures = Counter(
        f"{failure.status} {failure.code} {'while' if plant.is_outage(failure.moment) else 'NOT while'}"
        " PostgreSQL restarted"
        for failure in journal.failures
    )
    for name, number in sorted(failures.items()):
        print(f"  {name}: {number}")


def report(plant: Plant, journal: Journal, operations: int) -> bool:
    """Print what must be zero and is, or is not; whether anything is not."""
    from medai.common.identity import acting_as_system
    from messaging.models import Notification
    from messaging.services import claims

    with acting_as_system("fault run"):
        claims.mark_unknown(lease=timedelta(0))
        statuses = Counter(Notification.objects.values_list("channel", "status"))
    counts = {
        **ledger.must_be_zero(journal.promises, plant.services.directory / "local" / "mail"),
        "answers 5xx other than 503 while PostgreSQL restarted": sum(
            failure.status != 503 or not plant.is_outage(failure.moment) for failure in journal.failures
        ),
        "requests given up without an answer": len(journal.gave_up),
        "operations not done in time": operations - journal.done,
    }
    unknown = statuses["email", "unknown"]
    counts["mails of unknown outcome that no fault explains"] = max(0, unknown - plant.interrupted)
    print(f"  answers 2xx checked: {len(journal.promises)}")
    print(f"  mails of unknown outcome, for staff to look at: {unknown}")
    print("  notifications: " + ", ".join(f"{c} {s} {n}" for (c, s), n in sorted(statuses.items())))
    print("\nmust be 0")
    for name, number in counts.items():
        print(f"  {name}: {number}{'  <--' if number else ''}")
    return any(counts.values())


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
