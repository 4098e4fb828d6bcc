"""Workers: what a commit asks for is done soon, as system, traceable to the request behind it."""

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from celery.contrib.testing.worker import start_worker
from celery.signals import worker_ready
from django.core.cache import cache
from django.db import connections, transaction
from django.utils.module_loading import import_string

from medai.celery import app
from medai.common import broker, outbox
from medai.common.identity import Identity, Kind, acting_as, acting_as_system, current_identity
from medai.common.models import IdempotencyKey, OutboxEvent
from medai.common.outbox import registry
from medai.common.requests import current_request_id, request_id
from medai.common.tasks import HEARTBEAT, SystemTask

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


@pytest.fixture
def worker() -> Iterator[None]:
    seen.clear()
    happened.clear()
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=10):
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
