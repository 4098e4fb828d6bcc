"""Celery's base task and the kernel's own tasks."""

import time
from typing import Any

from celery import Task, shared_task
from celery.signals import worker_ready
from django.core.cache import cache

from medai.common.identity import acting_as_system
from medai.common.requests import current_request_id, request_id

HEARTBEAT = "worker-heartbeat"
HEARTBEAT_KEPT = 300


class SystemTask(Task):
    """Every task acts as system, with its own name as the reason, under the request id of whoever sent it."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        inherited = (self.request.headers or {}).get("medai_request_id") or self.request.id
        with request_id(inherited), acting_as_system(self.name):
            return super().__call__(*args, **kwargs)

    def apply_async(self, *args: Any, headers: dict[str, Any] | None = None, **options: Any) -> Any:
        if sender := current_request_id():
            headers = {"medai_request_id": sender, **(headers or {})}
        return super().apply_async(*args, headers=headers, **options)


@shared_task
def deliver(queue: str) -> None:
    """Work off the outbox events that are due on a queue."""
    from medai.common.outbox import delivery  # Celery may load this module before the models

    delivery.deliver(queue=queue)


@shared_task
def sweep() -> None:
    """Ring again for outbox events that are due and not done."""
    from medai.common.outbox import delivery

    delivery.sweep()


@shared_task
def clean_outbox() -> int:
    """Forget events that were done long ago."""
    from medai.common.outbox import retention

    return retention.forget_done()


@shared_task
def clean_idempotency_keys() -> None:
    """Forget answers that are older than the promise to replay them."""
    from medai.common import idempotency

    idempotency.clean()


@shared_task
def heartbeat() -> None:
    """Show `/readyz` that beat, broker and a worker work together."""
    cache.set(HEARTBEAT, time.time(), HEARTBEAT_KEPT)


@worker_ready.connect
def first_heartbeat(**_: Any) -> None:
    """Beat's first heartbeat comes an interval late; the worker announces itself."""
    cache.set(HEARTBEAT, time.time(), HEARTBEAT_KEPT)
