"""Request ids, headers, and logs that tell what happened without telling about people."""

import json
import logging
import uuid

import pytest
from asgiref.sync import iscoroutinefunction, sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient

from accounts.models import Role, User
from medai.common.identity import Identity, Kind, acting_as, acting_as_system
from medai.common.logging import ContextFilter, JsonFormatter, TextFormatter, redact
from medai.common.requests import RequestIdMiddleware, current_request_id, request_id

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.kernel_urls")]


def test_each_answer_has_a_request_id(client):
    first, second = (client.get("/plain/")["X-Request-ID"] for _ in range(2))
    assert len(first) == 32
    assert first != second
    assert current_request_id() == ""


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [("trace-2026.11_20", True), ("short", False), ("x" * 65, False), ("<script>alert(1)</script>", False)],
)
def test_a_proxys_request_id_is_taken_if_it_is_sane(client, given, is_taken):
    answer = client.get("/plain/", headers={"x-request-id": given})
    assert (answer["X-Request-ID"] == given) is is_taken


@pytest.mark.django_db(transaction=True)
async def test_the_async_chain_has_it_too():
    answer = await AsyncClient().get("/plain/", headers={"x-request-id": "from-outside"})
    assert answer["X-Request-ID"] == "from-outside"
    await sync_to_async(connections.close_all)()

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(current_request_id())

    middleware = RequestIdMiddleware(view)
    assert iscoroutinefunction(middleware)
    request = HttpRequest()
    assert len((await middleware(request)).content) == 32


def test_security_headers(client):
    answer = client.get("/plain/")
    assert "camera=(self)" in answer["Permissions-Policy"]
    assert "payment=()" in answer["Permissions-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert "Cache-Control" not in answer


def test_pages_of_somebody_signed_in_are_not_kept(client):
    with acting_as_system("test"):
        client.force_login(User.objects.create(email="ana@example.com", role=Role.PATIENT))
    assert client.get("/plain/")["Cache-Control"] == "private, no-store"


def log(message: str, *args: object, **extra: object) -> dict:
    record = logging.LogRecord("medai.test", logging.WARNING, __file__, 1, message, args, None)
    record.__dict__.update(extra)
    ContextFilter().filter(record)
    return json.loads(JsonFormatter().format(record))


def test_a_log_line_is_json_with_request_and_person():
    ana, staff = uuid.uuid4(), uuid.uuid4()
    with request_id("request-1"), acting_as(Identity(Kind.PATIENT, user_id=ana, actor_id=staff)):
        line = log("moved %s", 3, booking_id=str(ana))
    assert line["message"] == "moved 3"
    assert (line["level"], line["logger"], line["request_id"]) == ("WARNING", "medai.test", "request-1")
    assert (line["kind"], line["user_id"], line["actor_id"]) == ("patient", str(ana), str(staff))
    assert line["booking_id"] == str(ana)


@pytest.mark.parametrize(
    "secret",
    [
        "ana.torres+x@example.com.co",
        "+57 300 123 4567",
        "+573001234567",
        "3001234567",
        "300 123 4567",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "gAAAAABn" + "x" * 60 + "==",
        "WyJhY2NvdW50cy5wcm9maWxlIl0" + "a" * 10 + ":1tabcd:" + "k" * 43,
    ],
)
def test_personal_data_and_credentials_do_not_reach_the_log(secret):
    assert secret not in json.dumps(log("sent to %s today", secret), ensure_ascii=False)
    assert secret not in redact(f'{{"x": "{secret}"}}')
    plain = logging.LogRecord("x", logging.INFO, __file__, 1, f"to {secret}", None, None)
    assert secret not in TextFormatter().format(plain)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef123456",
        "password=hunter2hunter2",
        "{'password': 'hunter2hunter2'}",
        '{"refresh_token": "hunter2hunter2"}',
        "POST /x?token=hunter2hunter2&next=/",
        "Cookie: sessionid=hunter2hunter2; theme=dark",
    ],
)
def test_named_secrets_do_not_reach_the_log(text):
    line = json.dumps(log(text))
    assert "hunter2" not in line
    assert "abcdef" not in line


def test_extras_with_telling_names_are_hidden():
    line = log("saved", email="a", details={"phone": "1", "kept": "yes", "list": [{"password": "p"}]})
    assert line["email"] == "[hidden]"
    assert line["details"] == {"phone": "[hidden]", "kept": "yes", "list": [{"password": "[hidden]"}]}


def test_tracebacks_are_redacted():
    try:
        raise ValueError("ana@example.com has password=hunter2hunter2")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "broken", None, (type(error), error, None)
        )
    line = json.loads(JsonFormatter().format(record))
    assert "ValueError" in line["exc_info"]
    assert "ana@" not in line["exc_info"]
    assert "hunter2" not in line["exc_info"]


@pytest.mark.parametrize(
    "harmless",
    [
        "0b1f6a2e-1111-4222-8333-944455566677",
        "2026-11-20T03:49:00.123456+00:00",
        "12345678901234567890",
        "/api/v1/bookings/<uuid:id>",
        "3001234567890",
        "took 1.25 ms",
    ],
)
def test_what_is_needed_to_find_a_fault_stays(harmless):
    assert redact(harmless) == harmless


def test_each_request_is_one_line_by_route_never_by_path(client, caplog):
    with caplog.at_level("INFO"):
        client.get("/files/a-secret-token?x=1", headers={"accept": "application/json"})
    [record] = [record for record in caplog.records if record.name == "medai.requests"]
    assert (record.method, record.route, record.status) == ("GET", "/files/<str:token>", 404)
    assert not any(
        "a-secret-token" in line.getMessage() for line in caplog.records if line.levelname != "DEBUG"
    )
