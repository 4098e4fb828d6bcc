"""Signing up and in through the API: tokens, steps in between, and what a stranger can find out."""

import re
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import ApiSession, Patient, Profile, User
from medai.common import outbox
from medai.common.identity import acting_as_system
from tests.factories.accounts import PASSWORD, add_totp, make_staff, make_user, signed_in, totp_code

pytestmark = pytest.mark.django_db

SIGN_UP = {
    "email": "mariana@example.com",
    "password": PASSWORD,
    "first_name": "Mariana",
    "last_name": "Gómez",
}


def post(path: str, data: Any = None, *, token: str | None = None, **headers: str) -> Any:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return Client().post(f"/api/v1/{path}", data or {}, content_type="application/json", headers=headers)


def get(path: str, token: str | None = None) -> Any:
    return Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"} if token else {})


def codes_sent() -> list[str]:
    outbox.drain()
    return [match for message in mail.outbox for match in re.findall(r"\b\d{6}\b", str(message.body))]


def login(user: User, password: str = PASSWORD) -> Any:
    return post("auth/login/", {"email": user.email, "password": password})


def test_sign_up_verify_and_me() -> None:
    started = post("auth/signup/", SIGN_UP)
    assert started.status_code == 202, started.content
    assert started.json()["data"]["next"] == "verify_email"
    [code] = codes_sent()

    done = post("auth/email-verification/confirm/", {"flow": started.json()["data"]["flow"], "code": code})
    assert done.status_code == 200, done.content
    tokens = done.json()["data"]
    me = get("auth/me/", tokens["access_token"]).json()["data"]
    assert me["email"] == "mariana@example.com"
    assert me["email_verified"] is True
    assert (me["first_name"], me["role"], me["mfa"]) == ("Mariana", "patient", [])
    with acting_as_system("test"):
        assert Patient.objects.get(guardianships__user_id=me["id"]).full_name == "Mariana Gómez"


def test_a_wrong_code_signs_nobody_in_and_three_end_the_flow() -> None:
    started = post("auth/signup/", SIGN_UP).json()["data"]
    [code] = codes_sent()
    wrong = "000000" if code != "000000" else "111111"
    answers = [
        post("auth/email-verification/confirm/", {"flow": started["flow"], "code": wrong}) for _ in range(3)
    ]
    assert {answer.json()["errors"][0]["code"] for answer in answers} == {"code_wrong"}
    after = post("auth/email-verification/confirm/", {"flow": started["flow"], "code": code})
    assert after.status_code == 409
    assert after.json()["errors"][0]["code"] == "flow_not_pending"
    with acting_as_system("test"):
        assert not ApiSession.objects.exists()


def test_sign_up_with_a_known_address_answers_the_same_and_changes_nothing() -> None:
    known = make_user(email="mariana@example.com", first_name="Otra")
    with acting_as_system("test"):
        password = User.objects.get(pk=known.pk).password
    fresh = post("auth/signup/", {**SIGN_UP, "email": "nadie@example.com"})
    taken = post("auth/signup/", SIGN_UP)
    assert taken.status_code == fresh.status_code == 202
    assert taken.json()["data"].keys() == fresh.json()["data"].keys()
    assert taken.json()["message"] == fresh.json()["message"]
    outbox.drain()
    [to_owner] = [message for message in mail.outbox if message.to == ["mariana@example.com"]]
    assert not re.search(r"\b\d{6}\b", str(to_owner.body))
    with acting_as_system("test"):
        assert User.objects.filter(email="mariana@example.com").count() == 1
        assert User.objects.get(pk=known.pk).password == password
        assert Profile.objects.get(user=known).first_name == "Otra"


