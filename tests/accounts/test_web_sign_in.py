"""Signing up and in on the pages: every way, what is refused, and what a stranger can find out."""

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import Guardianship, Patient, Profile, Role, SignInMail, User
from medai.common import limits, outbox
from medai.common.identity import acting_as_system
from medai.common.requests import client_address
from tests.captcha import solved
from tests.factories.accounts import (
    PASSWORD,
    add_totp,
    make_patient_without_account,
    make_staff,
    make_user,
    own_patient,
    signed_in,
    totp_code,
)

pytestmark = pytest.mark.django_db

SIGN_UP = {
    "role": "patient",
    "first_name": "Mariana",
    "last_name": "Gómez",
    "email": "mariana@example.com",
    "password1": PASSWORD,
}
SPANISH, ENGLISH = {"Accept-Language": "es"}, {"Accept-Language": "en"}


def browser(**headers: str) -> Client:
    return Client(headers=headers)


def last_code() -> str:
    outbox.drain()
    [code] = re.findall(r"\b\d{6}\b", str(mail.outbox[-1].body))
    return code


def checked(**changes: str) -> dict[str, str]:
    """What a page sends to sign up, the check against robots done."""
    return {**SIGN_UP, "captcha": solved(), **changes}


def login(client: Client, user: User, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": user.email, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def text(response: Any) -> str:
    return response.content.decode()


def without_secrets(page: str) -> str:
    """The page without what differs from one answer to the next."""
    return re.sub(r'(value|nonce|data-challenge|data-asked-at)="[^"]*"|"x-csrftoken": "[^"]*"', "", page)


# --- Signing up -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "records"), [("patient", 1), ("doctor", 0)])
def test_sign_up_confirm_and_be_home(role: str, records: int) -> None:
    client = browser(**ENGLISH)
    started = client.post("/accounts/signup/", checked(role=role))
    assert started["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(client)
    assert "mariana@example.com" in text(client.get("/accounts/confirm-email/"))
    done = client.post("/accounts/confirm-email/", {"code": last_code()})
    assert done["Location"] == "/home/"
    assert client.get("/home/")["Location"] == f"/{role}/"
    with acting_as_system("test"):
        user = User.objects.get(email="mariana@example.com")
        assert (user.role, user.language) == (role, "en")
        assert Profile.objects.get(user=user).full_name == "Mariana Gómez"
        assert Guardianship.objects.filter(user=user).count() == records
        assert not SignInMail.objects.exists()


def test_the_mail_with_the_code_speaks_the_language_of_the_page() -> None:
    for headers, words in ((SPANISH, "es su código"), (ENGLISH, "is your code")):
        mail.outbox.clear()
        browser(**headers).post("/accounts/signup/", checked(email=f"{words[:2]}@example.com"))
        outbox.drain()
        [message] = mail.outbox
        assert words in message.subject
        [html] = [part.content for part in message.alternatives]
        assert re.search(r"\d{6}", html)


def test_sign_up_with_a_known_address_looks_the_same() -> None:
    make_user(email="mariana@example.com", first_name="Otra")
    pages = []
    for email in ("nadie@example.com", "mariana@example.com"):
        client = browser(**SPANISH)
        started = client.post("/accounts/signup/", checked(email=email))
        page = text(client.get(started["Location"])).replace(email, "…")
        pages.append(
            (
                started.status_code,
                started["Location"],
                without_secrets(page),
            )
        )
    assert pages[0] == pages[1]
    with acting_as_system("test"):
        assert User.objects.filter(email="mariana@example.com").count() == 1
    outbox.drain()
    [told] = [message for message in mail.outbox if message.to == ["mariana@example.com"]]
    assert not re.search(r"\b\d{6}\b", str(told.body))


@pytest.mark.parametrize(
    ("field", "value", "spanish", "english"),
    [
        ("email", "no es correo", "correo", "email"),
        ("first_name", "", "campo", "field"),
        ("password1", "corta", "10 caracteres", "10 characters"),
        ("role", "admin", "admin", "admin"),
    ],
)
def test_bad_input_is_named_in_both_languages_and_kept(
    field: str, value: str, spanish: str, english: str
) -> None:
    for headers, words in ((SPANISH, spanish), (ENGLISH, english)):
        refused = browser(**headers).post("/accounts/signup/", checked(**{field: value}))
        assert refused.status_code == 422
        page = text(refused)
        assert words in page
        assert 'aria-invalid="true"' in page
        assert "Gómez" in page
        assert PASSWORD not in page
    with acting_as_system("test"):
        assert not User.objects.exists()


def test_a_wrong_code_leaves_the_account_closed() -> None:
    client = browser()
    client.post("/accounts/signup/", checked())
    code = last_code()
    wrong = "000000" if code != "000000" else "111111"
    assert client.post("/accounts/confirm-email/", {"code": wrong}).status_code == 422
    assert not is_signed_in(client)


def test_the_code_runs_out() -> None:
    client = browser()
    client.post("/accounts/signup/", checked())
    code = last_code()
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=16)):
        client.post("/accounts/confirm-email/", {"code": code})
        assert not is_signed_in(client)


