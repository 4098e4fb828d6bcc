"""The outbox: what must happen after a transaction is a row of that transaction.

A service calls `record(kind, subject, **data)`; each handler of that kind gets a row of its own. The row is
the job of record and the message broker only a doorbell: a worker that hears it runs what is due, each handler in
one transaction with the mark that it is done, and `sweep` rings again while anything is due. Handlers therefore run
at least once, must be idempotent, and per subject and handler run in the order in which their events were recorded.
"""

from collections.abc import Iterable
from uuid import UUID

from medai.common.outbox.recording import record, recording
from medai.common.outbox.registry import batch_handler, handler

__all__ = ["batch_handler", "drain", "handler", "record", "recording", "requeue"]


def drain(*, reraise: bool = True) -> int:
    """Run everything that is due, in this process; the number of events done. See `delivery.drain`."""
    from medai.common.outbox import delivery  # models are not loaded yet when this package is

    return delivery.drain(reraise=reraise)


def requeue(*, event_ids: Iterable[UUID | str]) -> int:
    """Give events that failed, for now or for good, a new set of attempts; see `delivery.requeue`."""
    from medai.common.outbox import delivery

    return delivery.requeue(event_ids=event_ids)
