"""What must happen after a commit happens, in order, however often something breaks in between."""

import base64
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.models.functions import Now

from medai.common import broker, outbox, valkey
from medai.common.errors import StaleVersion
from medai.common.identity import Identity, Kind, acting_as, acting_as_system
from medai.common.models import IdempotencyKey, OutboxEvent
from medai.common.outbox import delivery, registry

OTHERS = [kind for kind in Kind if kind != Kind.SYSTEM]


@pytest.fixture
def subscribe() -> Iterator[Callable[..., str]]:
    """Subscribe a function for one test; the name that its rows carry."""
    before = set(registry._handlers)

    def add(kind: str, function: Callable[..., object], *, at_once: int = 0, **options: Any) -> str:
        function.__qualname__ = f"handler_{uuid.uuid4().hex}"
        if at_once:
            outbox.batch_handler(kind, at_once=at_once, **options)(function)
        else:
            outbox.handler(kind, **options)(function)
        return f"{function.__module__}.{function.__qualname__}"

    yield add
    registry.forget(*(set(registry._handlers) - before))


@pytest.fixture(autouse=True)
def closed_circuit() -> Iterator[None]:
    broker.circuit.close()
    yield
    broker.circuit.close()


def thing() -> IdempotencyKey:
    """Something an event can be about."""
    return IdempotencyKey(id=uuid.uuid4())


def record(kind: str, subject: Any, **data: Any) -> None:
    with acting_as(Identity(Kind.PATIENT, user_id=uuid.uuid4())), transaction.atomic():
        outbox.record(kind, subject, **data)


def record_and_fail(subject: Any = None) -> None:
    with acting_as_system("test"), transaction.atomic():
        outbox.record("a.happened", subject or thing())
        raise StaleVersion


def leave_effect(name: str) -> None:
    IdempotencyKey.objects.create(scope="effect", key=name)


def effects() -> list[str]:
    with acting_as_system("test"):
        return list(IdempotencyKey.objects.order_by("created_at").values_list("key", flat=True))


def events() -> list[OutboxEvent]:
    with acting_as_system("test"):
        return list(OutboxEvent.objects.all())


def make_due() -> None:
    with acting_as_system("test"):
        OutboxEvent.objects.pending().update(available_at=Now())


def rings(queue: str = "default") -> int:
    return redis.Redis.from_url(settings.REDIS_URL).llen(queue)


@pytest.mark.django_db
def test_every_handler_gets_its_own_row(subscribe):
    seen = []
    names = [subscribe("a.happened", lambda event, n=n: seen.append((n, event.data))) for n in range(2)]
    record("a.happened", thing(), booking_id=uuid.UUID(int=1), count=2)
    assert {event.handler for event in events()} == set(names)
    assert outbox.drain() == 2
    data = {"booking_id": str(uuid.UUID(int=1)), "count": 2}
    assert sorted(seen, key=lambda pair: pair[0]) == [(0, data), (1, data)]
    assert all(event.done_at for event in events())
    assert outbox.drain() == 0


@pytest.mark.django_db
def test_an_event_nobody_wants_is_kept_as_done(subscribe):
    record("nobody.listens", thing())
    [event] = events()
    assert event.handler == ""
    assert event.done_at
    assert outbox.drain() == 0


@pytest.mark.django_db(transaction=True)
def test_recording_needs_a_transaction():
    with acting_as_system("test"), pytest.raises(transaction.TransactionManagementError):
        outbox.record("a.happened", thing())
    assert events() == []


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_transaction_that_fails_never_was(subscribe):
    subscribe("a.happened", lambda event: leave_effect("x"))
    with pytest.raises(StaleVersion):
        record_and_fail()
    assert events() == []
    assert rings() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("kind", OTHERS)