def test_an_unknown_address_and_a_wrong_password_look_alike() -> None:
    user = make_user()
    wrong = login(user, "no es la clave")
    unknown = post("auth/login/", {"email": "nadie@example.com", "password": "no es la clave"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["errors"][0]["code"] == "credentials_wrong"


def test_codes_and_resets_answer_the_same_for_unknown_addresses() -> None:
    user = make_user()
    for path in ("auth/login/code/", "auth/password-reset/"):
        known = post(path, {"email": user.email})
        unknown = post(path, {"email": "nadie@example.com"})
        assert known.status_code == unknown.status_code == 202
        assert known.json()["data"]["next"] == unknown.json()["data"]["next"]


def test_sign_in_by_code() -> None:
    user = make_user()
    started = post("auth/login/code/", {"email": user.email}).json()["data"]
    [code] = codes_sent()
    done = post("auth/login/code/confirm/", {"flow": started["flow"], "code": code})
    assert done.status_code == 200, done.content
    assert done.json()["data"]["user"]["id"] == str(user.pk)
    assert post("auth/login/code/confirm/", {"flow": started["flow"], "code": code}).status_code == 409


def test_a_second_step_is_asked_for_and_checked() -> None:
    user = make_user()
    secret = add_totp(user)
    first = login(user)
    assert first.status_code == 202
    assert first.json()["data"]["next"] == "mfa"
    flow = first.json()["data"]["flow"]
    refused = post("auth/login/mfa/", {"flow": flow, "code": totp_code(secret, offset=50)})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "code_wrong"
    done = post("auth/login/mfa/", {"flow": flow, "code": totp_code(secret)})
    assert done.status_code == 200, done.content
    assert get("auth/me/", done.json()["data"]["access_token"]).status_code == 200


def test_a_browser_session_is_no_flow() -> None:
    key = signed_in(make_user()).session.session_key
    refused = post("auth/email-verification/confirm/", {"flow": key, "code": "123456"})
    assert refused.status_code == 409


def test_staff_without_a_second_step_get_no_tokens() -> None:
    staff = make_staff(mfa=False)
    refused = login(staff)
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "mfa_setup_required"
    with acting_as_system("test"):
        assert not ApiSession.objects.exists()


def test_password_reset_ends_other_sessions() -> None:
    user = make_user()
    old = login(user).json()["data"]
    started = post("auth/password-reset/", {"email": user.email}).json()["data"]
    [code] = codes_sent()
    weak = post(
        "auth/password-reset/confirm/", {"flow": started["flow"], "code": code, "password": "1234567890"}
    )
    assert weak.status_code == 400
    assert weak.json()["errors"][0]["field"] == "password"
    done = post(
        "auth/password-reset/confirm/",
        {"flow": started["flow"], "code": code, "password": "otra clave muy larga"},
    )
    assert done.status_code == 200, done.content
    assert get("auth/me/", old["access_token"]).status_code == 401
    assert get("auth/me/", done.json()["data"]["access_token"]).status_code == 200
    assert login(user).status_code == 401
    assert login(user, "otra clave muy larga").status_code == 200


def test_refresh_rotates_and_reuse_ends_the_session() -> None:
    first = login(make_user()).json()["data"]
    second = post("auth/token/refresh/", {"refresh_token": first["refresh_token"]})
    assert second.status_code == 200, second.content
    second_tokens = second.json()["data"]
    assert second_tokens["refresh_token"] != first["refresh_token"]
    assert get("auth/me/", second_tokens["access_token"]).status_code == 200

    reused = post("auth/token/refresh/", {"refresh_token": first["refresh_token"]})
    assert reused.status_code == 401
    assert reused.json()["errors"][0]["code"] == "refresh_token_reused"
    ended = get("auth/me/", second_tokens["access_token"])
    assert ended.status_code == 401
    assert ended.json()["errors"][0]["code"] == "session_ended"
    assert (
        post("auth/token/refresh/", {"refresh_token": second_tokens["refresh_token"]}).json()["errors"][0][
            "code"
        ]
        == "session_ended"
    )


def test_refreshing_is_not_counted_as_signing_in() -> None:
    """Behind one address of a mobile network are many apps, each of which refreshes all day."""
    tokens = login(make_user()).json()["data"]
    for _ in range(12):
        answer = post("auth/token/refresh/", {"refresh_token": tokens["refresh_token"]})
        assert answer.status_code == 200
        tokens = answer.json()["data"]


def test_an_invented_refresh_token_does_not_end_the_session() -> None:
    tokens = login(make_user()).json()["data"]
    session_id, family, nonce = tokens["refresh_token"].split(".")
    for invented in (f"{session_id}.guess.{nonce}", f"{session_id}.{family}", "x", f"{'0' * 32}.a.b"):
        refused = post("auth/token/refresh/", {"refresh_token": invented})
        assert refused.status_code == 401
        assert refused.json()["errors"][0]["code"] == "refresh_token_invalid"
    assert get("auth/me/", tokens["access_token"]).status_code == 200


def test_tampered_and_foreign_tokens_are_refused() -> None:
    tokens = login(make_user()).json()["data"]
    head, body, signature = tokens["access_token"].split(".")
    for token in (f"{head}.{body}.{signature[::-1]}", f"{head}.{body}.", "abc", "a.b.c"):
        refused = get("auth/me/", token)
        assert refused.status_code == 401, token
        assert refused.json()["errors"][0]["code"] == "token_invalid"
    # `alg: none` with our claims.
    assert get("auth/me/", f"eyJhbGciOiJub25lIn0.{body}.").status_code == 401


def test_an_expired_access_token_says_so() -> None:
    tokens = login(make_user()).json()["data"]
    with time_machine.travel("2099-01-01", tick=False):
        refused = get("auth/me/", tokens["access_token"])
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["code"] == "token_expired"


def test_logout_ends_the_session() -> None:
    tokens = login(make_user()).json()["data"]
    assert post("auth/logout/", token=tokens["access_token"]).status_code == 200
    assert get("auth/me/", tokens["access_token"]).status_code == 401
    assert post("auth/token/refresh/", {"refresh_token": tokens["refresh_token"]}).status_code == 401


def test_a_stale_token_does_not_bar_the_way_to_a_new_one() -> None:
    user = make_user()
    answer = post("auth/login/", {"email": user.email, "password": PASSWORD}, token="stale")
    assert answer.status_code == 200


def test_google_without_keys_says_so() -> None:
    refused = post("auth/google/", {"id_token": "x"})
    assert refused.status_code == 404
    assert refused.json()["errors"][0]["code"] == "google_not_configured"


def test_bad_input_names_the_field_in_the_language_asked_for() -> None:
    for language, words in (("es", "correo"), ("en", "email")):
        answer = post("auth/signup/", {**SIGN_UP, "email": "not an address"}, **{"Accept-Language": language})
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["field"] == "email"
        assert words in error["message"].lower()
    weak = post("auth/signup/", {**SIGN_UP, "password": "corta"})
    assert weak.status_code == 400
    assert {error["field"] for error in weak.json()["errors"]} == {"password"}


def test_staff_roles_are_not_open_to_sign_up() -> None:
    refused = post("auth/signup/", {**SIGN_UP, "role": "admin"})
    assert refused.status_code == 400
    with acting_as_system("test"):
        assert not User.objects.filter(email=SIGN_UP["email"]).exists()


def test_too_many_attempts_wait() -> None:
    user = make_user()
    answers = [login(user, f"wrong {number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert login(user).status_code == 429
