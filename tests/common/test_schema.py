"""The published schema says what clients get: envelopes, errors, the one-time key."""

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.kernel_urls")]


@pytest.fixture
def schema(client) -> dict[str, Any]:
    answer = client.get("/api/schema/")
    assert answer["Content-Type"] == "application/json"
    return json.loads(answer.content)


def test_it_is_valid_openapi_3_1(schema):
    assert schema["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(schema).iter_errors()) == []
    assert "429" in schema["info"]["description"]


def test_yaml_on_request(client):
    answer = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi"})
    assert answer.content.startswith(b"openapi: 3.1.0")


def test_success_is_shown_in_its_envelope(schema):
    operation = schema["paths"]["/api/v1/events"]["get"]
    body = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert body["required"] == ["success", "statusCode", "message", "data"]
    assert body["properties"]["statusCode"]["const"] == 200
    page = schema["components"]["schemas"][body["properties"]["data"]["$ref"].rpartition("/")[2]]
    assert page["required"] == ["results", "page", "page_size", "pages", "total"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {"page", "page_size"}


def test_failures_are_shown_with_the_error_envelope(schema):
    responses = schema["paths"]["/api/v1/mine"]["get"]["responses"]
    assert {"401", "403", "429"} <= set(responses)
    assert responses["401"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}
    assert "Retry-After" in responses["429"]["headers"]
    error = schema["components"]["schemas"]["Error"]
    assert error["properties"]["errors"]["items"]["required"] == ["field", "code", "message"]
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_creating_endpoints_take_a_key(schema):
    operation = schema["paths"]["/api/v1/orders"]["post"]
    [key] = [parameter for parameter in operation["parameters"] if parameter["in"] == "header"]
    assert (key["name"], key.get("required", False)) == ("Idempotency-Key", False)
    assert {"400", "409", "422", "503"} <= set(operation["responses"])


def test_the_documentation_comes_from_our_own_origin_without_inline_code(client):
    page = client.get("/api/docs/").content.decode()
    assert "<style" not in page
    assert "style=" not in page
    assert "<script>" not in page
    assert "http://" not in page
    assert "https://" not in page
    script = client.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/schema/" in script.content.decode()
