"""The page's WebSocket at /ws/live/: it hears which topics changed, and never what.

The page sends `{"type": "subscribe", "topics": […], "since": …}` with all that it shows now (what it left out is
left) and when it was asked for (in seconds since 1970), or `{"type": "ping"}`. It gets `{"type": "subscribed",
"topics": […]}` with all it listens to now, `{"type": "refused", "topic": …, "code": "unknown_topic" | "not_allowed" |
"too_many"}`, `{"type": "changed", "topic": …}`, `{"type": "pong"}` and, now and then, `{"type": "heartbeat"}`. Close
code 4401: signed out.
"""

import asyncio
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from asgiref.typing import WebSocketScope
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.urls import path
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from medai.common import realtime
from medai.common.identity import ANONYMOUS, Identity, Kind, acting_as
from medai.common.realtime import UnknownTopic
from medai.common.switchboard import switchboard

HEARTBEAT_SECONDS = 25
MOST_TOPICS = 30
LONGEST_MESSAGE = 8192

SIGNED_OUT = 4401
UNREADABLE = 4400


class SignedOut(Exception):
    """The person who subscribed is not signed in any more."""


def identity_of(scope: WebSocketScope) -> Identity:
    """Who sits behind a socket now: the session is read afresh, so a ban or signing out counts at once."""
    key = getattr(scope.get("session"), "session_key", None)
    if not key:
        return ANONYMOUS
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key=key)
    with acting_as(Identity(Kind.SIGN_IN)):
        user = get_user(SimpleNamespace(session=store))  # type: ignore[arg-type]  # it reads the session only
    return import_string(settings.IDENTITY_FOR_USER)(user)


class LiveConsumer(AsyncJsonWebsocketConsumer):
    tasks: tuple[asyncio.Task[None], ...] = ()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            for task in self.tasks:
                task.cancel()

    async def connect(self) -> None:
        self.topics: set[str] = set()
        self.changed: dict[str, None] = {}
        self.has_changed = asyncio.Event()
        self.user_id: Any = None
        await self.accept()
        self.tasks = (asyncio.create_task(self._beat()), asyncio.create_task(self._speak()))

    async def disconnect(self, code: int) -> None:
        self._leave(*self.topics)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        if text_data is None or len(text_data) > LONGEST_MESSAGE:
            await self.close(UNREADABLE)
            return
        try:
            content = await self.decode_json(text_data)
        except (ValueError, RecursionError):
            await self.close(UNREADABLE)
            return
        await self.receive_json(content)

    async def receive_json(self, content: Any, **_: Any) -> None:
        message = content if isinstance(content, dict) else {}
        kind, topics = message.get("type"), message.get("topics")
        topics = topics if isinstance(topics, list) else [None]
        is_list = all(isinstance(name, str) for name in topics)
        if kind == "ping":
            await self.send_json({"type": "pong"})
        elif kind == "subscribe" and is_list:
            since = message.get("since")
            try:
                await self._subscribe(topics, since if isinstance(since, int | float) else None)
            except SignedOut:
                await self.close(SIGNED_OUT)
        else:
            await self.close(UNREADABLE)

    def hear(self, topic: str) -> None:
        """The switchboard's call, which must not wait for a slow page."""
        self.changed[topic] = None
        self.has_changed.set()

    async def _speak(self) -> None:
        while True:
            await self.has_changed.wait()
            self.has_changed.clear()
            changed, self.changed = self.changed, {}
            for topic in changed:
                if topic in self.topics:
                    await self.send_json({"type": "changed", "topic": topic})

    async def _subscribe(self, topics: list[str], since: float | None) -> None:
        self._leave(*(self.topics - set(topics)))
        wanted = [name for name in dict.fromkeys(topics) if name not in self.topics]
        room = MOST_TOPICS - len(self.topics)
        before = set(self.topics)
        for name in wanted[room:]:
            await self._refuse(name, "too_many")
        for name, refusal in (await self._check(wanted[:room])).items():
            if refusal:
                await self._refuse(name, refusal)
            else:
                self.topics.add(name)
                await switchboard().join(name, self.hear)
        await self.send_json({"type": "subscribed", "topics": sorted(self.topics)})
        if since is not None:
            await self._tell_what_changed(self.topics - before, since)

    async def _tell_what_changed(self, topics: set[str], since: float) -> None:
        try:
            changed = await database_sync_to_async(realtime.changed_since)(topics, since)
        except (RedisError, OSError, TimeoutError):
            changed = topics  # nobody can say
        for name in changed:
            self.hear(name)

    async def _refuse(self, name: str, code: str) -> None:
        await self.send_json({"type": "refused", "topic": name[:100], "code": code})

    async def _check(self, topics: list[str]) -> dict[str, str]:
        """A code for each topic this person may not hear of, else an empty text."""
        return await database_sync_to_async(self._check_now)(topics)

    def _check_now(self, topics: list[str]) -> dict[str, str]:
        identity = identity_of(self.scope)
        if self.user_id is not None and identity.user_id != self.user_id:
            raise SignedOut
        self.user_id = identity.user_id
        found = {}
        for name in topics:
            try:
                found[name] = "" if realtime.is_allowed(identity, name) else "not_allowed"
            except UnknownTopic:
                found[name] = "unknown_topic"
        return found

    def _leave(self, *topics: str) -> None:
        for name in self.topics & set(topics):
            self.topics.discard(name)
            switchboard().leave(name, self.hear)

    async def _beat(self) -> None:
        """Keep the connection awake, and drop what is no longer allowed."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self.heartbeat()

    async def heartbeat(self) -> None:
        try:
            refusals = await self._check(sorted(self.topics))
        except SignedOut:
            await self.close(SIGNED_OUT)
            return
        for name, refusal in refusals.items():
            if refusal:
                self._leave(name)
                await self._refuse(name, refusal)
        await self.send_json({"type": "heartbeat"})


websocket_urlpatterns = [path("ws/live/", LiveConsumer.as_asgi())]
