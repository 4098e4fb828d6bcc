"""Every answer of the API comes in the envelope, every failure with a code and the field."""

import uuid

import pytest
from django.core.signals import got_request_exception

from accounts.models import Role, User
from medai.common import outbox
from medai.common.identity import acting_as_system
from medai.common.models import IdempotencyKey

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.kernel_urls")]


def error_of(answer, status: int) -> list[tuple[str | None, str, str]]:
    """The listed errors, after checking the envelope around them."""
    body = answer.json()
    assert answer.status_code == status == body["statusCode"]
    assert body["success"] is False
    assert set(body) == {"success", "statusCode", "message", "errors"}
    assert body["message"]
    return [(error["field"], error["code"], error["message"]) for error in body["errors"]]


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def leave_events(count: int) -> None:
    with acting_as_system("test"):
        for _ in range(count):
            outbox.record("test.event", IdempotencyKey(id=uuid.uuid4()))


def test_success_comes_in_the_envelope(english):
    answer = english.post("/api/v1/orders", {"name": "a", "lines": []}, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json() == {"success": True, "statusCode": 201, "message": "Ordered.", "data": {"number": 1}}
    assert answer["X-Request-ID"]


@pytest.mark.parametrize(
    ("kind", "status", "field", "code"),
    [
        ("domain", 409, "version", "stale_version"),
        ("busy", 503, None, "busy"),
        ("missing", 404, None, "not_found"),
        ("forbidden", 403, None, "permission_denied"),
        ("throttled", 429, None, "throttled"),
        ("policy", 403, None, "permission_denied"),
    ],
)
def test_each_kind_of_failure_has_its_code(english, kind, status, field, code):
    [error] = error_of(english.get(f"/api/v1/fail/{kind}"), status)
    assert error[:2] == (field, code)


def test_several_wrong_fields_are_told_together(english):
    assert error_of(english.get("/api/v1/fail/several"), 400) == [("a", "x", "A"), ("b.0", "y", "B")]
    errors = error_of(english.get("/api/v1/fail/model"), 400)
    assert [error[::2] for error in errors] == [("name", "Too short."), ("name", "Too odd."), (None, "No.")]


def test_nested_fields_are_told_by_their_path(english):
    body = {"lines": [{"amount": 1}, {"amount": 0}, {}]}
    answer = english.post("/api/v1/orders", body, content_type="application/json")
    codes = {error[:2] for error in error_of(answer, 400)}
    assert codes == {("name", "required"), ("lines.1.amount", "min_value"), ("lines.2.amount", "required")}
    whole = english.post("/api/v1/orders", {"name": "whole", "lines": []}, content_type="application/json")
    assert error_of(whole, 400) == [(None, "whole_wrong", "The whole is wrong.")]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [("{", "application/json", 400, "parse_error"), ("x", "text/plain", 415, "unsupported_media_type")],
)
def test_what_cannot_be_read_is_said(english, body, content_type, status, code):
    [error] = error_of(english.post("/api/v1/orders", body, content_type=content_type), status)
    assert error[1] == code


def test_wrong_method_unknown_route_and_nobody_signed_in(english):
    assert error_of(english.delete("/api/v1/orders"), 405)[0][1] == "method_not_allowed"
    assert error_of(english.get("/api/v1/nowhere"), 404)[0][1] == "not_found"
    assert error_of(english.post("/api/nowhere/at/all"), 404)[0][1] == "not_found"
    answer = english.get("/api/v1/mine")
    assert error_of(answer, 401)[0][1] == "not_authenticated"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_retry_after_is_a_header(english):
    assert english.get("/api/v1/fail/throttled")["Retry-After"] == "42"
    assert english.get("/api/v1/fail/busy")["Retry-After"] == "2"


def test_unexpected_failures_tell_a_number_and_nothing_else(english, caplog):
    english.raise_request_exception = False
    seen = []
    listener = lambda **signal: seen.append(signal)  # noqa: E731  # a receiver that must stay referenced
    got_request_exception.connect(listener)
    answer = english.get("/api/v1/fail/unexpected", headers={"x-request-id": "a-proxys-own-id"})
    [error] = error_of(answer, 500)
    assert error[1] == "internal_error"
    assert "a-proxys-own-id" in error[2]
    assert "hunter2" not in answer.content.decode()
    assert "RuntimeError" not in answer.content.decode()
    assert len(seen) == 1
    assert any("Unexpected error" in record.message and record.exc_info for record in caplog.records)


