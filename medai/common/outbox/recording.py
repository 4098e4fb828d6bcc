"""Writing events. Any role may insert one and most may not read it back, so this is plain SQL."""

import json
import uuid
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from medai.common import broker
from medai.common.outbox import registry

_INSERT = """
INSERT INTO common_outboxevent (id, created_at, updated_at, kind, handler, subject_type, subject_id, data,
    available_at, published_at, done_at, attempts, last_error)
SELECT id, clock_timestamp(), clock_timestamp(), %s, handler, %s, %s, %s,
    clock_timestamp(), clock_timestamp(), CASE WHEN handler = '' THEN clock_timestamp() END, 0, ''
FROM unnest(%s::uuid[], %s::text[]) AS one (id, handler)
"""


class Doorbell:
    """Tells the workers, after the commit, which rows wait. One for each transaction, however many events."""

    def __init__(self) -> None:
        self._rings: dict[tuple[str, uuid.UUID, str], uuid.UUID] = {}

    def add(self, subject_type: str, subject_id: uuid.UUID, handler: str, event_id: uuid.UUID) -> None:
        # The first ring of a line is enough: whoever answers it works off the whole line.
        self._rings.setdefault((subject_type, subject_id, handler), event_id)

    def __call__(self) -> None:
        from medai.common.tasks import deliver  # tasks import this package

        for (_, _, handler), event_id in self._rings.items():
            broker.send(deliver, str(event_id), queue=registry.queue_of(handler))


def _doorbell() -> Doorbell:
    """The doorbell of the running transaction. Django drops one that hung in a savepoint rolled back."""
    for entry in connection.run_on_commit:
        if isinstance(entry[1], Doorbell):
            return entry[1]
    doorbell = Doorbell()
    transaction.on_commit(doorbell)
    return doorbell


def record(kind: str, subject: models.Model, **data: Any) -> None:
    """Leave an event about a saved object in the caller's transaction, once for each handler of that kind.

    `data` holds ids, codes, times and the like; personal data stays in its own tables. Order within a subject
    is the order of recording, provided that the caller holds a lock on it, as every state change does.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event belongs to a transaction: open one first.")
    subject_type = subject._meta.label_lower
    handlers = [entry.name for entry in registry.handlers_of(kind)] or [""]
    ids = [uuid.uuid4() for _ in handlers]
    parameters = [
        kind,
        subject_type,
        subject.pk,
        json.dumps(data, cls=DjangoJSONEncoder),
        ids,
        handlers,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, parameters)
    if handlers != [""]:
        doorbell = _doorbell()
        for event_id, name in zip(ids, handlers, strict=True):
            doorbell.add(subject_type, subject.pk, name, event_id)
