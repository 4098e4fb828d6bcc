"""What no browser sends as a passkey is refused on each page and endpoint that takes one, and changes nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from accounts.models import ApiSession, User
from medai.common.identity import acting_as_system
from tests.accounts.passkey import Passkey
from tests.factories.accounts import PASSWORD, make_user, signed_in

pytestmark = pytest.mark.django_db

DEEP = "[" * 100_000
TEXTS = {"no JSON": "{", "deep": DEEP}


def just_signed_in(user: User) -> Client:
    """A browser where the password was given a moment ago."""
    browser = signed_in(user)
    browser.raise_request_exception = False
    assert browser.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return browser


def passkey_of(user: User) -> Passkey:
    """A passkey that was added in the settings."""
    key = Passkey(user)
    browser = just_signed_in(user)
    options = browser.get("/accounts/2fa/webauthn/add/").context["js_data"]["creation_options"]
    form = {"name": "Mi llave", "passwordless": "on", "credential": json.dumps(key.made(options))}
    assert browser.post("/accounts/2fa/webauthn/add/", form).status_code == 302
    return key


def passkeys_of(user: User) -> int:
    with acting_as_system("test"):
        return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count()


def sessions_of(user: User) -> int:
    with acting_as_system("test"):
        return ApiSession.objects.filter(user=user).count()


def changed(value: Any, path: str, to: Any) -> Any:
    """A copy with something else in one place, or without it where `to` is left out."""
    first, _, rest = path.partition(".")
    copy = dict(value)
    if rest:
        copy[first] = changed(copy[first], rest, to)
    elif to is Ellipsis:
        del copy[first]
    else:
        copy[first] = to
    return copy


WRONG = (..., None, "", 1, True, [], {}, ["a"], {"a": 1}, "ñ", "a", "AAAA", "\x00", "[]", "A" * 5_000)
PLACES = {
    "signed": (
        "id",
        "rawId",
        "type",
        "response",
        "response.clientDataJSON",
        "response.authenticatorData",
        "response.signature",
        "response.userHandle",
    ),
    "made": (
        "id",
        "rawId",
        "type",
        "response",
        "response.clientDataJSON",
        "response.attestationObject",
    ),
}
NOT_EVEN_AN_OBJECT = (None, 1, 1.5, True, "x", "", [], ["a"], [[]], {}, {"id": "a"}, {"response": None})


def spoilt(key: Passkey, options: dict[str, Any], way: str) -> dict[str, Any]:
    """What a passkey answers, with something wrong in each place; by what is wrong."""
    right = getattr(key, way)(options)
    found: dict[str, Any] = {f"{each!r}": each for each in NOT_EVEN_AN_OBJECT}
    for place in PLACES[way]:
        found |= {f"{place}: {to!r:.20}": changed(right, place, to) for to in WRONG}
    for name in ("type", "challenge", "origin"):
        for to in (..., None, 1, [], "ñ", {"a": 1}):
            data = key.client_data(way, options, **{name: to})
            found[f"{name}: {to!r}"] = changed(right, "response.clientDataJSON", data)
    return found


def of_somebody_known(wrong: dict[str, Any]) -> dict[str, Any]:
    """Who it is need not be told once more."""
    return {name: each for name, each in wrong.items() if not name.startswith("response.userHandle")}


Send = Callable[[Any], Any]


def each_is_refused(wrong: dict[str, Any], send: Send, *statuses: int) -> None:
    found = []
    for name, each in wrong.items():
        cache.clear()
        answer = send(each)
        if answer.status_code not in statuses:
            found.append(f"{answer.status_code} for {name}")
    assert not found, "\n".join(found)


# --- Pages ------------------------------------------------------------------------------------------------------


def test_adding_a_passkey() -> None:
    user = make_user()
    browser, key, path = just_signed_in(user), Passkey(user), "/accounts/2fa/webauthn/add/"

    def send(each: Any) -> Any:
        return browser.post(path, {"name": "x", "credential": json.dumps(each)})

    options = browser.get(path).context["js_data"]["creation_options"]
    each_is_refused(spoilt(key, options, "made"), send, 422)
    for text in ("", "{", "nonsense", DEEP, "\x00"):
        assert browser.post(path, {"name": "x", "credential": text}).status_code == 422, text[:20]
    assert browser.post(path, {"name": "x"}).status_code == 422
    assert passkeys_of(user) == 0


def test_signing_in_with_a_passkey() -> None:
    user = make_user()
    key, path, browser = (
        passkey_of(user),
        "/accounts/2fa/webauthn/login/",
        Client(raise_request_exception=False),
    )

    def options() -> dict[str, Any]:
        return browser.get(path, headers={"X-Requested-With": "XMLHttpRequest"}).json()["request_options"]

    def send(each: Any) -> Any:
        return browser.post(path, {"credential": each if isinstance(each, str) else json.dumps(each)})

    each_is_refused(spoilt(key, options(), "signed") | TEXTS, send, 302)
    assert "_auth_user_id" not in browser.session
    assert browser.post(path, {}).status_code == 302
    # Once more, so that it is not the way of asking that was refused.
    assert send(key.signed(options())).url != "/accounts/login/"
    assert browser.session["_auth_user_id"] == str(user.pk)


def test_the_second_step_with_a_passkey() -> None:
    user = make_user()
    key, path, browser = (
        passkey_of(user),
        "/accounts/2fa/authenticate/",
        Client(raise_request_exception=False),
    )
    begun = browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert begun.url == path

    def options() -> dict[str, Any]:
        return browser.get(path).context["js_data"]["request_options"]

    def send(each: Any) -> Any:
        return browser.post(path, {"credential": each if isinstance(each, str) else json.dumps(each)})

    each_is_refused(of_somebody_known(spoilt(key, options(), "signed")) | TEXTS, send, 422)
    assert "_auth_user_id" not in browser.session
    cache.clear()
    assert send(key.signed(options())).status_code == 302
    assert browser.session["_auth_user_id"] == str(user.pk)


def test_a_passkey_once_more() -> None:
    user = make_user()
    key, path, browser = passkey_of(user), "/accounts/2fa/webauthn/reauthenticate/", signed_in(user)
    browser.raise_request_exception = False

    def options() -> dict[str, Any]:
        return browser.get(path).context["js_data"]["request_options"]

    def send(each: Any) -> Any:
        return browser.post(path, {"credential": each if isinstance(each, str) else json.dumps(each)})

    each_is_refused(of_somebody_known(spoilt(key, options(), "signed")) | TEXTS, send, 302)
    add = "/accounts/2fa/webauthn/add/"
    assert browser.get(add).status_code == 302
    cache.clear()
    send(key.signed(options()))
    assert browser.get(add).status_code == 200


# --- The API ----------------------------------------------------------------------------------------------------


def post(path: str, data: Any) -> Any:
    client = Client(raise_request_exception=False)
    return client.post(f"/api/v1/auth/login/{path}", data, content_type="application/json")


def test_signing_in_through_the_api_with_a_passkey() -> None:
    user = make_user()
    key = passkey_of(user)
    begun = post("passkey/options/", {}).json()["data"]
    flow, options = begun["flow"], begun["request_options"]

    def send(each: Any) -> Any:
        return post("passkey/", {"flow": flow, "credential": each})

    each_is_refused(spoilt(key, options, "signed"), send, 400, 401)
    for body in ({}, {"flow": flow}, {"credential": {}}, {"flow": 1, "credential": 1}, [], "x", DEEP):
        assert post("passkey/", body).status_code == 400, body
    assert sessions_of(user) == 0
    cache.clear()
    assert send(key.signed(options)).status_code == 200
    assert sessions_of(user) == 1


def test_the_second_step_through_the_api_with_a_passkey() -> None:
    user = make_user()
    key = passkey_of(user)
    flow = post("", {"email": user.email, "password": PASSWORD}).json()["data"]["flow"]
    options = post("mfa/passkey/options/", {"flow": flow}).json()["data"]["request_options"]

    def send(each: Any) -> Any:
        return post("mfa/passkey/", {"flow": flow, "credential": each})

    each_is_refused(of_somebody_known(spoilt(key, options, "signed")), send, 400, 401)
    assert sessions_of(user) == 0
    cache.clear()
    assert send(key.signed(options)).status_code == 200
    assert sessions_of(user) == 1


# --- The other forms of sign-in ---------------------------------------------------------------------------------

NASTY = (
    "",
    "\x00",
    "x" * 5_000,
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "[]",
    "ñ@ñ",
    "0" * 400,
)
OPEN_FORMS = {
    "/accounts/login/": ("login", "password", "remember"),
    "/accounts/signup/": ("email", "password1", "first_name", "last_name", "role", "captcha"),
    "/accounts/login/code/": ("email", "captcha"),
    "/accounts/password/reset/": ("email", "captcha"),
}
FORMS_OF_SOMEBODY = {
    "/accounts/reauthenticate/": ("password",),
    "/accounts/password/change/": ("oldpassword", "password1"),
    "/accounts/email/": ("email", "action_add", "action_send", "action_remove", "action_primary"),
    "/accounts/2fa/totp/activate/": ("code",),
    "/accounts/2fa/reauthenticate/": ("code",),
    "/accounts/sessions/": ("x",),
}


@pytest.mark.parametrize("path", [*OPEN_FORMS, *FORMS_OF_SOMEBODY])
def test_no_form_of_sign_in_breaks_over_what_is_typed(path: str) -> None:
    fields = OPEN_FORMS.get(path) or FORMS_OF_SOMEBODY[path]
    browser = just_signed_in(make_user()) if path in FORMS_OF_SOMEBODY else Client()
    browser.raise_request_exception = False
    for text in NASTY:
        for filled in ((name,) for name in fields):
            cache.clear()
            answer = browser.post(path, dict.fromkeys(filled, text))
            assert answer.status_code in (302, 422), (filled, text[:20], answer.status_code)
        cache.clear()
        assert browser.post(path, dict.fromkeys(fields, text)).status_code in (302, 422), text[:20]