def test_any_identity_may_record_but_only_the_system_handles(subscribe, kind):
    subscribe("a.happened", lambda event: None)
    identity = Identity(kind, user_id=uuid.uuid4())
    with acting_as(identity), transaction.atomic():
        outbox.record("a.happened", thing())
    with acting_as(identity):
        is_staff = kind in (Kind.ADMIN, Kind.SUPER_ADMIN)
        if is_staff:
            assert OutboxEvent.objects.count() == 1
        for verb in ("UPDATE common_outboxevent SET attempts = 9", "DELETE FROM common_outboxevent"):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(verb)
    [event] = events()
    assert event.attempts == 0
    assert event.done_at is None


@pytest.mark.django_db
def test_events_of_one_subject_are_handled_in_order(subscribe):
    seen = []
    subscribe("a.happened", lambda event: seen.append(event.data["n"]))
    one, other = thing(), thing()
    for n in range(5):
        record("a.happened", one, n=n)
        record("a.happened", other, n=n + 10)
    assert delivery.deliver(queue="default") == 10
    assert [n for n in seen if n < 5] == [0, 1, 2, 3, 4]
    assert [n for n in seen if n >= 10] == [10, 11, 12, 13, 14]


@pytest.mark.django_db(transaction=True)
def test_a_crash_after_the_effect_leaves_neither_effect_nor_done(subscribe):
    crashes = [RuntimeError("the worker died here"), None]

    def handle(event: OutboxEvent) -> None:
        leave_effect(str(event.pk))
        if (crash := crashes.pop(0)) is not None:
            raise crash

    subscribe("a.happened", handle)
    record("a.happened", thing())
    with pytest.raises(RuntimeError):
        outbox.drain()
    [event] = events()
    assert effects() == []
    assert (event.done_at, event.attempts) == (None, 1)
    assert event.last_error.startswith("RuntimeError at test_outbox.py:")
    assert outbox.drain() == 0, "it waits for its pause"
    make_due()
    assert outbox.drain() == 1
    assert effects() == [str(event.pk)]


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_effect_and_done_rolls_the_effect_back(subscribe, monkeypatch):
    subscribe("a.happened", lambda event: leave_effect("x"))
    record("a.happened", thing())

    class Killed(BaseException):
        """Like kill -9, nothing in the code catches it."""

    def killed(*args: Any, **kwargs: Any) -> None:
        assert effects() == ["x"], "the effect was there, uncommitted"
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(type(OutboxEvent.objects.all()), "update", killed)
        with pytest.raises(Killed):
            outbox.drain()
    assert effects() == []
    [event] = events()
    assert event.done_at is None
    assert outbox.drain() == 1
    assert effects() == ["x"]


@pytest.mark.django_db
def test_a_failing_event_holds_up_its_own_line_only(subscribe):
    seen = []

    def handle(event: OutboxEvent) -> None:
        if event.data["n"] == 0:
            raise StaleVersion
        seen.append(event.data["n"])

    subscribe("a.happened", handle)
    broken, fine = thing(), thing()
    record("a.happened", broken, n=0)
    record("a.happened", broken, n=1)
    record("a.happened", fine, n=2)
    assert outbox.drain(reraise=False) == 1
    assert seen == [2]
    first = events()[0]
    assert "stale_version" in first.last_error
    # Given up, it no longer holds up the line, and staff find it.
    with acting_as_system("test"):
        OutboxEvent.objects.filter(pk=first.pk).update(attempts=delivery.ATTEMPTS - 1, available_at=Now())
    assert outbox.drain(reraise=False) == 1
    assert seen == [2, 1]
    with acting_as(Identity(Kind.ADMIN, user_id=uuid.uuid4())):
        assert [event.pk for event in OutboxEvent.objects.failed()] == [first.pk]
    assert outbox.requeue(event_ids=[first.pk]) == 1
    with pytest.raises(StaleVersion):
        outbox.drain()


@pytest.mark.django_db
def test_a_batch_holds_one_event_of_each_line_in_order(subscribe):
    batches = []
    subscribe("a.happened", lambda events: batches.append([e.data["n"] for e in events]), at_once=3)
    one, others = thing(), [thing() for _ in range(3)]
    for n in range(3):
        record("a.happened", one, n=n)
    for n, other in enumerate(others):
        record("a.happened", other, n=10 + n)
    assert delivery.deliver(queue="default") == 6
    assert batches == [[0, 10, 11], [1, 12], [2]]
    assert all(event.done_at and event.attempts == 1 for event in events())


