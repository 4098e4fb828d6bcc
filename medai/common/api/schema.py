"""What drf-spectacular cannot see by itself: the envelope, the error answers, the one-time key, the token."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from medai.common.api.idempotent import HEADER, IdempotentCreateMixin
from medai.common.idempotency import LONGEST_KEY

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
JSON = "application/json"

_ERROR = {
    "type": "object",
    "required": ["success", "statusCode", "message", "errors"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "statusCode": {"type": "integer", "minimum": 400, "maximum": 599},
        "message": {"type": "string", "description": "For people, in the language of Accept-Language."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {
                        "type": ["string", "null"],
                        "description": "A path such as `items.0.name`; null where no single field is wrong.",
                    },
                    "code": {"type": "string", "description": "Stable; for programs."},
                    "message": {"type": "string"},
                    "alternatives": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "What would have been right instead, such as the nearest free times.",
                    },
                },
            },
        },
    },
}

_REASONS = {
    "400": "Something sent is wrong; `errors` names each field.",
    "401": "Nobody is signed in, or the token has run out.",
    "403": "This person may not do this.",
    "404": "It does not exist, or this person may not see it.",
    "409": "The state of things does not allow it (any more).",
    "415": "The body is not of the media type that is taken here.",
    "422": "The idempotency key was used for another request.",
    "429": "Too many requests; `Retry-After` says how many seconds to wait.",
    "503": "Busy; nothing was changed, try again after `Retry-After` seconds.",
}


class EnvelopeAutoSchema(AutoSchema):
    """Adds the `Idempotency-Key` header to the creating endpoints that take one."""

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if self.method == "POST" and isinstance(self.view, IdempotentCreateMixin):
            parameters.append(
                OpenApiParameter(
                    HEADER,
                    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
                    location=OpenApiParameter.HEADER,
                    description="A random UUID. Repeating the request with it repeats the answer only.",
                )
            )
        return parameters


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"
    priority = -1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def show_envelopes(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook: what the views declare is `data`; the clients get the envelope."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    for path, item in result["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                _complete(operation, method, path)
    return result


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    responses = operation["responses"]
    for status, response in list(responses.items()):
        if status.startswith("2"):
            _wrap(response, int(status))
    for status in _possible_failures(operation, method, path):
        declared = responses.setdefault(status, {"description": _REASONS[status]})
        declared["content"] = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
        if status in ("429", "503"):
            declared["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    for status, response in responses.items():
        if status[0] in "45":
            response["content"] = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}


def _wrap(response: dict[str, Any], status: int) -> None:
    content = response.get("content")
    if status == 204 or (content and JSON not in content):
        return
    data = (content or {}).get(JSON, {}).get("schema", {"type": "null"})
    schema = {
        "type": "object",
        "required": ["success", "statusCode", "message", "data"],
        "properties": {
            "success": {"type": "boolean", "const": True},
            "statusCode": {"type": "integer", "const": status},
            "message": {"type": "string"},
            "data": data,
        },
    }
    response["content"] = {JSON: {"schema": schema}}


def _possible_failures(operation: Mapping[str, Any], method: str, path: str) -> list[str]:
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    names = {parameter["name"] for parameter in operation.get("parameters", [])}
    statuses = ["429"]
    if "requestBody" in operation or "query" in places or HEADER in names:
        statuses.append("400")
    if "requestBody" in operation:
        statuses.append("415")
    if any(operation.get("security") or [{}]):
        statuses += ["401", "403"]
    if "path" in places:
        statuses.append("404")
    if method != "get":
        statuses += ["409", "503"]
    if HEADER in names:
        statuses.append("422")
    return sorted(statuses)