def test_messages_come_in_the_language_asked_for(client):
    spanish = client.get("/api/v1/fail/missing", headers={"accept-language": "es"}).json()["message"]
    english = client.get("/api/v1/fail/missing", headers={"accept-language": "en"}).json()["message"]
    assert english == "This does not exist, or you may not see it."
    assert spanish != english


def test_pages(english):
    leave_events(5)
    data = english.get("/api/v1/events?page=2&page_size=2").json()["data"]
    assert (len(data["results"]), data["page"], data["page_size"], data["pages"], data["total"]) == (
        2,
        2,
        2,
        3,
        5,
    )
    assert len(english.get("/api/v1/events").json()["data"]["results"]) == 5


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("page=4&page_size=2", "page", "invalid_page"),
        ("page=0", "page", "invalid_page"),
        ("page=x", "page", "invalid_page"),
        ("page=99999999999999999999", "page", "invalid_page"),
        ("page_size=101", "page_size", "invalid_page_size"),
        ("page_size=0", "page_size", "invalid_page_size"),
        ("page_size=-1", "page_size", "invalid_page_size"),
        ("page_size=²", "page_size", "invalid_page_size"),
    ],
)
def test_a_page_that_cannot_be_is_a_wrong_field(english, query, field, code):
    leave_events(5)
    assert error_of(english.get(f"/api/v1/events?{query}"), 400)[0][:2] == (field, code)


def test_public_reads_are_conditional(english):
    first = english.get("/api/v1/events")
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Accept-Language" in first["Vary"]
    again = english.get("/api/v1/events", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    leave_events(1)
    changed = english.get("/api/v1/events", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_stated_limits_hold_per_address_and_per_user(client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": "2/hour", "api_address": "6/hour"}
    statuses = [client.post("/api/v1/limited").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.post("/api/v1/limited")
    assert error_of(refused, 429)[0][1] == "throttled"
    assert 1 <= int(refused["Retry-After"]) <= 3600
    assert client.post("/api/v1/limited", REMOTE_ADDR="203.0.113.9").status_code == 200
    assert client.get("/api/v1/fail/missing").status_code == 404
    assert client.get("/api/v1/fail/missing").status_code == 404
    assert client.get("/api/v1/fail/missing").status_code == 429, "the address has had its six"
    with acting_as_system("test"):
        client.force_login(User.objects.create(email="a@example.com", role=Role.PATIENT))
    elsewhere = [{"REMOTE_ADDR": f"203.0.113.{number}"} for number in range(20, 23)]
    statuses = [client.post("/api/v1/limited", **address).status_code for address in elsewhere]
    assert statuses == [200, 200, 429], "a person is counted as such, wherever they are"


def test_a_proxys_client_is_counted_only_where_the_proxy_is_trusted(client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": "1/hour"}

    def post(forwarded: str) -> int:
        return client.post("/api/v1/limited", headers={"x-forwarded-for": forwarded}).status_code

    assert [post("198.51.100.1"), post("198.51.100.2")] == [200, 429], "anybody can write this header"
    settings.TRUSTED_PROXIES = 1
    assert [post("6.6.6.6, 198.51.100.1"), post("7.7.7.7, 198.51.100.1"), post("198.51.100.2")] == [
        200,
        429,
        200,
    ]


def test_without_the_cache_nothing_is_limited(client, settings, caplog):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": "1/hour"}
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    from medai.common import limits

    try:
        assert [client.post("/api/v1/limited").status_code for _ in range(3)] == [200, 200, 200]
    finally:
        limits.circuit.close()


def test_pages_show_a_refusal_too(client):
    answer = client.get("/refuse/", headers={"accept-language": "en"})
    assert answer.status_code == 409
    assert "changed in the meantime" in answer.content.decode()
