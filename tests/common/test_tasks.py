"""Workers: what a commit asks for is done soon, as system, traceable to the request behind it."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from celery import shared_task
from celery.contrib.testing.worker import start_worker
from celery.signals import worker_ready
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.utils.module_loading import import_string

from medai.celery import app
from medai.common import broker, outbox
from medai.common.errors import StaleVersion
from medai.common.identity import Identity, Kind, acting_as, acting_as_system, current_identity
from medai.common.models import IdempotencyKey, OutboxEvent
from medai.common.outbox import registry
from medai.common.requests import current_request_id, request_id
from medai.common.tasks import HEARTBEAT, SystemTask
from tests import services

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # A worker runs the system checks, which read all addresses.
    pytest.mark.urls("tests.common.kernel_urls"),
]

seen: list[Any] = []
happened = threading.Event()


@shared_task(name="tests.look_around")
def look_around(argument: str) -> None:
    seen.append((argument, current_identity(), current_request_id()))
    connections.close_all()
    happened.set()


def end_process(number: int) -> None:
    """As when PostgreSQL restarts."""
    with psycopg.connect(services.superuser_url(connection.settings_dict["NAME"])) as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s)", [number])


@shared_task(name="tests.act_as_somebody")
def act_as_somebody(ending: str) -> None:
    """Note what the connection is before anything was asked through it, then leave it in some state."""
    connection.cursor().close()  # which looks whether there is a connection that answers
    settings = "current_setting('app.kind', true), current_setting('app.user_id', true)"
    row = connection.connection.execute(
        f"SELECT pg_backend_pid(), current_user = session_user, {settings}"
    ).fetchone()
    seen.append(row)
    identity = Identity(Kind.PATIENT, user_id=uuid.uuid4())
    try:
        with acting_as(identity), connection.cursor() as cursor:
            if ending == "left open":
                connection.set_autocommit(False)
            with transaction.atomic():
                cursor.execute("SELECT current_user, app.user_id()")
                assert cursor.fetchone() == ("medai_patient", identity.user_id)
                if ending == "raised":
                    raise StaleVersion
                if ending == "broken":
                    end_process(row[0])
                    cursor.execute("SELECT 1")
            if ending == "gone":
                end_process(row[0])
    finally:
        if ending == "last":
            connections.close_all()
            happened.set()


@contextmanager
def a_worker() -> Iterator[None]:
    seen.clear()
    happened.clear()
    age = connections.settings["default"]["CONN_MAX_AGE"]
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=10):
        yield
    connections.settings["default"]["CONN_MAX_AGE"] = age


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker that leaves no connection behind when its thread ends."""
    monkeypatch.setattr("medai.common.worker.KEPT", 0)
    with a_worker():
        yield


def test_a_task_acts_as_system_under_the_senders_request_id(worker):
    with request_id("request-of-ana"), acting_as(Identity(Kind.PATIENT, user_id=uuid.uuid4())):
        assert broker.send(look_around, "x")
    assert happened.wait(10)
    [(argument, identity, request)] = seen
    assert argument == "x"
    assert (identity.kind, identity.user_id, identity.reason) == (Kind.SYSTEM, None, "tests.look_around")
    assert request == "request-of-ana"
    assert isinstance(look_around, SystemTask)


def test_a_connection_outlives_its_task_and_no_identity_does():
    endings = ["committed", "raised", "committed", "left open", "committed", "broken", "gone", "last"]
    with a_worker():
        for ending in endings:
            assert broker.send(act_as_somebody, ending)
        assert happened.wait(20)
    processes = [row[0] for row in seen]
    assert len(processes) == len(endings)
    assert {row[1:] for row in seen} <= {(True, "", ""), (True, None, None)}
    # One that a task left in a transaction is closed, and one that no longer answers is replaced.
    assert [processes.index(process) for process in processes] == [0, 0, 0, 0, 4, 4, 6, 7]


def test_a_worker_announces_itself():
    worker_ready.send(sender=None)
    assert cache.get(HEARTBEAT) is not None


def test_a_committed_event_is_handled_by_the_worker(worker):
    def handle(event: OutboxEvent) -> None:
        IdempotencyKey.objects.create(scope="effect", key=str(event.subject_id))
        transaction.on_commit(happened.set)

    outbox.handler("order.made")(handle)
    subject = IdempotencyKey(id=uuid.uuid4())
    try:
        with acting_as(Identity(Kind.PATIENT, user_id=uuid.uuid4())), transaction.atomic():
            outbox.record("order.made", subject)
        assert happened.wait(10)
    finally:
        registry.forget(f"{handle.__module__}.{handle.__qualname__}")
    with acting_as_system("test"):
        assert IdempotencyKey.objects.filter(key=str(subject.pk)).count() == 1
        assert OutboxEvent.objects.get().done_at is not None


def test_beat_knows_tasks_that_exist():
    for name, entry in app.conf.beat_schedule.items():
        assert isinstance(import_string(entry["task"]), SystemTask), name
    assert {"outbox-sweep", "heartbeat", "clean-idempotency-keys"} <= set(app.conf.beat_schedule)
