"""Telling the workers that something waits: a ring names a queue, and whoever answers works off all that is due on it.

A ring says nothing about single events, so it does not matter which of them were committed, nor whether a ring is lost
or comes twice: `delivery.sweep` rings again while anything is due.
"""

from django.db import connection, transaction

from medai.common import broker


def ring(queue: str) -> None:
    """Have a worker look at a queue, unless it has been rung for and nobody has looked since."""
    from medai.common.tasks import deliver  # tasks import this package

    broker.send_once(_name(queue), deliver, queue, queue=queue)


def answered(queue: str) -> None:
    """A worker is about to look: what is committed from now on needs a ring of its own."""
    broker.begun(_name(queue))


def _name(queue: str) -> str:
    return f"outbox-{queue}"


class Doorbell:
    """Rings, after the commit, for the queues of a transaction; one for each transaction, however many events."""

    def __init__(self) -> None:
        self.queues: dict[str, None] = {}

    def __call__(self) -> None:
        for queue in self.queues:
            ring(queue)


def ring_after_commit(queue: str) -> None:
    """Ring once the running transaction is committed."""
    for entry in connection.run_on_commit:
        if isinstance(entry[1], Doorbell):
            entry[1].queues[queue] = None
            return
    # Django drops one that was hung in a savepoint rolled back, so it is looked for each time.
    doorbell = Doorbell()
    doorbell.queues[queue] = None
    transaction.on_commit(doorbell)
