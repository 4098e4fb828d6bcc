"""Open pages hear that something changed if they may, and never what."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.sessions import SessionMiddlewareStack
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction

from accounts.models import Role, User
from medai.common import after_commit, realtime, switchboard, valkey
from medai.common.errors import StaleVersion
from medai.common.identity import Identity, acting_as_system, current_identity
from medai.common.sockets import LONGEST_MESSAGE, MOST_TOPICS, SIGNED_OUT, UNREADABLE, websocket_urlpatterns
from tests.common.socket_client import SocketClient

APPLICATION = SessionMiddlewareStack(URLRouter(websocket_urlpatterns))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def topics() -> Iterator[None]:
    """Three topics: for everybody, for the person named by the key, and for nobody."""
    before = dict(realtime._rules)

    @realtime.topic("test-public")
    def anybody(identity: Identity, key: str) -> bool:
        return current_identity() == identity

    @realtime.topic("test-own")
    def owner(identity: Identity, key: str) -> bool:
        # Asked of the database, so that row-level security has its say.
        return (
            identity.user_id is not None
            and User.objects.filter(pk=identity.user_id, pk__startswith=key).exists()
        )

    @realtime.topic("test-closed")
    def nobody(identity: Identity, key: str) -> bool:
        return False

    yield
    realtime._rules.clear()
    realtime._rules.update(before)
    after_commit.circuit.close()


def person() -> User:
    with acting_as_system("test"):
        return User.objects.create(email=f"{uuid.uuid4().hex}@example.com", role=Role.PATIENT)


def session_of(user: User) -> Any:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


@asynccontextmanager
async def page(session: Any = None) -> AsyncIterator[SocketClient]:
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}" if session is not None else ""
    socket = SocketClient(APPLICATION, "/ws/live/", cookie)
    await socket.connect()
    try:
        yield socket
    finally:
        await socket.disconnect()


async def subscribe(socket: SocketClient, *names: str) -> dict[str, Any]:
    """The refusals by topic, and under "" what is listened to."""
    await socket.send({"type": "subscribe", "topics": list(names)})
    found: dict[str, Any] = {}
    while "" not in found:
        message = await socket.receive()
        if message["type"] == "subscribed":
            found[""] = message["topics"]
        else:
            found[message["topic"]] = message["code"]
    return found


@sync_to_async
def tell(*names: str, fail: bool = False) -> None:
    with acting_as_system("test"), transaction.atomic():
        realtime.changed(*names)
        if fail:
            raise StaleVersion


async def test_a_visitor_hears_public_topics_only():
    async with page() as socket:
        answers = await subscribe(
            socket, "test-public:1", "test-own:1", "test-closed", "nonsense", "Bad Topic"
        )
        assert answers == {
            "": ["test-public:1"],
            "test-own:1": "not_allowed",
            "test-closed": "not_allowed",
            "nonsense": "unknown_topic",
            "Bad Topic": "unknown_topic",
        }
        await tell("test-public:2", "test-own:1", "test-closed")
        assert await socket.receive_nothing()
        await tell("test-public:1")
        assert await socket.receive() == {"type": "changed", "topic": "test-public:1"}


async def test_a_person_hears_their_own_topic_and_a_stranger_does_not():
    ana, bea = await sync_to_async(person)(), await sync_to_async(person)()
    topic = f"test-own:{str(ana.pk)[:8]}"
    async with (
        page(await sync_to_async(session_of)(ana)) as hers,
        page(await sync_to_async(session_of)(bea)) as other,
    ):
        assert (await subscribe(hers, topic))[""] == [topic]
        assert await subscribe(other, topic) == {"": [], topic: "not_allowed"}
        await tell(topic)
        assert await hers.receive() == {"type": "changed", "topic": topic}
        assert await other.receive_nothing()


async def test_nothing_is_told_of_what_was_rolled_back_and_once_of_what_was_done_twice():
    async with page() as socket:
        await subscribe(socket, "test-public")
        with pytest.raises(StaleVersion):
            await tell("test-public", fail=True)
        assert await socket.receive_nothing()
        await tell("test-public", "test-public")
        assert (await socket.receive())["type"] == "changed"
        assert await socket.receive_nothing()


def tell_earlier(seconds: float, topic: str) -> None:
    moment = f"{(time.time() - seconds) * 1000:.0f}-0"
    valkey.client().xadd(switchboard.STREAM, {"topics": topic}, id=moment)


@pytest.mark.parametrize("minutes_ahead", [0, 10, -10])
async def test_a_page_is_told_what_changed_while_it_was_on_its_way(minutes_ahead, monkeypatch):
    tell_earlier(switchboard.APART_SECONDS + 1, "test-public:early")
    right = time.time
    monkeypatch.setattr(switchboard.time, "time", lambda: right() + 60 * minutes_ahead)
    asked_at = time.time()
    await tell("test-public:1", "test-own:1")
    topics = ["test-public:early", "test-public:1", "test-public:2", "test-own:1"]
    async with page() as socket:
        await socket.send({"type": "subscribe", "topics": topics, "since": asked_at})
        assert (await socket.receive())["type"] == "refused"
        assert (await socket.receive())["type"] == "subscribed"
        assert await socket.receive() == {"type": "changed", "topic": "test-public:1"}
        # It fetches its part, and says again what it shows.
        await socket.send({"type": "subscribe", "topics": topics[:3], "since": asked_at})
        assert (await socket.receive())["type"] == "subscribed"
        assert await socket.receive_nothing()


async def test_what_a_page_shows_no_longer_is_left():
    async with page() as socket:
        await subscribe(socket, "test-public:1", "test-public:2")
        assert (await subscribe(socket, "test-public:2", "test-public:3"))[""] == [
            "test-public:2",
            "test-public:3",
        ]
        await tell("test-public:2")
        assert (await socket.receive())["topic"] == "test-public:2"
        await tell("test-public:1")
        assert await socket.receive_nothing()


async def test_a_page_has_room_for_so_many_topics():
    names = [f"test-public:{number}" for number in range(MOST_TOPICS + 1)]
    async with page() as socket:
        answers = await subscribe(socket, *names)
        assert len(answers[""]) == MOST_TOPICS
        assert answers[names[-1]] == "too_many"


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[]",
        '"x"',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "topics": [1]}',
        "{}",
        "x" * 9000,
        "[" * 5000,
    ],
)
async def test_what_cannot_be_read_closes_the_socket(message):
    assert len("x" * 9000) > LONGEST_MESSAGE
    async with page() as socket:
        await socket.send_text(message)
        assert await socket.receive_close() == UNREADABLE


def listening() -> list[dict[str, str]]:
    """Valkey's list of the connections that listen."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    return [each for each in server.client_list() if each["name"] == switchboard.STREAM]


