"""Whether an address has an account shows neither in the answer nor in the time it takes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher

from tests.accounts import test_api_sign_in as api
from tests.accounts import test_web_sign_in as web
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were worked on, by far the longest part of any answer."""
    worked_on: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        worked_on.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return worked_on


def sign_up_by_page(email: str) -> Any:
    return web.browser().post("/accounts/signup/", web.checked(email=email))


def sign_up_by_api(email: str) -> Any:
    return api.post("auth/signup/", {**api.SIGN_UP, "email": email})


def sign_in_by_page(email: str) -> Any:
    return web.browser().post("/accounts/login/", {"login": email, "password": "wrong password"})


def sign_in_by_api(email: str) -> Any:
    return api.post("auth/login/", {"email": email, "password": "wrong password"})


@pytest.mark.parametrize("ask", [sign_up_by_page, sign_up_by_api, sign_in_by_page, sign_in_by_api])
def test_as_many_passwords_are_worked_on(ask: Callable[[str], Any], hashed: list[str]) -> None:
    make_user(email="conocida@example.com")
    work = []
    for email in ("conocida@example.com", "nadie@example.com"):
        hashed.clear()
        status = ask(email).status_code
        work.append((status, len(hashed)))
    assert work[0] == work[1]
    assert work[0][1] > 0