@pytest.mark.django_db(transaction=True)
def test_one_event_that_fails_leaves_the_rest_of_its_batch_done_once(subscribe):
    def handle(batch: list[OutboxEvent]) -> None:
        for event in batch:
            leave_effect(event.data["name"])
            if event.data["name"] == "b":
                raise StaleVersion

    subscribe("a.happened", handle, at_once=10)
    for name in "abcd":
        record("a.happened", thing(), name=name)
    with pytest.raises(StaleVersion):
        outbox.drain()
    assert effects() == ["a", "c", "d"]
    assert [(bool(event.done_at), event.attempts) for event in events()] == [
        (True, 1),
        (False, 1),
        (True, 1),
        (True, 1),
    ]
    assert "stale_version" in events()[1].last_error


@pytest.mark.django_db
def test_pauses_between_attempts_grow(subscribe):
    subscribe("a.happened", lambda event: 1 / 0)
    record("a.happened", thing())
    pauses = []
    for _ in range(delivery.ATTEMPTS):
        make_due()
        assert outbox.drain(reraise=False) == 0
        [event] = events()
        pauses.append(event.available_at - event.updated_at)
    assert event.failed_at is not None
    assert pauses[0] < timedelta(seconds=7)
    assert timedelta(minutes=10) < pauses[-1] < timedelta(minutes=20)
    assert all(later > earlier * 0.9 for earlier, later in pairwise(pauses[:8]))


@pytest.mark.django_db
def test_a_handler_that_is_gone_is_a_failure_not_a_loss(subscribe):
    name = subscribe("a.happened", lambda event: None)
    record("a.happened", thing())
    registry.forget(name)
    with pytest.raises(registry.UnknownHandler):
        outbox.drain()
    [event] = events()
    assert event.last_error.startswith("UnknownHandler")


@pytest.mark.django_db
def test_errors_are_kept_without_what_people_typed(subscribe):
    def handle(event: OutboxEvent) -> None:
        raise ValueError("Ana Torres, ana@example.com, +573001234567")

    subscribe("a.happened", handle)
    record("a.happened", thing())
    outbox.drain(reraise=False)
    assert "Ana" not in events()[0].last_error


@pytest.mark.django_db
def test_handlers_may_record_more(subscribe):
    seen = []
    subscribe("first", lambda event: outbox.record("second", thing()))
    subscribe("second", lambda event: seen.append(event.kind))
    record("first", thing())
    assert outbox.drain() == 2
    assert seen == ["second"]


def have_queues() -> None:
    """As a worker does, which listens to all of them."""
    with current_app.connection_for_write() as broker_connection:
        for queue in current_app.amqp.queues.values():
            queue(broker_connection.default_channel).declare()


