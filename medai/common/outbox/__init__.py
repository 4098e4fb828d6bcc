"""The outbox: what must happen after a transaction is a row of that transaction.

A service calls `record(kind, subject, **data)`; each handler of that kind gets a row of its own. The row is
the job of record and the message broker only a doorbell: a worker runs the handler and marks its row done in
one transaction, and `sweep` rings again for rows that are due and not done. Handlers therefore run at least
once, must be idempotent, and per subject and handler run in the order in which their events were recorded.
"""

from uuid import UUID

from medai.common.outbox.recording import record
from medai.common.outbox.registry import handler

__all__ = ["drain", "handler", "record", "requeue"]


def drain(*, reraise: bool = True) -> int:
    """Run everything that is due, in this process; the number of events done. See `delivery.drain`."""
    from medai.common.outbox import delivery  # models are not loaded yet when this package is

    return delivery.drain(reraise=reraise)


def requeue(*, event_id: UUID | str) -> None:
    """Give an event that failed for good a new set of attempts."""
    from medai.common.outbox import delivery

    delivery.requeue(event_id=event_id)
