"""The account through the API: password, second step, recovery codes, sessions."""

import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.models import ApiSession, User
from medai.common.identity import acting_as_system
from tests.factories.accounts import PASSWORD, bearer, has_mfa, make_staff, make_user, totp_code

pytestmark = pytest.mark.django_db


def call(method: str, path: str, headers: dict[str, str], data: Any = None) -> Any:
    return Client().generic(
        method.upper(),
        f"/api/v1/{path}",
        json.dumps(data) if data is not None else "",
        content_type="application/json",
        headers=headers,
    )


def code_of(response: Any) -> str:
    return response.json()["errors"][0]["code"]


def test_the_second_step_is_switched_on_used_and_switched_off() -> None:
    user = make_user()
    token = bearer(user)
    setup = call("get", "auth/mfa/totp/", token).json()["data"]
    assert setup["url"].startswith("otpauth://totp/")
    sent = {"setup_token": setup["setup_token"], "code": totp_code(setup["secret"]), "password": PASSWORD}
    done = call("post", "auth/mfa/totp/", token, sent)
    assert done.status_code == 201, done.content
    codes = done.json()["data"]["codes"]
    assert len(codes) == 10
    state = call("get", "auth/mfa/", token).json()["data"]
    assert state == {"methods": ["recovery_codes", "totp"], "recovery_codes_left": 10}

    first = call("post", "auth/login/", {}, {"email": user.email, "password": PASSWORD}).json()["data"]
    assert first["next"] == "mfa"
    assert call("post", "auth/login/mfa/", {}, {"flow": first["flow"], "code": codes[0]}).status_code == 200
    assert call("get", "auth/mfa/", token).json()["data"]["recovery_codes_left"] == 9

    assert call("post", "auth/mfa/totp/off/", token, {"password": PASSWORD}).status_code == 200
    assert not has_mfa(user)


def test_the_password_is_asked_for_again() -> None:
    user = make_user()
    token = bearer(user)
    setup = call("get", "auth/mfa/totp/", token).json()["data"]
    sent = {"setup_token": setup["setup_token"], "code": totp_code(setup["secret"])}
    assert code_of(call("post", "auth/mfa/totp/", token, sent)) == "reauthentication_required"
    assert code_of(call("post", "auth/mfa/totp/", token, {**sent, "password": "no"})) == "password_wrong"
    assert not has_mfa(user)


def test_without_a_password_a_recent_sign_in_counts() -> None:
    user = make_user(password=None)
    token = bearer(user)
    setup = call("get", "auth/mfa/totp/", token).json()["data"]
    sent = {"setup_token": setup["setup_token"], "code": totp_code(setup["secret"])}
    with acting_as_system("test"):
        ApiSession.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert code_of(call("post", "auth/mfa/totp/", token, sent)) == "reauthentication_required"
    assert call("post", "auth/mfa/totp/", bearer(user), sent).status_code == 201


def test_a_wrong_code_or_somebody_elses_setup_changes_nothing() -> None:
    user, other = make_user(), make_user()
    setup = call("get", "auth/mfa/totp/", bearer(other)).json()["data"]
    sent = {"setup_token": setup["setup_token"], "code": totp_code(setup["secret"]), "password": PASSWORD}
    assert code_of(call("post", "auth/mfa/totp/", bearer(user), sent)) == "flow_not_pending"
    tampered = {**sent, "setup_token": sent["setup_token"][:-2] + "xx"}
    assert code_of(call("post", "auth/mfa/totp/", bearer(other), tampered)) == "flow_not_pending"
    wrong = {**sent, "code": totp_code(setup["secret"], offset=50)}
    assert code_of(call("post", "auth/mfa/totp/", bearer(other), wrong)) == "code_wrong"
    assert not has_mfa(user)
    assert not has_mfa(other)


def test_staff_keep_their_last_second_step() -> None:
    staff = make_staff()
    refused = call("post", "auth/mfa/totp/off/", bearer(staff), {"password": PASSWORD})
    assert (refused.status_code, code_of(refused)) == (409, "mfa_cannot_be_removed")
    assert has_mfa(staff)