def test_a_patient_met_before_is_taken_over_with_the_confirmed_address() -> None:
    met = make_patient_without_account(first_name="Mariana", last_name="Gómez", email=SIGN_UP["email"])
    client = browser()
    client.post("/accounts/signup/", checked())
    with acting_as_system("test"):
        assert not Guardianship.objects.filter(patient=met).exists()
    client.post("/accounts/confirm-email/", {"code": last_code()})
    with acting_as_system("test"):
        assert own_patient(User.objects.get(email=SIGN_UP["email"])) == met
        assert Patient.objects.kept().count() == 1


# --- Signing in -------------------------------------------------------------------------------------------


def test_sign_in_turns_the_session_key_and_speaks_the_accounts_language() -> None:
    user = make_user(language="en")
    client = browser(**SPANISH)
    client.get("/accounts/login/")
    client.cookies["language"] = "es"
    before = client.session.session_key
    done = login(client, user)
    assert done["Location"] == "/home/"
    assert client.session.session_key != before
    assert done.cookies["language"].value == "en"


def test_a_wrong_password_and_an_unknown_address_look_alike() -> None:
    user = make_user()
    pages = []
    for email in (user.email, "nadie@example.com"):
        refused = browser(**SPANISH).post("/accounts/login/", {"login": email, "password": "no es la clave"})
        assert refused.status_code == 422
        assert "El correo y la contraseña no coinciden." in text(refused)
        assert email in text(refused)
        pages.append(without_secrets(text(refused)))
    assert pages[0] == pages[1]


def test_the_sixth_attempt_waits() -> None:
    user = make_user()
    client = browser(**ENGLISH)
    for number in range(5):
        assert login(client, user, f"wrong {number}").status_code == 422
    assert "five minutes" in text(login(client, user))
    assert not is_signed_in(client)


def test_too_many_requests_from_one_place_get_the_page_for_it() -> None:
    client = browser(**ENGLISH)
    statuses = [client.post("/accounts/signup/", {}).status_code for _ in range(25)]
    assert statuses[0] == 422
    assert statuses[-1] == 429
    assert "Too many attempts" in text(client.post("/accounts/signup/", {}))


@pytest.mark.parametrize(
    ("address", "is_one_place"),
    [("2001:db8:1:2::{:x}", True), ("2001:db8:1:{:x}::1", False), ("::ffff:203.0.113.{}", False)],
)
def test_a_place_is_a_network(address: str, is_one_place: bool) -> None:
    places = [address.format(number) for number in range(1, 26)]
    statuses = [browser().post("/accounts/signup/", {}, REMOTE_ADDR=place).status_code for place in places]
    assert set(statuses) == ({422, 429} if is_one_place else {422})
    asking = [RequestFactory(REMOTE_ADDR=place).get("/") for place in places]
    ours = {limits.of_address(client_address(request)) for request in asking}
    assert len(ours) == (1 if is_one_place else 25)


