"""What Valkey is told once a transaction is committed: which pages look again, which workers are sent for.

All of it goes out in one round trip, since somebody waits for an answer meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from redis.exceptions import RedisError

from medai.common import broker, switchboard, valkey
from medai.common.circuit import Circuit

Errand = Callable[[], Any]

circuit = Circuit("Valkey (changes, tasks on their way)")


class AfterCommit:
    """One for each transaction, however much it has to tell: each topic and each errand once."""

    def __init__(self, topics: Iterable[str], errands: Mapping[str, Errand]) -> None:
        self.topics = dict.fromkeys(topics)
        self.errands = dict(errands)

    def __call__(self) -> None:
        for name in self._not_on_their_way():
            self.errands[name]()

    def _not_on_their_way(self) -> list[str]:
        """Tell the pages; the errands that nobody runs already, or all of them where nobody can say."""
        if not circuit.is_open:
            with circuit.watching(RedisError, OSError):
                pipeline = valkey.client().pipeline(transaction=False)
                for name in self.errands:
                    broker.mark(pipeline, name)
                if self.topics:
                    switchboard.publish(pipeline, self.topics)
                answers = pipeline.execute()
                return [name for name, is_new in zip(self.errands, answers, strict=False) if is_new]
        return list(self.errands)


def after_commit(*, topics: Iterable[str] = (), errands: Mapping[str, Errand] | None = None) -> None:
    """Tell of topics and run errands, by name at most one at a time, once the running transaction is committed."""
    for entry in connection.run_on_commit:
        if isinstance(entry[1], AfterCommit):
            entry[1].topics.update(dict.fromkeys(topics))
            entry[1].errands.update(errands or {})
            return
    # Django drops one that was hung in a savepoint rolled back, so it is looked for each time.
    transaction.on_commit(AfterCommit(topics, errands or {}))
