"""From whichever process changed something to the open pages of this one.

A change is one entry of a stream in Valkey: the names of its topics. One connection for each event loop reads the
stream; who listens to what is known in its own process alone, so that a socket costs Valkey nothing. Entries are kept
for a while, for pages that were on their way when something changed.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import redis
from django.conf import settings
from redis import asyncio as aioredis
from redis.exceptions import RedisError

from medai.common import valkey

logger = logging.getLogger(__name__)

STREAM = "medai:live"
KEPT = 5_000
KEPT_SECONDS = 120
# Web servers' clocks agree so far. What changed within it before a page was asked for is told for nothing, once.
APART_SECONDS = 1
_ENTRIES = """
local now = redis.call('TIME')
local since = now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[1]
return redis.call('XRANGE', KEYS[1], string.format('%.0f', since), '+', 'COUNT', ARGV[2])
"""
# How long who joins waits to be heard; whatever is missed until then is told afterwards.
PATIENCE = 2
PAUSE = 1
# Who listens may hear nothing for hours; a server that vanished shows by keep-alive.
_PATIENT = {"socket_connect_timeout": 2, "socket_timeout": None, "socket_keepalive": True}

Listener = Callable[[str], None]


def publish(client: "redis.Redis", topics: Iterable[str]) -> None:
    """Tell all processes that these topics changed, by a client or a pipeline of it."""
    client.xadd(STREAM, {"topics": " ".join(topics)}, maxlen=KEPT)


def changed_since(topics: Iterable[str], moment: float) -> list[str]:
    """Those that changed after a moment (seconds since 1970 by a web server's clock) within the last two minutes.

    How long ago that was is known here; when it was by the stream's own clock, only Valkey can say.
    """
    age = min(max(0.0, time.time() - moment), KEPT_SECONDS) + APART_SECONDS
    entries: Any = valkey.client().eval(_ENTRIES, 1, STREAM, str(int(age * 1000)), str(KEPT))
    changed = {name for _, (_, names) in entries for name in _topics(names)}
    return [name for name in topics if name in changed]


def _topics(names: bytes) -> list[str]:
    return names.decode().split(" ")


class Switchboard:
    """The listeners of one event loop."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()
        self._may_have_missed = False

    async def join(self, topic: str, listener: Listener) -> None:
        """Call the listener at each change of the topic, and when an outage may have hidden one."""
        self._listeners[topic].add(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(PATIENCE):
                await self._hears.wait()
        except TimeoutError:
            self._may_have_missed = True

    def leave(self, topic: str, listener: Listener) -> None:
        self._listeners[topic].discard(listener)
        if not self._listeners[topic]:
            del self._listeners[topic]
        if not self._listeners and self._task is not None:
            self._task.cancel()
            self._task = None
            self._hears.clear()

    async def _listen(self) -> None:
        while True:
            with suppress(RedisError, OSError):
                await self._hear()
            if self._hears.is_set():
                logger.warning("Changes are not heard: Valkey went away")
                self._hears.clear()
                self._may_have_missed = True
            await asyncio.sleep(PAUSE)

    async def _hear(self) -> None:
        client: Any
        async with aioredis.from_url(settings.REDIS_URL, client_name=STREAM, **_PATIENT) as client:
            newest = await client.xrevrange(STREAM, count=1)
            last = newest[0][0] if newest else "0-0"
            if self._may_have_missed:
                self._tell(list(self._listeners))
                self._may_have_missed = False
            self._hears.set()
            while True:
                # The client reads on from there by itself where its connection alone was lost.
                ((_, entries),) = await client.xread({STREAM: last}, block=0)
                last = entries[-1][0]
                for _, entry in entries:
                    self._tell(_topics(entry[b"topics"]))

    def _tell(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for listener in list(self._listeners.get(topic, ())):
                listener(topic)


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Switchboard] = WeakKeyDictionary()


def switchboard() -> Switchboard:
    """The one of the running event loop."""
    return _of_loops.setdefault(asyncio.get_running_loop(), Switchboard())
