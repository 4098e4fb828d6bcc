"""Forgetting events that were done long ago; those given up stay until staff have decided."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

BATCH = 5_000

# From the oldest on, by the one index that never shrinks. A row is done after it was made, so the first batch that
# reaches into the time that is kept is the last one.
_FORGET = """
WITH oldest AS (
    SELECT id, sequence, created_at, done_at FROM common_outboxevent
    WHERE sequence > %(after)s ORDER BY sequence LIMIT %(batch)s),
gone AS (
    DELETE FROM common_outboxevent
    WHERE id IN (SELECT id FROM oldest WHERE done_at < statement_timestamp() - %(kept)s::interval) RETURNING id)
SELECT max(sequence), bool_or(created_at >= statement_timestamp() - %(kept)s::interval), (SELECT count(*) FROM gone)
FROM oldest
"""


def forget_done(*, kept: timedelta | None = None) -> int:
    """Delete events that were done longer ago than `kept` (`settings.OUTBOX_KEPT`), in batches; how many."""
    parameters: dict[str, Any] = {"after": 0, "batch": BATCH, "kept": kept or settings.OUTBOX_KEPT}
    total, is_last = 0, False
    while not is_last:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FORGET, parameters)
            parameters["after"], is_last, gone = cursor.fetchone()
        total += gone
        is_last = is_last or parameters["after"] is None
    return total
