"""Probes and metrics answer whatever else is broken, and tell strangers nothing."""

import re
import time

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection, connections
from django.test import Client

from medai.common import health
from medai.common.tasks import HEARTBEAT, heartbeat

pytestmark = pytest.mark.urls("tests.common.kernel_urls")


@pytest.mark.django_db
def test_ready_when_database_redis_migrations_and_a_worker_are_there(client):
    heartbeat()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    checks = {"database": "ok", "redis": "ok", "migrations": "ok", "workers": "ok"}
    assert answer.json() == {"status": "ready", "checks": checks}


@pytest.mark.django_db
@pytest.mark.parametrize("beat", [None, time.time() - 3600], ids=["never", "an hour ago"])
def test_not_ready_without_a_worker(client, beat):
    cache.set(HEARTBEAT, beat)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["workers"] == "silent"


@pytest.mark.django_db
def test_not_ready_while_migrations_are_pending(client, monkeypatch):
    heartbeat()
    health._are_migrations_applied.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'common'")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "pending")


@pytest.mark.django_db
def test_redis_away_is_said_and_does_not_fail_the_probe(client, settings):
    heartbeat()
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"] == "unreachable"


def test_alive_needs_no_database_and_any_host_name_will_do(monkeypatch):
    def no_database(*args: object) -> None:
        raise OperationalError("there is none")

    monkeypatch.setattr(type(connections["default"]), "ensure_connection", no_database)
    assert Client(headers={"host": "10.1.2.3"}).get("/healthz").content == b"ok"
    answer = Client(headers={"host": "10.1.2.3"}).get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "unreachable")


def counted(text):
    """How many unknown files were asked for."""
    line = re.search(r'requests_total\{method="GET",route="/files/<str:token>",status="404"\} ([\d.]+)', text)
    return float(line[1]) if line else 0


@pytest.mark.django_db
def test_metrics_show_requests_by_route_and_the_outbox(client):
    heartbeat()
    client.get("/healthz")
    # Counters are the process's, so other tests may have counted too.
    before = counted(client.get("/metrics").content.decode())
    client.get("/files/secret-token", headers={"accept": "application/json"})
    text = client.get("/metrics").content.decode()
    assert counted(text) == before + 1
    assert "secret-token" not in text
    for name in ("medai_outbox_pending 0.0", "medai_outbox_failed 0.0", "medai_worker_heartbeat_age_seconds"):
        assert name in text


@pytest.mark.django_db
def test_metrics_are_for_this_machine_or_the_bearer_of_the_token(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 403
    settings.METRICS_TOKEN = "long-random-token"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 403
    bearer = {"authorization": "Bearer long-random-token", "x-forwarded-for": "203.0.113.9"}
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers=bearer).status_code == 200
