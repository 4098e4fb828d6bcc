"""The published schema against the product itself: every operation, with what it allows and what it forbids.

Whatever is sent, no answer is a failure of ours, and each has the status, media type and shape that the schema
promises. What breaks the schema is refused. The cases are the same in every run; `API_EXAMPLES=200` looks further.
"""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.cache import cache as kept
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2
from hypothesis import HealthCheck, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.access.arguments import arguments_of, body_of
from tests.access.asking import Route, routes
from tests.access.world import World

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("API_EXAMPLES", "4"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# For whom each part of the API is made.
AT_HOME = {"public": "anonymous", "auth": "pA", "patient": "pA", "doctor": "dA", "admin": "admin"}
VISITORS = ("anonymous", "pA", "dA", "admin")
# These are deaf to tokens: whoever signs in is nobody yet.
SIGN_IN = re.compile(r"/auth/(signup|login|google|email-verification|password-reset|token)/")

GENERATION = {"with-security-parameters": False}
settings.register_profile(
    "api",
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def _load(raw: dict[str, Any], *, coverage: bool) -> Any:
    """The schema as clients get it; with `coverage` also the ends of every range, one at a time."""
    phases = {
        "examples": {"enabled": False},
        "coverage": {"enabled": coverage, "unexpected-methods": []},
    }
    config = schemathesis.Config.from_dict({"generation": GENERATION, "phases": phases, "seed": 1})
    schema = schemathesis.openapi.from_dict(raw, config=config)
    schema.app = get_wsgi_application()
    return schema


PUBLISHED = OpenApiJsonRenderer2().render(SchemaGenerator().get_schema(request=None, public=True))
HOME, ABROAD = (_load(json.loads(PUBLISHED), coverage=coverage) for coverage in (True, False))


@pytest.fixture(scope="module", autouse=True)
def one_connection() -> Iterator[None]:
    """All requests share the test's transaction, so none may end its connection."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@cache
def _routes() -> dict[str, Route]:
    return {
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.pattern): route for route in routes() if route.is_api
    }


def _at_home(path: str) -> str:
    return "anonymous" if SIGN_IN.search(path) else AT_HOME.get(path.split("/")[3], "pA")


def _with_what_exists(world: World, case: Case) -> None:
    """Patient A's and doctor A's things instead of made-up ones, in a case that is meant to be right."""
    route = _routes()[case.operation.path]
    known = arguments_of(world, route)
    for name in case.path_parameters or {}:
        case.path_parameters[name] = str(known[name])
    body = body_of(world, route, case.method.upper())
    if body and isinstance(case.body, dict):
        case.body.update({name: value for name, value in body.items() if name in case.body})


def _ask(world: World, case: Case, visitor: str) -> None:
    """One request, rolled back, and all that must hold for its answer."""
    headers = {"Accept-Language": "en"}
    if visitor != "anonymous":
        headers["Authorization"] = f"Bearer {world.one[f'access {visitor}']}"
    # Rate limits live there.
    kept.clear()
    with transaction.atomic():
        response = case.call(headers=headers)
        transaction.set_rollback(True)
    checks = CHECKS if _may_be_taken(case) else [*CHECKS, negative_data_rejection]
    case.validate_response(response, checks=checks)


def _may_be_taken(case: Case) -> bool:
    """Whether reading generously is right: an empty value in a query string is one that was not sent, as in every
    form of the web, and a number stands for its digits, a 1 for true, as REST framework has it.
    """
    if case.meta is None:
        return False
    changed = case.meta.phase.data
    is_about_types = any(word in str(changed.description) for word in ("type", "Type"))
    values = chain.from_iterable(v if isinstance(v, list) else [v] for v in (case.query or {}).values())
    return "" in values or (changed.parameter_location == ParameterLocation.BODY and is_about_types)


@HOME.parametrize()
@settings(settings.get_profile("api"))
def test_those_it_is_made_for(case: Case, world: World) -> None:
    if case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE:
        _with_what_exists(world, case)
    _ask(world, case, _at_home(case.operation.path))


@ABROAD.parametrize()
@settings(settings.get_profile("api"), max_examples=2)
def test_everybody_else(case: Case, world: World) -> None:
    for visitor in VISITORS:
        if visitor != _at_home(case.operation.path):
            _ask(world, case, visitor)
