"""Telling the workers that something waits: a ring names a queue, and whoever answers works off all that is due on it.

A ring says nothing about single events, so it does not matter which of them were committed, nor whether a ring is lost
or comes twice: `delivery.sweep` rings again while anything is due.
"""

import functools

from medai.common import broker
from medai.common.after_commit import after_commit


def ring(queue: str) -> None:
    """Have a worker look at a queue, unless it has been rung for and nobody has looked since."""
    from medai.common.tasks import deliver  # tasks import this package

    broker.send_once(_name(queue), deliver, queue, queue=queue)


def answered(queue: str) -> None:
    """A worker is about to look: what is committed from now on needs a ring of its own."""
    broker.begun(_name(queue))


def _name(queue: str) -> str:
    return f"outbox-{queue}"


def ring_after_commit(queue: str) -> None:
    """Ring once the running transaction is committed; once for each transaction, however many events."""
    from medai.common.tasks import deliver  # tasks import this package

    errand = functools.partial(broker.send, deliver, queue, queue=queue)
    after_commit(errands={_name(queue): errand})
