"""Calling the API as somebody."""

import json
from typing import Any

from django.test import Client

from accounts.models import User
from tests.factories.accounts import bearer


def call(user: User | None, method: str, path: str, data: Any = None, **headers: str) -> Any:
    """The answer to a JSON request under /api/v1/ with the user's token."""
    if user is not None:
        headers = {**bearer(user), **headers}
    body = json.dumps(data) if data is not None else ""
    return Client().generic(
        method.upper(), f"/api/v1/{path}", body, content_type="application/json", headers=headers
    )


def upload(user: User, path: str, **fields: Any) -> Any:
    return Client().post(f"/api/v1/{path}", fields, headers=bearer(user))


def codes(answer: Any) -> list[tuple[str | None, str]]:
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]
