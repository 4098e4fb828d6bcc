"""The check against robots: what proves it, what does not, and that each proof counts once."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from medai.common import captcha, limits, valkey
from medai.common.errors import TooManyRequests
from medai.common.identity import acting_as_system
from tests.captcha import packed, solve, solved
from tests.factories.accounts import PASSWORD

HERE = "203.0.113.9"
PERSON = {
    "role": "patient",
    "first_name": "Mariana",
    "last_name": "Gómez",
    "email": "mariana@example.com",
    "password1": PASSWORD,
}


def changed(**values: Any) -> str:
    return packed({**solve(captcha.issue()), **values})


FORGED = {
    "not base64": lambda: "%%%",
    "not JSON": lambda: "bm8=",
    "nested without a bottom": lambda: "W1tb" * 1000,
    "a list": lambda: packed([]),
    "nothing": lambda: packed({}),
    "another number": lambda: changed(number=settings.CAPTCHA_DIFFICULTY + 1),
    "a number as text": lambda: changed(number="1"),
    "no number": lambda: changed(number=None),
    "a signature of nobody": lambda: changed(signature="0" * 64),
    "a signature that is no text": lambda: changed(signature=1),
    "a signature in other letters": lambda: changed(signature="\ud800"),
    "a challenge in other letters": lambda: changed(challenge="\ud800"),
    "another expiry": lambda: changed(salt=f"{'0' * 24}?expires=99999999999&"),
    "an expiry that is none": lambda: changed(salt=f"{'0' * 24}?expires=&"),
}


@pytest.mark.parametrize("made", FORGED)
def test_what_is_not_a_solution_of_ours(made: str) -> None:
    with pytest.raises(captcha.CaptchaWrong):
        captcha.require(FORGED[made](), address=HERE)


def test_a_challenge_of_ones_own_making() -> None:
    own = captcha.issue()
    other = captcha.issue()
    with pytest.raises(captcha.CaptchaWrong):
        captcha.require(packed({**solve(own), "signature": other["signature"]}), address=HERE)


def test_a_solution_counts_once() -> None:
    solution = solved()
    captcha.require(solution, address=HERE)
    for _ in range(2):
        with pytest.raises(captcha.CaptchaSpent):
            captcha.require(solution, address="198.51.100.7")
    captcha.require(solved(), address=HERE)


def test_the_same_solution_written_otherwise_is_spent_too() -> None:
    solution = solve(captcha.issue())
    captcha.require(packed(solution), address=HERE)
    with pytest.raises(captcha.CaptchaSpent):
        captcha.require(packed(dict(reversed(solution.items())) | {"more": 1}), address=HERE)


def test_a_solution_expires() -> None:
    solution = solved()
    later = timezone.now() + timedelta(seconds=captcha.LIFETIME + 1)
    with time_machine.travel(later), pytest.raises(captcha.CaptchaExpired):
        captcha.require(solution, address=HERE)


def test_without_a_solution_few_pass_in_an_hour() -> None:
    allowed = int(settings.RATE_LIMITS["anonymous_write"].split("/")[0])
    for _ in range(allowed):
        captcha.require(captcha.WITHOUT, address=HERE)
    with pytest.raises(TooManyRequests):
        captcha.require(captcha.WITHOUT, address=HERE)
    captcha.require(captcha.WITHOUT, address="198.51.100.7")
    captcha.require(solved(), address=HERE)


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ("", "", "203.0.113.7"),
    ],
)
def test_other_addresses_of_one_household_count_as_one(one: str, same: str, other: str) -> None:
    assert limits.of_address(one) == limits.of_address(same) != limits.of_address(other)
    allowed = int(settings.RATE_LIMITS["anonymous_write"].split("/")[0])
    for place in range(allowed):
        captcha.require(captcha.WITHOUT, address=(one, same)[place % 2])
    with pytest.raises(TooManyRequests):
        captcha.require(captcha.WITHOUT, address=same)
    captcha.require(captcha.WITHOUT, address=other)


# --- On the pages -----------------------------------------------------------------------------------------

pages = pytest.mark.django_db
PAGES = ["/accounts/signup/", "/accounts/login/code/", "/accounts/password/reset/"]


def accounts() -> int:
    with acting_as_system("test"):
        return User.objects.count()


@pages
@pytest.mark.parametrize("page", PAGES)
def test_a_page_brings_a_challenge_and_its_solution_is_taken(page: str) -> None:
    client = Client(headers={"Accept-Language": "en"})
    html = client.get(page).content.decode()
    [given] = re.findall(r'data-challenge="([^"]+)"', html)
    assert 'role="status"' in html
    assert "Checking that you are not a robot" in html
    # What a browser without scripts sends; the script takes it away at once.
    assert '<input type="hidden" name="captcha" value="none" autocomplete="off">' in html
    solution = packed(solve(json.loads(unescape(given))))
    assert client.post(page, {**PERSON, "captcha": solution}).status_code == 302


@pages
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("language", "words"), [("en", "Please send it again"), ("es", "Por favor, envíelo de nuevo")]
)
def test_a_page_refuses_what_proves_nothing(page: str, language: str, words: str, mailoutbox: Any) -> None:
    client, spent = Client(headers={"Accept-Language": language}), solved()
    captcha.require(spent, address=HERE)
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        expired = solved()
    before = accounts()
    for solution in ("", spent, expired, packed({}), changed(signature="0" * 64)):
        refused = client.post(page, {**PERSON, "captcha": solution})
        html = refused.content.decode()
        assert refused.status_code == 422
        assert words in html
        # What was typed is still there, and the next try has a challenge of its own.
        assert PERSON["email"] in html
        assert "data-challenge" in html
    assert (accounts(), mailoutbox) == (before, [])


@pages
@pytest.mark.parametrize("page", PAGES)
def test_without_scripts_the_mailed_code_is_the_check(page: str) -> None:
    assert Client().post(page, {**PERSON, "captcha": "none"}).status_code == 302


@pages
def test_without_scripts_pages_of_one_place_pass_a_few_times_only() -> None:
    # Each for another person and page, so that no other limit is met before.
    allowed = int(settings.RATE_LIMITS["anonymous_write"].split("/")[0])
    for _ in range(allowed):
        captcha.require(captcha.WITHOUT, address="127.0.0.1")
    assert Client().post(PAGES[0], {**PERSON, "captcha": "none"}).status_code == 429
    assert accounts() == 0
    assert Client().post(PAGES[0], {**PERSON, "captcha": solved()}).status_code == 302


@pytest.fixture
def no_cache(settings: Any) -> Iterator[None]:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    yield
    limits.circuit.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", [*PAGES, "/accounts/login/"])
@pytest.mark.parametrize("solution", [captcha.WITHOUT, ""])
def test_while_the_cache_is_away_people_are_asked_to_come_back(
    no_cache: None, page: str, solution: str, mailoutbox: Any
) -> None:
    before = accounts()
    sent = {**PERSON, "login": PERSON["email"], "password": PASSWORD, "captcha": solution or solved()}
    answer = Client(headers={"Accept-Language": "en"}).post(page, sent)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "not available right now" in answer.content.decode()
    assert (accounts(), mailoutbox) == (before, [])


# --- For apps ---------------------------------------------------------------------------------------------

SIGN_UP = {"email": "app@example.com", "password": PASSWORD, "first_name": "A", "last_name": "B"}
REQUESTS = {
    "signup": SIGN_UP,
    "login/code": {"email": "app@example.com"},
    "password-reset": {"email": "app@example.com"},
}


def post(path: str, data: dict[str, Any]) -> Any:
    return Client().post(f"/api/v1/auth/{path}/", data, content_type="application/json")


@pages
@pytest.mark.parametrize("path", REQUESTS)
def test_an_app_solves_the_challenge_or_is_counted(path: str) -> None:
    challenge = Client().get("/api/v1/public/challenge/")
    assert challenge["Cache-Control"] == "no-store"
    solution = packed(solve(challenge.json()["data"]))
    for _ in range(int(settings.RATE_LIMITS["anonymous_write"].split("/")[0])):
        captcha.require(captcha.WITHOUT, address="127.0.0.1")
    assert post(path, REQUESTS[path]).status_code == 429
    assert post(path, {**REQUESTS[path], "captcha": solution}).status_code == 202
    again = post(path, {**REQUESTS[path], "captcha": solution})
    assert again.status_code == 400
    assert [(error["field"], error["code"]) for error in again.json()["errors"]] == [
        ("captcha", "captcha_spent")
    ]


@pages
def test_an_app_gets_by_without_a_solution_as_long_as_it_asks_rarely() -> None:
    assert post("signup", SIGN_UP).status_code == 202


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", REQUESTS)
def test_while_the_cache_is_away_apps_are_asked_to_come_back(no_cache: None, path: str) -> None:
    answer = post(path, {**REQUESTS[path], "captcha": solved()})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer.json()["errors"][0]["code"] == "service_unavailable"
    assert accounts() == 0


def test_what_nobody_can_tell_to_be_spent_is_not_accepted(no_cache: None) -> None:
    with pytest.raises(valkey.AWAY):
        captcha.require(solved(), address=HERE)