def test_a_token_of_staff_without_a_second_step_opens_nothing() -> None:
    staff = make_staff()
    token = bearer(staff)
    assert call("get", "admin/users/", token).status_code == 200
    with acting_as_system("test"):
        Authenticator.objects.filter(user=staff).delete()
    refused = call("get", "admin/users/", token)
    assert (refused.status_code, code_of(refused)) == (403, "mfa_setup_required")


def test_new_recovery_codes_void_the_old() -> None:
    user = make_user()
    token = bearer(user)
    assert (
        code_of(call("post", "auth/mfa/recovery-codes/", token, {"password": PASSWORD})) == "flow_not_pending"
    )
    setup = call("get", "auth/mfa/totp/", token).json()["data"]
    sent = {"setup_token": setup["setup_token"], "code": totp_code(setup["secret"]), "password": PASSWORD}
    old = call("post", "auth/mfa/totp/", token, sent).json()["data"]["codes"]
    new = call("post", "auth/mfa/recovery-codes/", token, {"password": PASSWORD}).json()["data"]["codes"]
    assert not set(old) & set(new)


def test_a_new_password_ends_every_session_and_opens_one() -> None:
    user = make_user()
    token, other = bearer(user), bearer(user)
    wrong = {"current_password": "no", "new_password": "otra clave muy larga"}
    assert code_of(call("post", "auth/password/", token, wrong)) == "password_wrong"
    assert call("get", "auth/me/", other).status_code == 200
    done = call(
        "post",
        "auth/password/",
        token,
        {"current_password": PASSWORD, "new_password": "otra clave muy larga"},
    )
    assert done.status_code == 200, done.content
    for old in (token, other):
        assert call("get", "auth/me/", old).status_code == 401
    fresh = {"Authorization": f"Bearer {done.json()['data']['access_token']}"}
    assert call("get", "auth/me/", fresh).status_code == 200
    with acting_as_system("test"):
        assert User.objects.get(pk=user.pk).check_password("otra clave muy larga")


def test_a_first_password_is_set_right_after_signing_in() -> None:
    user = make_user(password=None)
    token, late = bearer(user), bearer(user)
    with acting_as_system("test"):
        latest = ApiSession.objects.order_by("-created_at").values_list("pk", flat=True)[0]
        ApiSession.objects.filter(pk=latest).update(created_at=timezone.now() - timedelta(hours=1))
    new = {"new_password": "otra clave muy larga"}
    assert code_of(call("post", "auth/password/", late, new)) == "reauthentication_required"
    assert call("post", "auth/password/", token, new).status_code == 200


def test_sessions_are_listed_and_ended() -> None:
    user, stranger = make_user(), make_user()
    token, other = bearer(user), bearer(user)
    rows = call("get", "auth/sessions/", token).json()["data"]
    assert [row["is_current"] for row in rows].count(True) == 1
    [victim] = [row["id"] for row in rows if not row["is_current"]]
    assert call("delete", f"auth/sessions/{victim}/", bearer(stranger)).status_code == 404
    assert call("delete", f"auth/sessions/{victim}/", token).status_code == 204
    assert call("get", "auth/me/", other).status_code == 401
    assert call("get", "auth/me/", token).status_code == 200


def test_a_password_changed_by_any_way_ends_api_sessions() -> None:
    user = make_user()
    token = bearer(user)
    assert call("get", "auth/me/", token).status_code == 200
    with acting_as_system("test"):
        changed = User.objects.get(pk=user.pk)
        changed.set_password("otra clave muy larga")
        changed.save()
    assert code_of(call("get", "auth/me/", token)) == "session_ended"


def test_old_sessions_are_cleaned() -> None:
    user = make_user()
    token = bearer(user)
    with acting_as_system("test"):
        old = ApiSession.objects.get()
        ApiSession.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(days=31))
    live = bearer(user)
    tasks.clean_sessions()
    with acting_as_system("test"):
        assert not ApiSession.objects.filter(pk=old.pk).exists()
    assert call("get", "auth/me/", live).status_code == 200
    assert call("get", "auth/me/", token).status_code == 401
