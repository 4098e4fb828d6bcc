"""Whoever comes in by a mailed code first: the account may have been made by somebody who waits with its password."""

from typing import Any

import pytest

from accounts.models import User
from tests.accounts import test_api_sign_in as api
from tests.accounts import test_web_sign_in as web
from tests.captcha import solved
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def by_page(user: User) -> None:
    client = web.browser()
    client.post("/accounts/login/code/", {"email": user.email, "captcha": solved()})
    assert client.post("/accounts/login/code/confirm/", {"code": web.last_code()})["Location"] == "/home/"
    assert web.is_signed_in(client)


def by_api(user: User) -> None:
    flow = api.post("auth/login/code/", {"email": user.email}).json()["data"]["flow"]
    [code] = api.codes_sent()
    done = api.post("auth/login/code/confirm/", {"flow": flow, "code": code})
    assert api.get("auth/me/", done.json()["data"]["access_token"]).status_code == 200


def opens(user: User, password: str) -> bool:
    client = web.browser()
    web.login(client, user, password)
    return web.is_signed_in(client)


@pytest.mark.parametrize("come_in", [by_page, by_api])
@pytest.mark.parametrize("is_proved", [True, False])
def test_a_password_from_before_the_address_was_proved_opens_nothing(come_in: Any, is_proved: bool) -> None:
    user = make_user(verified=is_proved)
    come_in(user)
    assert opens(user, PASSWORD) is is_proved


def test_the_password_that_one_signed_up_with_stays_where_the_address_is_proved_in_the_same_go() -> None:
    client = web.browser()
    client.post("/accounts/signup/", web.checked(email="ana@example.com"))
    client.post("/accounts/confirm-email/", {"code": web.last_code()})
    assert web.is_signed_in(client)
    assert opens(User(email="ana@example.com"), web.SIGN_UP["password1"])
