"""Working off the outbox: the handler's effect and `done_at` commit together, or neither does.

Events of one subject and handler are a line; only its first pending event may be handled, by whoever locks that row.
So a line is worked off in order by one worker at a time, and a worker that dies leaves nothing behind but the row.
"""

import logging
import random
import time
import traceback
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from medai.common import broker
from medai.common.database import retrying, sqlstate
from medai.common.errors import DomainError
from medai.common.identity import acting_as_system
from medai.common.outbox import doorbell, registry
from medai.common.outbox.models import OutboxEvent

logger = logging.getLogger(__name__)

# After the last attempt the event waits for staff and no longer holds up the line behind it: a reminder that
# can never be sent must not keep the cancellation after it from being told.
ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)

# How long one task goes on before it rings for another one, so that other tasks get their turn.
TURN_SECONDS = 2.0
# So many workers at once are sent to a queue by each sweep; those who wait already count.
SWEPT_RINGS = 4

_random = random.SystemRandom()

# The oldest events of a handler that are due and first in their lines, unless somebody is at them. The statement's
# time bounds the scan of the index; `clock_timestamp()` would be asked again for each row. `<=` says the same as `=`
# here, but of it the planner expects that many rows will do, and reads them in order instead of all that wait.
_TAKE = """
SELECT event.* FROM common_outboxevent AS event
WHERE event.handler = %s AND event.done_at IS NULL AND event.failed_at IS NULL
    AND event.available_at <= statement_timestamp()
    AND event.sequence <= (
        SELECT min(line.sequence) FROM common_outboxevent AS line
        WHERE line.subject_id = event.subject_id AND line.handler = event.handler
            AND line.done_at IS NULL AND line.failed_at IS NULL)
ORDER BY event.available_at, event.sequence LIMIT %s FOR UPDATE SKIP LOCKED
"""

# The handlers that have anything due. Found by one step through the index for each, not by reading all that waits.
_WAITING = """
WITH RECURSIVE waiting AS (
    (SELECT handler FROM common_outboxevent WHERE done_at IS NULL AND failed_at IS NULL ORDER BY handler LIMIT 1)
    UNION ALL
    SELECT (
        SELECT event.handler FROM common_outboxevent AS event
        WHERE event.handler > waiting.handler AND event.done_at IS NULL AND event.failed_at IS NULL
        ORDER BY event.handler LIMIT 1)
    FROM waiting WHERE waiting.handler IS NOT NULL)
SELECT handler FROM waiting WHERE statement_timestamp() >= (
    SELECT event.available_at FROM common_outboxevent AS event
    WHERE event.handler = waiting.handler AND event.done_at IS NULL AND event.failed_at IS NULL
    ORDER BY event.available_at LIMIT 1)
"""


def deliver(*, queue: str, seconds: float = TURN_SECONDS) -> int:
    """Handle what is due on a queue until nothing is left or the time is over; the number of events done.

    Handlers take turns, each with its oldest event that is first in line. Whatever is committed later rings for itself.
    """
    doorbell.answered(queue)
    until = time.monotonic() + seconds
    with acting_as_system("outbox"):
        names = [name for name in _waiting() if registry.queue_of(name) == queue]
        done = _work_off(names, [], until=until)
    if time.monotonic() >= until:
        doorbell.ring(queue)
    return done


def _waiting() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return [row[0] for row in cursor.fetchall()]


def _work_off(names: list[str], failures: list[Exception], *, until: float = float("inf")) -> int:
    """Handle events of these handlers in turns while there are any that nobody else is at; the number done."""
    done = 0
    # Else a handler that takes long would always be the first of a turn, and the only one.
    _random.shuffle(names)
    while names:
        for name in tuple(names):
            if time.monotonic() >= until:
                return done
            number = _handle_next(name, failures)
            if number is None:
                names.remove(name)
            else:
                done += number
    return done


def _handle_next(name: str, failures: list[Exception], *, alone: bool = False) -> int | None:
    """How many of the handler's next events could be handled, others being put off; None where there are none."""
    taken: list[OutboxEvent] = []

    @retrying
    @transaction.atomic
    def attempt() -> int:
        nonlocal taken
        limit = 1 if alone else registry.limit_of(name)
        taken = list(OutboxEvent.objects.raw(_TAKE, [name, limit]))
        if taken:
            registry.find(name).function(taken)
            OutboxEvent.objects.filter(pk__in=[event.pk for event in taken]).update(
                done_at=Now(), updated_at=Now(), attempts=F("attempts") + 1, last_error=""
            )
        return len(taken)

    try:
        return attempt() or None
    except Exception as error:
        if not taken:
            raise
        if len(taken) > 1:
            return sum(_handle_next(name, failures, alone=True) or 0 for _ in taken)
        logger.exception("Event %s failed in %s", taken[0].pk, name)
        failures.append(error)
        _record_failure(taken[0], error)
        return 0


def _record_failure(event: OutboxEvent, error: Exception) -> None:
    """Plan the next attempt, if there is one left."""
    attempts = event.attempts + 1
    pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE) * _random.uniform(0.8, 1.2)
    OutboxEvent.objects.pending().filter(pk=event.pk).update(
        attempts=attempts,
        last_error=_describe(error),
        available_at=Now() + pause,
        failed_at=Now() if attempts >= ATTEMPTS else None,
        updated_at=Now(),
    )


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
    """Ring for every queue on which anything is due, as after its pause or where a ring was lost; how often it rang."""
    with acting_as_system("outbox sweep"):
        queues = {registry.queue_of(name) for name in _waiting()}
    from medai.common.tasks import deliver as task  # tasks import this module

    rings = [queue for queue in queues for _ in range(SWEPT_RINGS - broker.backlog(queue))]
    for queue in rings:
        broker.send(task, queue, queue=queue)
    return len(rings)


def drain(*, reraise: bool = True) -> int:
    """Run all that is due, in this process, new events of handlers included; the number of events done.

    A failed event is put off as ever; with `reraise` the first failure is raised once all others are done.
    """
    failures: list[Exception] = []
    total = 0
    with acting_as_system("outbox drain"):
        while done := _work_off(_waiting(), failures):
            total += done
    if failures and reraise:
        raise failures[0]
    return total


@transaction.atomic
def requeue(*, event_ids: Iterable[UUID | str]) -> int:
    """Give events that failed, for now or for good, a new set of attempts at once; how many were given one.

    Those that are done, or were given one a moment ago, are left as they are.
    """
    with acting_as_system("outbox requeue"):
        again = OutboxEvent.objects.filter(pk__in=list(event_ids)).worth_requeueing()
        handlers = set(again.values_list("handler", flat=True))
        number = again.update(failed_at=None, attempts=0, available_at=Now(), updated_at=Now())
    for queue in {registry.queue_of(name) for name in handlers}:
        doorbell.ring_after_commit(queue)
    return number
