"""Probes: `/healthz` says that the process lives, `/readyz` whether everything it needs works too.

They are answered before any other middleware: a probe has no session, may come with any host name, and must not
need the database to say that the process lives.
"""

import functools
import logging
import time
from collections.abc import Awaitable, Callable

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from medai.common import metrics
from medai.common.requests import Middleware
from medai.common.tasks import HEARTBEAT

logger = logging.getLogger(__name__)

# Beat sends one every 15 s, so this is four of them gone.
STALE_AFTER = 60


class NotReady(Exception):
    """Why, in a word or two that may be shown to anybody."""


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """200 if every check passes, else 503; each check's outcome in one word."""
    results = {name: _outcome(check) for name, check in CHECKS.items()}
    is_ready = set(results.values()) == {"ok"}
    status = "ready" if is_ready else "not ready"
    return JsonResponse({"status": status, "checks": results}, status=200 if is_ready else 503)


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as reason:
        return str(reason)
    except (DatabaseError, RedisError, OSError) as error:
        logger.warning("Readiness: %s failed: %s", check.__name__, type(error).__name__)
        return "unreachable"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    cache.set("readyz", "ok", 10)
    if cache.get("readyz") != "ok":
        raise NotReady("unreachable")


def _migrations() -> None:
    if not _are_migrations_applied():
        _are_migrations_applied.cache_clear()
        raise NotReady("pending")


@functools.cache
def _are_migrations_applied() -> bool:
    """Reading all migration files is slow, and what is applied stays so while this code runs."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _workers() -> None:
    beat = cache.get(HEARTBEAT)
    if beat is None or time.time() - beat > STALE_AFTER:
        raise NotReady("silent")


CHECKS = {"database": _database, "redis": _redis, "migrations": _migrations, "workers": _workers}
PROBES = {"/healthz": alive, "/readyz": ready, "/metrics": metrics.show}


class ProbeMiddleware(Middleware):
    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        probe = PROBES.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if self._is_async:
            return sync_to_async(probe)(request)
        return probe(request)