async def test_a_lost_connection_hides_nothing():
    async with page() as socket:
        await subscribe(socket, "test-public:1", "test-public:2")
        server = redis.Redis.from_url(settings.REDIS_URL)
        for each in listening():
            server.client_kill_filter(_id=each["id"])
        await tell("test-public:1")
        assert await socket.receive() == {"type": "changed", "topic": "test-public:1"}


async def test_after_an_outage_pages_are_told_to_look_again(settings, monkeypatch):
    async def fail(self: Any, *args: Any, **kwargs: Any) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(switchboard, "PAUSE", 0.1)
    async with page() as socket:
        await subscribe(socket, "test-public:1", "test-public:2")
        with monkeypatch.context() as outage:
            outage.setattr(redis.asyncio.Redis, "xread", fail)
            await tell("test-public:3")
            await asyncio.sleep(0.05)
        heard = [await socket.receive(), await socket.receive()]
        assert sorted(message["topic"] for message in heard) == ["test-public:1", "test-public:2"]


async def test_who_joins_during_an_outage_is_told_once_it_is_over(settings, monkeypatch):
    url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    monkeypatch.setattr(switchboard, "PATIENCE", 0.1)
    monkeypatch.setattr(switchboard, "PAUSE", 0.1)
    async with page() as socket:
        assert (await subscribe(socket, "test-public"))[""] == ["test-public"]
        settings.REDIS_URL = url
        assert await socket.receive() == {"type": "changed", "topic": "test-public"}
        await tell("test-public")
        assert await socket.receive() == {"type": "changed", "topic": "test-public"}


async def test_two_pages_of_one_process_hear_on_one_connection():
    async with page() as one, page() as other:
        await subscribe(one, "test-public:1")
        await subscribe(other, "test-public:1", "test-public:2")
        assert len(listening()) == 1
        await tell("test-public:1")
        assert await one.receive() == await other.receive() == {"type": "changed", "topic": "test-public:1"}


async def test_a_ban_ends_the_socket_at_the_next_heartbeat(heartbeats):
    ana = await sync_to_async(person)()
    topic = f"test-own:{str(ana.pk)[:8]}"
    async with page(await sync_to_async(session_of)(ana)) as socket:
        assert (await subscribe(socket, topic))[""] == [topic]
        await sync_to_async(ban)(ana)
        await heartbeats()
        assert await socket.receive_close() == SIGNED_OUT


async def test_what_is_no_longer_allowed_is_left_at_the_next_heartbeat(heartbeats, monkeypatch):
    async with page() as socket:
        await subscribe(socket, "test-public", "test-public:1")
        monkeypatch.setitem(realtime._rules, "test-public", lambda identity, key: key == "1")
        await heartbeats()
        refused = {"type": "refused", "topic": "test-public", "code": "not_allowed"}
        assert await socket.receive() == refused
        assert await socket.receive() == {"type": "heartbeat"}
        await tell("test-public")
        assert await socket.receive_nothing()


def test_a_broker_that_is_down_neither_fails_nor_delays(settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    started = time.monotonic()
    for _ in range(20):
        with acting_as_system("test"), transaction.atomic():
            realtime.changed("test-public")
    assert time.monotonic() - started < 2
    assert len([line for line in caplog.records if "not available" in line.message]) == 1


def ban(user: User) -> None:
    with acting_as_system("test"):
        User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.fixture
def heartbeats(monkeypatch) -> Any:
    """Beat now, once, on every open page."""
    from medai.common.sockets import LiveConsumer

    pages: list[LiveConsumer] = []
    original = LiveConsumer.connect

    async def connect(self: LiveConsumer) -> None:
        pages.append(self)
        await original(self)

    monkeypatch.setattr(LiveConsumer, "connect", connect)

    async def beat() -> None:
        for consumer in pages:
            await consumer.heartbeat()

    return beat


@pytest.mark.slow
async def test_a_quiet_page_keeps_its_socket():
    """The Redis client would give up a read after 5 s, were it not told otherwise."""
    async with page() as socket:
        await subscribe(socket, "test-public")
        assert await socket.receive_nothing(timeout=6, interval=0.5)
        await tell("test-public")
        assert await socket.receive() == {"type": "changed", "topic": "test-public"}


async def test_a_closed_page_leaves_nothing_behind():
    """With the client's socket time-out, one in fifteen closed sockets would poll Redis for ever."""
    for pause in range(20):
        async with page():
            await asyncio.sleep(pause / 10_000)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
