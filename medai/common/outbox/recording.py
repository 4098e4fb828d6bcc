"""Writing events. Any role may insert one and most may not read it back, so this is plain SQL."""

import json
import uuid
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from medai.common.database import Statement, execute_together
from medai.common.outbox import doorbell, registry

_INSERT = """
INSERT INTO common_outboxevent (id, created_at, updated_at, kind, handler, subject_type, subject_id, data,
    available_at, done_at, attempts, last_error)
SELECT id, clock_timestamp(), clock_timestamp(), %s, handler, %s, %s::uuid, %s::jsonb,
    clock_timestamp(), CASE WHEN handler = '' THEN clock_timestamp() END, 0, ''
FROM unnest(%s::uuid[], %s::text[]) AS one (id, handler)
"""


def record(kind: str, subject: models.Model, **data: Any) -> None:
    """Leave an event about a saved object in the caller's transaction, once for each handler of that kind.

    `data` holds ids, codes, times and the like; personal data stays in its own tables. Order within a subject
    is the order of recording, provided that the caller holds a lock on it, as every state change does.
    """
    execute_together(recording(kind, subject, **data))


def recording(kind: str, subject: models.Model, **data: Any) -> Statement:
    """What `record` sends, for a caller who has more to send with it."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event belongs to a transaction: open one first.")
    subject_type = subject._meta.label_lower
    handlers = [entry.name for entry in registry.handlers_of(kind)] or [""]
    ids = [uuid.uuid4() for _ in handlers]
    if handlers != [""]:
        for name in handlers:
            doorbell.ring_after_commit(registry.queue_of(name))
    encoded = json.dumps(data, cls=DjangoJSONEncoder)
    return _INSERT, [kind, subject_type, subject.pk, encoded, ids, handlers]
