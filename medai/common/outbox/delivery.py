"""Working off the outbox: the handler's effect and `done_at` commit together, or neither does."""

import logging
import random
import time
import traceback
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from medai.common import broker
from medai.common.database import database_now, retrying, sqlstate, try_lock
from medai.common.errors import DomainError
from medai.common.identity import acting_as_system
from medai.common.outbox import registry
from medai.common.outbox.models import OutboxEvent

logger = logging.getLogger(__name__)

# After the last attempt the event waits for staff and no longer holds up the line behind it: a reminder that
# can never be sent must not keep the cancellation after it from being told.
ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)

# How long a ring may go unanswered before the sweep repeats it.
LEASE = timedelta(seconds=15)
SWEPT_AT_ONCE = 500
# A queue this long has not lost its rings; repeating them would only make it longer.
LONG_QUEUE = 300

_random = random.SystemRandom()

_CLAIM = """
UPDATE common_outboxevent SET published_at = clock_timestamp(), updated_at = clock_timestamp()
WHERE id IN (
    SELECT id FROM common_outboxevent
    WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= clock_timestamp()
        AND (published_at IS NULL OR published_at < clock_timestamp() - make_interval(secs => %s))
        AND handler <> ALL (%s)
    ORDER BY available_at, sequence LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, subject_id, handler, sequence
"""


class LineTaken(Exception):
    """Another worker is at this line and will look again before it leaves."""


def deliver(*, event_id: UUID | str) -> int:
    """Handle the pending events of this event's line in order, until one is not due or fails; how many.

    An event that is done already, or unknown because its transaction never committed, is no work at all.
    """
    return _work_off(event_id, [])


def _work_off(event_id: UUID | str, failures: list[Exception]) -> int:
    done = 0
    with acting_as_system("outbox"):
        while True:
            try:
                result = _handle_next(event_id, failures)
            except LineTaken:
                return done
            if result is None:
                return done
            done += result


def _handle_next(event_id: UUID | str, failures: list[Exception]) -> int | None:
    """1: handled; 0: given up for good, go on; None: nothing to do, or the line has to wait."""
    taken: OutboxEvent | None = None

    @retrying
    @transaction.atomic
    def attempt() -> bool:
        nonlocal taken
        taken = _take(event_id)
        if taken is None:
            return False
        registry.find(taken.handler).function(taken)
        OutboxEvent.objects.filter(pk=taken.pk).update(
            done_at=Now(), updated_at=Now(), attempts=taken.attempts + 1, last_error=""
        )
        return True

    try:
        return 1 if attempt() else None
    except Exception as error:
        if taken is None:
            raise
        logger.exception("Event %s failed in %s", taken.pk, taken.handler)
        failures.append(error)
        return 0 if _record_failure(taken, error) else None


def _take(event_id: UUID | str) -> OutboxEvent | None:
    """The head of the event's line, if it is due, with the line locked until the transaction ends."""
    event = OutboxEvent.objects.filter(pk=event_id).first()
    if event is None:
        return None
    key = f"outbox:{event.subject_type}:{event.subject_id}:{event.handler}"
    if not try_lock(key):
        # The other worker may have looked for the last time just before this event was committed.
        time.sleep(0.05)
        if not try_lock(key):
            raise LineTaken
    head = OutboxEvent.objects.line_of(event).pending().first()
    return head if head is not None and head.available_at <= database_now() else None


def _record_failure(event: OutboxEvent, error: Exception) -> bool:
    """Plan the next attempt; True where there is none left."""
    attempts = event.attempts + 1
    is_dead = attempts >= ATTEMPTS
    pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE) * _random.uniform(0.8, 1.2)
    OutboxEvent.objects.pending().filter(pk=event.pk).update(
        attempts=attempts,
        last_error=_describe(error),
        available_at=Now() + pause,
        published_at=None,
        failed_at=Now() if is_dead else None,
        updated_at=Now(),
    )
    return is_dead


def _describe(error: Exception) -> str:
    """The class, a code and the place. Messages are left out: they tend to quote what people typed."""
    detail = ""
    if isinstance(error, DomainError):
        detail = f" {error.code}"
    elif isinstance(error, DatabaseError):
        diagnostics = getattr(error.__cause__, "diag", None)
        detail = f" {sqlstate(error) or ''} {getattr(diagnostics, 'constraint_name', None) or ''}".rstrip()
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(settings.BASE_DIR)]
    place = f" at {Path((ours or frames)[-1].filename).name}:{(ours or frames)[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{detail}{place}"[:500]


def sweep() -> int:
    """Ring again for events that are due and whose last ring was not answered; for how many lines."""
    handlers = list(registry.all_handlers())
    crowded = {queue for queue in {entry.queue for entry in handlers} if broker.backlog(queue) > LONG_QUEUE}
    skipped = [entry.name for entry in handlers if entry.queue in crowded]
    with acting_as_system("outbox sweep"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE.total_seconds(), skipped, SWEPT_AT_ONCE])
        rows = sorted(cursor.fetchall(), key=lambda row: row[3])
    lines = {(subject_id, handler): event_id for event_id, subject_id, handler, _ in reversed(rows)}
    from medai.common.tasks import deliver as task  # tasks import this module

    for (_, handler), event_id in lines.items():
        broker.send(task, str(event_id), queue=registry.queue_of(handler))
    return len(lines)


def drain(*, reraise: bool = True) -> int:
    """Run all that is due, in this process, new events of handlers included; the number of events done.

    A failed event is put off as ever; with `reraise` the first failure is raised once all others are done.
    """
    failures: list[Exception] = []
    total = 0
    while True:
        with acting_as_system("outbox drain"):
            due = list(OutboxEvent.objects.due().order_by("sequence").values_list("pk", flat=True)[:500])
        done = sum(_work_off(event_id, failures) for event_id in due)
        total += done
        if not done:
            break
    if failures and reraise:
        raise failures[0]
    return total


@transaction.atomic
def requeue(*, event_id: UUID | str) -> None:
    """Give an event that failed for good a new set of attempts."""
    with acting_as_system("outbox requeue"):
        OutboxEvent.objects.failed().filter(pk=event_id).update(
            failed_at=None, attempts=0, available_at=Now(), published_at=None, updated_at=Now()
        )