def test_the_list_of_sessions_has_the_whole_address() -> None:
    user, address = make_user(), "2001:db8:1:2::9"
    client = Client(REMOTE_ADDR=address)
    login(client, user)
    assert address in text(client.get("/settings/sessions/", REMOTE_ADDR="2001:db8:1:2::a"))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/settings/people/", "/settings/people/"),
        ("https://evil.example/", "/home/"),
        ("//evil.example/", "/home/"),
        ("/\\evil.example/", "/home/"),
        ("javascript:alert(1)", "/home/"),
    ],
)
def test_next_leads_nowhere_else(target: str, expected: str) -> None:
    assert login(browser(), make_user(), next=target)["Location"] == expected


def test_a_page_that_needs_signing_in_is_returned_to() -> None:
    client = browser()
    sent = client.get("/settings/people/?x=1")
    assert sent["Location"] == "/accounts/login/?next=%2Fsettings%2Fpeople%2F%3Fx%3D1"
    user = make_user()
    done = client.post(
        sent["Location"], {"login": user.email, "password": PASSWORD, "next": "/settings/people/?x=1"}
    )
    assert done["Location"] == "/settings/people/?x=1"


def test_a_banned_account_is_told_so_only_with_the_right_password() -> None:
    user = make_user(is_active=False)
    assert login(browser(), user, "no es la clave").status_code == 422
    assert login(browser(), user)["Location"] == "/accounts/inactive/"
    assert browser().get("/accounts/inactive/").status_code == 200


def test_an_unconfirmed_address_is_asked_for_its_code_first() -> None:
    user = make_user(verified=False)
    client = browser()
    assert login(client, user)["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(client)
    client.post("/accounts/confirm-email/", {"code": last_code()})
    assert is_signed_in(client)


def test_sign_in_by_code() -> None:
    user = make_user()
    client = browser()
    assert client.post("/accounts/login/code/", {"email": user.email, "captcha": solved()}).status_code == 302
    assert client.post("/accounts/login/code/confirm/", {"code": last_code()})["Location"] == "/home/"
    assert is_signed_in(client)


def test_a_code_for_an_unknown_address_looks_the_same() -> None:
    make_user(email="conocida@example.com")
    pages = []
    for email in ("conocida@example.com", "nadie@example.com"):
        client = browser()
        sent = client.post("/accounts/login/code/", {"email": email, "captcha": solved()})
        page = text(client.get(sent["Location"])).replace(email, "…")
        pages.append((sent["Location"], without_secrets(page)))
    assert pages[0] == pages[1]


def test_a_forgotten_password_is_replaced_and_other_browsers_are_out() -> None:
    user = make_user()
    other = signed_in(user)
    client = browser()
    assert (
        client.post("/accounts/password/reset/", {"email": user.email, "captcha": solved()}).status_code
        == 302
    )
    confirmed = client.post("/accounts/password/reset/confirm/", {"code": last_code()})
    complete = confirmed["Location"]
    weak = client.post(complete, {"password1": "1234567890"})
    assert weak.status_code == 422
    done = client.post(complete, {"password1": "otra clave muy larga"})
    assert done.status_code == 302
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert login(browser(), user).status_code == 422


def test_a_changed_password_keeps_this_browser_only() -> None:
    user = make_user()
    client, other = browser(), signed_in(user)
    login(client, user)
    wrong = client.post(
        "/accounts/password/change/", {"oldpassword": "no", "password1": "otra clave muy larga"}
    )
    assert wrong.status_code == 422
    assert is_signed_in(other)
    done = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "otra clave muy larga"}
    )
    assert done["Location"] == "/settings/security/"
    assert is_signed_in(client)
    assert not is_signed_in(other)
    outbox.drain()
    assert mail.outbox[-1].to == [user.email]


