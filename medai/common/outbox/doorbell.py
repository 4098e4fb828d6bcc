"""Telling the workers that something waits: a ring names a queue, and whoever answers works off all that is due on it.

A ring says nothing about single events, so it does not matter which of them were committed, nor whether a ring is lost
or comes twice: `delivery.sweep` rings again while anything is due.
"""

from django.core.cache import cache
from django.db import connection, transaction
from redis.exceptions import RedisError

from medai.common import broker
from medai.common.circuit import Circuit

# A ring that nobody answered within this time is no reason to keep the next one back.
PATIENCE = 2

circuit = Circuit("The cache (rings of the outbox)")


def ring(queue: str) -> None:
    """Have a worker look at a queue, unless it has been rung for and nobody has looked since."""
    if not _is_first(queue):
        return
    from medai.common.tasks import deliver  # tasks import this package

    broker.send(deliver, queue, queue=queue)


def answered(queue: str) -> None:
    """A worker is about to look: what is committed from now on needs a ring of its own."""
    if not circuit.is_open:
        with circuit.watching(RedisError, OSError):
            cache.delete(_key(queue))


def _is_first(queue: str) -> bool:
    if not circuit.is_open:
        with circuit.watching(RedisError, OSError):
            return bool(cache.add(_key(queue), 1, timeout=PATIENCE))
    return True


def _key(queue: str) -> str:
    return f"outbox-ring:{queue}"


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
