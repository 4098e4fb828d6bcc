"""Which handlers want which kinds of event. Apps fill it from their `handlers.py`, loaded at start-up."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from medai.common.outbox.models import OutboxEvent

Function = TypeVar("Function", bound="Callable[[OutboxEvent], object]")
BatchFunction = TypeVar("BatchFunction", bound="Callable[[Sequence[OutboxEvent]], object]")


@dataclass(frozen=True, slots=True)
class Handler:
    name: str
    kinds: frozenset[str]
    function: "Callable[[Sequence[OutboxEvent]], object]"
    queue: str
    at_once: int


class UnknownHandler(LookupError):
    """The row names a handler that this version of the code does not have."""


_handlers: dict[str, Handler] = {}


def handler(*kinds: str, queue: str = "default") -> Callable[[Function], Function]:
    """Subscribe a function to kinds of event: `@handler("booking.confirmed", "booking.rescheduled")`.

    It gets the `OutboxEvent`, runs as system in a transaction that also marks the event done, and must stand
    being run twice. Its dotted name is stored with each event: renaming it strands those not yet done.
    """

    def subscribe(function: Function) -> Function:
        def each(events: "Sequence[OutboxEvent]") -> None:
            for event in events:
                function(event)

        _add(function, kinds, each, queue, at_once=1)
        return function

    return subscribe


def batch_handler(
    *kinds: str, queue: str = "default", at_once: int = 50
) -> Callable[[BatchFunction], BatchFunction]:
    """Subscribe a function that takes many events at once, no two of them about the same subject.

    For work that many events ask for and that is done once for all of them. If it fails, each event is tried alone.
    """

    def subscribe(function: BatchFunction) -> BatchFunction:
        _add(function, kinds, function, queue, at_once=at_once)
        return function

    return subscribe


def _add(
    named: Callable[..., object],
    kinds: Sequence[str],
    function: "Callable[[Sequence[OutboxEvent]], object]",
    queue: str,
    *,
    at_once: int,
) -> None:
    if not kinds:
        raise ValueError("A handler names at least one kind of event.")
    name = f"{named.__module__}.{named.__qualname__}"
    _handlers[name] = Handler(name, frozenset(kinds), function, queue, at_once)


def handlers_of(kind: str) -> Iterable[Handler]:
    return [entry for entry in _handlers.values() if kind in entry.kinds]


def all_handlers() -> Iterable[Handler]:
    return _handlers.values()


def find(name: str) -> Handler:
    try:
        return _handlers[name]
    except KeyError:
        raise UnknownHandler(name) from None


def queue_of(name: str) -> str:
    """Where to ring for a handler; for one that is gone the default queue, where its failure is recorded."""
    return _handlers[name].queue if name in _handlers else "default"


def limit_of(name: str) -> int:
    """How many events a handler takes at once."""
    return _handlers[name].at_once if name in _handlers else 1


def forget(*names: str) -> None:
    """Unsubscribe handlers again (tests)."""
    for name in names:
        _handlers.pop(name, None)