def answer(queue: str = "default") -> int:
    """Take the rings of a queue as a worker would; the number of events that were done for them."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    done = 0
    while (message := client.rpop(queue)) is not None:
        [arguments, _, _] = json.loads(base64.b64decode(json.loads(message)["body"]))
        done += delivery.deliver(queue=arguments[0])
    return done


@pytest.mark.django_db(transaction=True)
def test_one_ring_for_each_queue_of_a_transaction(subscribe):
    subscribe("a.happened", lambda event: None)
    subscribe("a.happened", lambda event: None)
    subscribe("a.happened", lambda event: None, queue="messages")
    have_queues()
    one, other = thing(), thing()
    with acting_as_system("test"), transaction.atomic():
        for _ in range(3):
            outbox.record("a.happened", one)
        with transaction.atomic():
            outbox.record("a.happened", other)
        assert rings() == rings("messages") == 0
    assert rings() == rings("messages") == 1
    assert rings("slow") == rings("webhooks") == 0
    assert answer() == 8
    assert answer("messages") == 4


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_was_rung_for_is_rung_again_once_a_worker_looks(subscribe):
    subscribe("a.happened", lambda event: None)
    for _ in range(5):
        record("a.happened", thing())
    assert rings() == 1
    assert answer() == 5
    record("a.happened", thing())
    assert rings() == 1
    assert answer() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_while_a_worker_looks_rings_for_itself(subscribe):
    """A worker that found nothing more may be about to leave."""
    subscribe("a.happened", lambda event: record("b.happened", thing()))
    subscribe("b.happened", lambda event: None)
    record("a.happened", thing())
    assert answer() == 2
    assert all(event.done_at for event in events())


@pytest.mark.django_db(transaction=True)
def test_a_ring_that_nobody_answers_does_not_silence_the_next_for_long(subscribe):
    subscribe("a.happened", lambda event: None)
    record("a.happened", thing())
    mark, client = "medai:on-its-way:outbox-default", valkey.client()
    assert 0 < client.pttl(mark) <= broker.PATIENCE * 1000
    client.delete(mark)  # as time would
    record("a.happened", thing())
    assert rings() == 2


@pytest.mark.django_db(transaction=True)
def test_a_doorbell_hung_in_a_rolled_back_savepoint_is_hung_again(subscribe):
    subscribe("a.happened", lambda event: None)
    with acting_as_system("test"), transaction.atomic():
        with pytest.raises(StaleVersion):
            record_and_fail()
        outbox.record("a.happened", thing())
    assert len(events()) == 1
    assert answer() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", ["before", "after", "around"])
def test_an_event_of_a_rolled_back_savepoint_takes_no_ring_with_it(subscribe, order):
    """The line's other events are rung for, whichever of them was recorded first."""
    subscribe("a.happened", lambda event: None)
    subject = thing()

    with acting_as_system("test"), transaction.atomic():
        if order != "after":
            outbox.record("a.happened", thing())
            with pytest.raises(StaleVersion):
                record_and_fail(subject)
        outbox.record("a.happened", subject)
        if order != "before":
            with pytest.raises(StaleVersion):
                record_and_fail(subject)
    assert answer() == len(events()) == (1 if order == "after" else 2)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_neither_fails_nor_delays_the_request(subscribe, monkeypatch, caplog):
    subscribe("a.happened", lambda event: None)
    started = time.monotonic()
    with monkeypatch.context() as patch, caplog.at_level("WARNING"):
        nowhere = broker._connection(os.getpid(), "redis://127.0.0.1:1/0")
        patch.setattr(broker, "_current_connection", lambda: nowhere)
        for _ in range(20):
            record("a.happened", thing())
    assert time.monotonic() - started < 2
    assert len(events()) == 20
    assert len([line for line in caplog.records if "not available" in line.message]) == 1
    assert rings() == 0
    # Back again: the sweep rings for what nobody was told of.
    broker.circuit.close()
    assert delivery.sweep() == delivery.SWEPT_RINGS
    assert delivery.sweep() == 0, "those who were rung for have not looked yet"
    assert answer() == 20
    assert delivery.sweep() == 0, "nothing waits"


@pytest.mark.django_db(transaction=True)
def test_rings_wiped_with_the_broker_are_rung_again(subscribe):
    subscribe("a.happened", lambda event: leave_effect(str(event.pk)))
    record("a.happened", thing())
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    assert delivery.sweep() == delivery.SWEPT_RINGS
    assert answer() == 1


@pytest.mark.django_db(transaction=True)
def test_the_sweep_rings_for_what_becomes_due_and_not_before(subscribe):
    subscribe("a.happened", lambda event: 1 / 0, queue="messages")
    have_queues()
    record("a.happened", thing())
    assert answer("messages") == 0
    assert delivery.sweep() == 0
    make_due()
    assert delivery.sweep() == rings("messages") == delivery.SWEPT_RINGS


