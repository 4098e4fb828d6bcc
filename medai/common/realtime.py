"""Telling open pages that something changed: never what, so that nothing private leaves by this way.

A topic is a name and perhaps a key, such as `doctor-slots:<doctor id>`. The app that owns a name says in its
`sockets.py` who may listen:

    @realtime.topic("doctor-slots")
    def anybody(identity: Identity, key: str) -> bool: …

The page then fetches its part again through the ordinary view, which checks permission as ever. What changes while
a page is on its way to its reader would be missed, so each topic's last change is kept for a while: a page that
begins to listen says when it was asked for, and is told what changed since.
"""

import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import connection, transaction
from redis.exceptions import RedisError

from medai.common.circuit import Circuit
from medai.common.identity import Identity, acting_as

Rule = Callable[[Identity, str], bool]
Function = TypeVar("Function", bound=Rule)

# Pages take this long at most from being asked for to listening.
CHANGES_KEPT_SECONDS = 120

_TOPIC = re.compile(r"(?P<name>[a-z][a-z-]{0,39})(?::(?P<key>[A-Za-z0-9_-]{1,48}))?")

circuit = Circuit("The channel layer")
_rules: dict[str, Rule] = {}


class UnknownTopic(LookupError):
    """No app owns a topic of this name, or the topic is malformed."""


def topic(name: str) -> Callable[[Function], Function]:
    """Decorate the rule whether an identity may hear of a topic's key; it runs as that identity."""
    if not _TOPIC.fullmatch(name) or ":" in name:
        raise ValueError(f"{name!r} is no name of a topic: lower-case words with hyphens, please.")

    def own(rule: Function) -> Function:
        _rules[name] = rule
        return rule

    return own


def is_allowed(identity: Identity, topic: str) -> bool:
    """Whether this identity may subscribe; `UnknownTopic` where there is no such topic."""
    match = _TOPIC.fullmatch(topic)
    rule = _rules.get(match["name"]) if match else None
    if match is None or rule is None:
        raise UnknownTopic(topic)
    with acting_as(identity):
        return rule(identity, match["key"] or "")


def group(topic: str) -> str:
    """The channel layer's name of a topic's group."""
    if not _TOPIC.fullmatch(topic):
        raise UnknownTopic(topic)
    return f"live.{topic.replace(':', '.')}"


class Announcement:
    """What a transaction has to tell once it is committed; one for each transaction, each topic once."""

    def __init__(self) -> None:
        self.topics: dict[str, None] = {}

    def __call__(self) -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        if circuit.is_open:
            return  # pages refresh by themselves after an outage; the change itself stands
        with circuit.watching(RedisError, OSError, TimeoutError):
            # First kept, then told: who listens before it is kept is told, who listens later finds it kept.
            cache.set_many(dict.fromkeys(map(group, self.topics), time.time()), CHANGES_KEPT_SECONDS)
            # One event loop for all of them, as each costs a connection to Redis.
            async_to_sync(_tell)(layer, list(self.topics))


async def _tell(layer: Any, topics: list[str]) -> None:
    for name in topics:
        with suppress(ChannelFull):
            await layer.group_send(group(name), {"type": "live.changed", "topic": name})


def changed_since(topics: Iterable[str], moment: float) -> list[str]:
    """Which of these topics changed after a moment (seconds since 1970) that is not long ago."""
    names = {group(topic): topic for topic in topics}
    return [names[key] for key, changed_at in cache.get_many(names).items() if changed_at > moment]


def changed(*topics: str) -> None:
    """Tell the pages that listen to these topics, once the running transaction is committed."""
    waiting = (entry[1] for entry in connection.run_on_commit)
    announcement = next((callback for callback in waiting if isinstance(callback, Announcement)), None)
    if announcement is None or not connection.in_atomic_block:
        announcement = Announcement()
    is_new = not announcement.topics
    announcement.topics.update(dict.fromkeys(topics))
    if is_new:
        transaction.on_commit(announcement)