def test_a_new_address_counts_once_confirmed_and_the_record_follows() -> None:
    user = make_user(email="vieja@example.com")
    client = browser()
    login(client, user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": "nueva@example.com", "action_add": "1"})
    with acting_as_system("test"):
        assert User.objects.get(pk=user.pk).email == "vieja@example.com"
    client.post("/accounts/confirm-email/", {"code": last_code()})
    with acting_as_system("test"):
        assert User.objects.get(pk=user.pk).email == "nueva@example.com"
    assert own_patient(user).email == "nueva@example.com"


# --- The second step --------------------------------------------------------------------------------------


def test_the_second_step_is_set_up_and_then_asked_for() -> None:
    user = make_user()
    client = browser(**ENGLISH)
    login(client, user)
    assert "/accounts/reauthenticate/" in client.get("/accounts/2fa/totp/activate/")["Location"]
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = text(client.get("/accounts/2fa/totp/activate/"))
    [secret] = re.findall(r"<code[^>]*>([A-Z2-7]{32})</code>", page)
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": totp_code(secret, offset=50)})
    assert wrong.status_code == 422
    done = client.post("/accounts/2fa/totp/activate/", {"code": totp_code(secret)})
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    recovery = re.findall(r"<code>(\d{8})</code>", text(client.get("/accounts/2fa/recovery-codes/")))
    assert len(recovery) == 10
    with acting_as_system("test"):
        stored = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data
    assert secret not in str(stored)

    again = browser()
    assert login(again, user)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(again)
    assert again.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 422
    assert again.post("/accounts/2fa/authenticate/", {"code": recovery[0]})["Location"] == "/home/"
    assert is_signed_in(again)

    third = browser()
    login(third, user)
    assert third.post("/accounts/2fa/authenticate/", {"code": recovery[0]}).status_code == 422


def test_a_code_of_the_app_works_once() -> None:
    user = make_user()
    secret = add_totp(user)
    code = totp_code(secret)
    for worked in (True, False):
        client = browser()
        login(client, user)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert is_signed_in(client) is worked


def test_staff_must_set_up_a_second_step_before_anything_else() -> None:
    staff = make_staff(mfa=False, language="en")
    client = browser(**ENGLISH)
    login(client, staff)
    for path in ("/home/", "/settings/", "/admin/accounts/user/", "/settings/sessions/"):
        assert client.get(path)["Location"] == "/accounts/2fa/"
    assert "Staff accounts need a second step" in text(client.get("/accounts/2fa/"))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    [secret] = re.findall(r">([A-Z2-7]{32})<", text(client.get("/accounts/2fa/totp/activate/")))
    client.post("/accounts/2fa/totp/activate/", {"code": totp_code(secret)})
    assert client.get("/admin/accounts/user/").status_code == 200


def test_staff_cannot_switch_their_last_second_step_off() -> None:
    staff = make_staff()
    client = signed_in(staff)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 422
    with acting_as_system("test"):
        assert Authenticator.objects.filter(user=staff, type=Authenticator.Type.TOTP).exists()


@pytest.mark.parametrize(
    ("role", "place"), [(Role.PATIENT, "/patient/"), (Role.DOCTOR, "/doctor/"), (Role.ADMIN, "/admin/")]
)
def test_everybody_lands_in_their_own_portal(role: str, place: str) -> None:
    user = make_staff(role) if role == Role.ADMIN else make_user(role)
    assert signed_in(user).get("/home/")["Location"] == place


def test_every_page_of_allauth_is_in_our_design() -> None:
    client = signed_in(make_user())
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    pages = {
        browser(): [
            "login/",
            "signup/",
            "login/code/",
            "password/reset/",
            "password/reset/done/",
            "inactive/",
        ],
        client: [
            "logout/",
            "email/",
            "password/change/",
            "reauthenticate/",
            "2fa/",
            "2fa/totp/activate/",
            "2fa/webauthn/",
            "2fa/webauthn/add/",
            "3rdparty/",
            "sessions/",
        ],
    }
    for visitor, paths in pages.items():
        for path in paths:
            page = visitor.get(f"/accounts/{path}")
            assert page.status_code == 200, path
            assert "css/medai.css" in text(page), path
            assert "style=" not in text(page).replace("data:image", ""), path