@pytest.mark.django_db(transaction=True)
def test_a_worker_rings_for_what_it_has_no_time_for(subscribe, monkeypatch):
    clock = [0.0]

    def take_a_second(event: OutboxEvent) -> None:
        clock[0] += 1

    subscribe("a.happened", take_a_second)
    for _ in range(5):
        record("a.happened", thing())
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    assert delivery.deliver(queue="default", seconds=2) == 2
    assert rings() == 1
    assert answer() == 3


@pytest.mark.django_db(transaction=True)
def test_a_handler_with_a_backlog_leaves_the_others_their_turn(subscribe):
    seen = []
    for kind in ("many", "few"):
        subscribe(kind, lambda event: seen.append(event.kind))
    for _ in range(20):
        record("many", thing())
    record("few", thing())
    assert delivery.deliver(queue="default") == 21
    assert seen.index("few") <= 1


def work_together(workers: int, work: Callable[[], object]) -> None:
    together = threading.Barrier(workers)

    def run() -> None:
        together.wait()
        work()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_workers_keep_the_order_of_each_line(subscribe):
    seen: dict[str, list[int]] = {}

    def handle(event: OutboxEvent) -> None:
        seen.setdefault(str(event.subject_id), []).append(event.data["n"])
        time.sleep(0.002)

    subscribe("a.happened", handle)
    subjects = [thing() for _ in range(3)]
    for n in range(20):
        for subject in subjects:
            record("a.happened", subject, n=n)

    def work() -> None:
        # A worker leaves when all lines are taken; whoever has them looks again.
        while not all(event.done_at for event in events()):
            delivery.deliver(queue="default")

    work_together(4, work)
    assert seen == {str(subject.pk): list(range(20)) for subject in subjects}


@pytest.mark.django_db(transaction=True)
def test_workers_do_different_lines_at_the_same_time(subscribe):
    meet = threading.Barrier(3, timeout=10)
    subscribe("a.happened", lambda event: meet.wait())
    for _ in range(3):
        record("a.happened", thing())
    work_together(3, lambda: delivery.deliver(queue="default"))
    assert all(event.done_at for event in events())


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_two_workers_repeat_each_other(subscribe, monkeypatch):
    monkeypatch.setattr(delivery, "_TAKE", delivery._TAKE.replace("FOR UPDATE SKIP LOCKED", ""))
    seen = []
    together = threading.Barrier(2, timeout=5)

    def handle(event: OutboxEvent) -> None:
        seen.append(event.pk)
        together.wait()

    subscribe("a.happened", handle)
    record("a.happened", thing())
    [event] = events()
    work_together(2, lambda: delivery.deliver(queue="default"))
    assert seen == [event.pk, event.pk]


BACKLOG = """
INSERT INTO common_outboxevent (id, created_at, updated_at, kind, handler, subject_type, subject_id, data, available_at,
    attempts, last_error)
SELECT gen_random_uuid(), now(), now(), 'k', 'handler_' || n %% 5, 't', md5((n %% 2000)::text)::uuid, '{}',
    now() - interval '1 hour' + n * interval '1 ms', 0, ''
FROM generate_series(1, 10000) AS n
"""


@pytest.mark.django_db
@pytest.mark.parametrize("are_statistics_fresh", [False, True])
def test_taking_an_event_does_not_read_the_backlog(are_statistics_fresh):
    """A backlog comes sooner than statistics about it, and a plan that reads it all makes it last."""
    with acting_as_system("test"), connection.cursor() as cursor:
        cursor.execute(BACKLOG, [])
        if are_statistics_fresh:
            cursor.execute("SELECT set_config('role', 'none', true)")
            cursor.execute("ANALYZE common_outboxevent")
            cursor.execute("SELECT set_config('role', 'medai_system', true)")
        for sql, parameters in ((delivery._TAKE, ["handler_3", 50]), (delivery._WAITING, [])):
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON, BUFFERS) {sql}", parameters)
            plan = cursor.fetchone()[0][0]["Plan"]
            pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
            assert plan["Actual Rows"] in (50, 5)
            assert "Seq Scan" not in str(plan)
            # The whole table has some 200, its rows that wait 10,000.
            assert pages < 1500
