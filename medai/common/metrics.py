"""Prometheus metrics at `/metrics`, for whoever holds METRICS_TOKEN or, without one, from this machine only."""

import hmac
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from redis.exceptions import RedisError

from medai.common.identity import acting_as_system
from medai.common.requests import Middleware, route_of
from medai.common.tasks import HEARTBEAT

registry = CollectorRegistry()

_requests = Counter("medai_requests", "Requests answered", ["method", "route", "status"], registry=registry)
_seconds = Histogram(
    "medai_request_seconds",
    "Time to the answer",
    ["method", "route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=registry,
)

_OUTBOX = """
SELECT count(*) FILTER (WHERE failed_at IS NULL),
    coalesce(extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE failed_at IS NULL)), 0),
    count(*) FILTER (WHERE failed_at IS NOT NULL)
FROM common_outboxevent WHERE done_at IS NULL
"""


class QueueHealth:
    """What waits, read from the database and the cache whenever somebody asks."""

    def collect(self) -> Iterable[Metric]:
        try:
            with acting_as_system("metrics"), connection.cursor() as cursor:
                cursor.execute(_OUTBOX)
                pending, oldest, failed = cursor.fetchone()
        except DatabaseError:
            pass  # no number is better than a wrong one; /readyz says what is the matter
        else:
            yield GaugeMetricFamily("medai_outbox_pending", "Outbox events to be handled", value=pending)
            yield GaugeMetricFamily("medai_outbox_oldest_seconds", "Age of the oldest of them", value=oldest)
            yield GaugeMetricFamily("medai_outbox_failed", "Outbox events given up", value=failed)
        try:
            beat = cache.get(HEARTBEAT)
        except (RedisError, OSError):
            return
        if beat is not None:
            age = max(0.0, time.time() - beat)
            yield GaugeMetricFamily("medai_worker_heartbeat_age_seconds", "Since a worker spoke", value=age)

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not ask the database."""
        return []


registry.register(QueueHealth())
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)


def show(request: HttpRequest) -> HttpResponse:
    if not _may_see(request):
        return HttpResponse(status=403)
    text = generate_latest(registry)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        # Several web processes on one machine: their counters are added up from this directory.
        together = CollectorRegistry()
        MultiProcessCollector(together)
        together.register(QueueHealth())
        text = generate_latest(together)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _may_see(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # Behind a proxy everybody's address is the proxy's.
    is_direct = "X-Forwarded-For" not in request.headers and "Forwarded" not in request.headers
    return is_direct and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")


class MetricsMiddleware(Middleware):
    """Counts and times requests by route, never by address: those hold ids of people."""

    @contextmanager
    def around(self, request: HttpRequest) -> Iterator[list[HttpResponseBase]]:
        started = time.perf_counter()
        answer: list[HttpResponseBase] = []
        yield answer
        route, method = route_of(request), request.method or ""
        _requests.labels(method, route, str(answer[0].status_code)).inc()
        _seconds.labels(method, route).observe(time.perf_counter() - started)
