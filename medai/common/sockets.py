"""The page's WebSocket at /ws/live/: it hears which topics changed, and never what.

The page sends `{"type": "subscribe", "topics": […], "since": …}` with all that it shows now (what it left out is
left) and when it was asked for (in seconds since 1970), or `{"type": "ping"}`. It gets `{"type": "subscribed",
"topics": […]}` with all it listens to now, `{"type": "refused", "topic": …, "code": "unknown_topic" | "not_allowed" |
"too_many"}`, `{"type": "changed", "topic": …}`, `{"type": "pong"}` and, now and then, `{"type": "heartbeat"}`. Close
code 4401: signed out.
"""

import asyncio
import contextlib
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

HEARTBEAT_SECONDS = 25
MOST_TOPICS = 30
LONGEST_MESSAGE = 8192

SIGNED_OUT = 4401
UNREADABLE = 4400
RESTARTING = 1012

OUTAGE = (RedisError, OSError, TimeoutError)


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
    heart: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        except OUTAGE:
            # The channel layer went away beneath the open page, which will come back and subscribe again.
            with contextlib.suppress(Exception):
                await send({"type": "websocket.close", "code": RESTARTING})
        finally:
            if self.heart is not None:
                self.heart.cancel()

    async def connect(self) -> None:
        self.topics: set[str] = set()
        self.missed = False
        self.user_id: Any = None
        await self.accept()
        self.heart = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        await self._leave(*self.topics)

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

    async def live_changed(self, event: dict[str, Any]) -> None:
        if event["topic"] in self.topics:
            await self.send_json({"type": "changed", "topic": event["topic"]})

    async def _subscribe(self, topics: list[str], since: float | None) -> None:
        await self._leave(*(self.topics - set(topics)))
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
                await self._join(name)
        await self.send_json({"type": "subscribed", "topics": sorted(self.topics)})
        if since is not None:
            await self._tell_what_changed(self.topics - before, since)

    async def _tell_what_changed(self, topics: set[str], since: float) -> None:
        try:
            changed = await database_sync_to_async(realtime.changed_since)(topics, since)
        except OUTAGE:
            self.missed = True
            return
        for name in changed:
            await self.send_json({"type": "changed", "topic": name})

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

    async def _join(self, name: str) -> None:
        try:
            await self.channel_layer.group_add(realtime.group(name), self.channel_name)
        except OUTAGE:
            self.missed = True

    async def _leave(self, *topics: str) -> None:
        for name in self.topics & set(topics):
            self.topics.discard(name)
            with contextlib.suppress(*OUTAGE):
                await self.channel_layer.group_discard(realtime.group(name), self.channel_name)

    async def _beat(self) -> None:
        """Join again, since a restarted Redis forgets its groups, and drop what is no longer allowed."""
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
                await self._leave(name)
                await self._refuse(name, refusal)
        missed, self.missed = self.missed, False
        for name in sorted(self.topics):
            await self._join(name)
        if missed and not self.missed:
            for name in sorted(self.topics):
                await self.send_json({"type": "changed", "topic": name})
        await self.send_json({"type": "heartbeat"})


websocket_urlpatterns = [path("ws/live/", LiveConsumer.as_asgi())]
