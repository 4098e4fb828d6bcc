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
from collections.abc import Callable
from typing import TypeVar

from medai.common.after_commit import after_commit
from medai.common.identity import Identity, acting_as
from medai.common.switchboard import changed_since

__all__ = ["UnknownTopic", "changed", "changed_since", "is_allowed", "topic"]

Rule = Callable[[Identity, str], bool]
Function = TypeVar("Function", bound=Rule)

_TOPIC = re.compile(r"(?P<name>[a-z][a-z-]{0,39})(?::(?P<key>[A-Za-z0-9_-]{1,48}))?")

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


def changed(*topics: str) -> None:
    """Tell the pages that listen to these topics, once the running transaction is committed.

    Where Valkey is away they are not told: they refresh by themselves after an outage, and the change itself stands.
    """
    for name in topics:
        if not _TOPIC.fullmatch(name):
            raise UnknownTopic(name)
    after_commit(topics=topics)
