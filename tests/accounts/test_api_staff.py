"""Staff through the API: users, bans, roles, impersonation, audit log."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import AdminAuditLog, ApiSession, ImpersonationSession, Role, User
from accounts.services import impersonation
from medai.common.identity import acting_as_system
from tests.factories.accounts import bearer, make_staff, make_user, signed_in

pytestmark = pytest.mark.django_db

REASON = "The patient cannot find the visit of Monday"


def call(method: str, path: str, headers: dict[str, str], data: Any = None) -> Any:
    return Client().generic(
        method.upper(),
        f"/api/v1/{path}",
        json.dumps(data or {}) if method != "get" else "",
        content_type="application/json",
        headers=headers,
    )


def code_of(response: Any) -> str:
    return response.json()["errors"][0]["code"]


def log() -> list[tuple[Any, ...]]:
    with acting_as_system("test"):
        return list(
            AdminAuditLog.objects.order_by("sequence").values_list("action", "actor_id", "acting_as_id")
        )


def fresh(user: User) -> User:
    with acting_as_system("test"):
        return User.objects.get(pk=user.pk)


def test_staff_list_and_search_users() -> None:
    admin = make_staff()
    wanted = make_user(first_name="Mariana", last_name="Gómez")
    make_user(first_name="Otra")
    found = call("get", "admin/users/?search=mariana+g%C3%B3mez", bearer(admin)).json()["data"]
    assert [row["id"] for row in found["results"]] == [str(wanted.pk)]
    by_role = call("get", "admin/users/?role=admin", bearer(admin)).json()["data"]
    assert [row["id"] for row in by_role["results"]] == [str(admin.pk)]
    assert call("get", f"admin/users/{uuid4()}/", bearer(admin)).status_code == 404


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.PHARMACIST])
def test_others_are_refused(role: str) -> None:
    user = make_user(role)
    for method, path in [
        ("get", "admin/users/"),
        ("post", f"admin/users/{user.pk}/ban/"),
        ("put", f"admin/users/{user.pk}/role/"),
        ("post", "admin/impersonate/"),
        ("get", "admin/audit-log/"),
        ("get", "admin/audit-log/csv/"),
    ]:
        assert call(method, path, bearer(user)).status_code == 403, path
        assert call(method, path, {}).status_code == 401, path
    assert log() == []


def test_a_ban_ends_browser_and_api_at_once() -> None:
    admin, user = make_staff(), make_user()
    browser, api = signed_in(user), bearer(user)
    assert browser.get("/home/").status_code == 302
    assert call("get", "auth/me/", api).status_code == 200

    assert call("post", f"admin/users/{user.pk}/ban/", bearer(admin)).status_code == 200
    assert call("get", "auth/me/", api).status_code == 401
    assert "/accounts/login/" in browser.get("/home/")["Location"]

    assert call("post", f"admin/users/{user.pk}/unban/", bearer(admin)).status_code == 200
    assert call("get", "auth/me/", api).status_code == 401
    assert "/accounts/login/" in browser.get("/home/")["Location"]
    assert [row[0] for row in log()] == ["banned_user", "unbanned_user"]
    assert {row[1] for row in log()} == {admin.pk}


def test_banning_twice_is_logged_once() -> None:
    admin, user = make_staff(), make_user()
    for _ in range(2):
        assert call("post", f"admin/users/{user.pk}/ban/", bearer(admin)).json()["data"]["is_active"] is False
    assert len(log()) == 1


@pytest.mark.parametrize(
    ("actor", "target", "code"),
    [
        (Role.ADMIN, Role.ADMIN, "staff_only_by_super_admin"),
        (Role.ADMIN, Role.SUPER_ADMIN, "staff_only_by_super_admin"),
        (Role.SUPER_ADMIN, "self", "own_account"),
        (Role.ADMIN, "self", "own_account"),
    ],
)
def test_who_may_not_be_banned(actor: str, target: str, code: str) -> None:
    admin = make_staff(actor)
    user = admin if target == "self" else make_staff(target)
    refused = call("post", f"admin/users/{user.pk}/ban/", bearer(admin))
    assert refused.status_code == 403
    assert code_of(refused) == code
    assert fresh(user).is_active
    assert log() == []


def test_a_super_admin_bans_an_admin() -> None:
    admin = make_staff(Role.ADMIN)
    assert (
        call("post", f"admin/users/{admin.pk}/ban/", bearer(make_staff(Role.SUPER_ADMIN))).status_code == 200
    )
    assert not fresh(admin).is_active


@pytest.mark.parametrize(
    ("actor", "before", "after", "code"),
    [
        (Role.ADMIN, Role.PATIENT, Role.ADMIN, "staff_only_by_super_admin"),
        (Role.ADMIN, Role.ADMIN, Role.PATIENT, "staff_only_by_super_admin"),
        (Role.ADMIN, Role.PATIENT, Role.SUPER_ADMIN, "staff_only_by_super_admin"),
        (Role.SUPER_ADMIN, "self", Role.PATIENT, "own_account"),
    ],
)
def test_role_changes_refused(actor: str, before: str, after: str, code: str) -> None:
    admin = make_staff(actor)
    if before == "self":
        user = admin
    else:
        user = make_staff(before) if before in (Role.ADMIN, Role.SUPER_ADMIN) else make_user(before)
    role = user.role
    refused = call("put", f"admin/users/{user.pk}/role/", bearer(admin), {"role": after})
    assert refused.status_code == 403
    assert code_of(refused) == code
    assert fresh(user).role == role
    assert log() == []


def test_a_new_role_ends_the_sessions_that_had_the_old_one() -> None:
    boss, user = make_staff(Role.SUPER_ADMIN), make_user()
    api = bearer(user)
    done = call("put", f"admin/users/{user.pk}/role/", bearer(boss), {"role": "admin"})
    assert done.json()["data"]["role"] == "admin"
    assert call("get", "auth/me/", api).status_code == 401
    with acting_as_system("test"):
        entry = AdminAuditLog.objects.get()
    assert (entry.action, entry.details) == ("updated_user_role", {"role": ["patient", "admin"]})


def test_an_admin_makes_a_doctor_of_a_patient_and_back() -> None:
    admin, user = make_staff(), make_user(Role.DOCTOR)
    for role in ("patient", "doctor"):
        assert call("put", f"admin/users/{user.pk}/role/", bearer(admin), {"role": role}).status_code == 200
    with acting_as_system("test"):
        assert user.guardianships.count() == 1


# --- Impersonation ----------------------------------------------------------------------------------------


def impersonate(admin: User, user: User, **data: Any) -> Any:
    return call("post", "admin/impersonate/", bearer(admin), {"user": str(user.pk), "reason": REASON, **data})


def test_impersonation_by_token_bears_both_identities() -> None:
    admin, user = make_staff(), make_user()
    started = impersonate(admin, user)
    assert started.status_code == 201, started.content
    data = started.json()["data"]
    assert data["refresh_token"] is None
    claims = tokens.decode_access_token(data["access_token"])
    assert (claims.user_id, claims.actor_id) == (user.pk, admin.pk)

    token = {"Authorization": f"Bearer {data['access_token']}"}
    me = call("get", "auth/me/", token).json()["data"]
    assert (me["id"], me["impersonated_by"]) == (str(user.pk), str(admin.pk))
    assert call("get", "patient/profile/", token).json()["data"]["email"] == user.email
    assert log() == [
        ("impersonated_user_start", admin.pk, None),
        ("impersonated_request", admin.pk, user.pk),
        ("impersonated_request", admin.pk, user.pk),
    ]
    stopped = call("post", "admin/impersonate/stop/", token)
    assert stopped.status_code == 200
    assert call("get", "auth/me/", token).status_code == 401
    assert ("impersonated_user_stop", admin.pk, user.pk) in log()


def test_an_impersonator_cannot_touch_security_or_staff_pages() -> None:
    user = make_user()
    data = impersonate(make_staff(), user).json()["data"]
    token = {"Authorization": f"Bearer {data['access_token']}"}
    password = fresh(user).password
    for method, path in [
        ("post", "auth/password/"),
        ("get", "auth/mfa/totp/"),
        ("post", "auth/mfa/recovery-codes/"),
        ("get", "auth/sessions/"),
    ]:
        refused = call(method, path, token, {"new_password": "otra clave muy larga"})
        assert refused.status_code == 403, path
        assert code_of(refused) == "refused_under_impersonation"
    assert call("get", "admin/users/", token).status_code == 403
    assert fresh(user).password == password


def test_an_impersonation_ends_after_half_an_hour() -> None:
    data = impersonate(make_staff(), make_user()).json()["data"]
    token = {"Authorization": f"Bearer {data['access_token']}"}
    with acting_as_system("test"):
        session = ImpersonationSession.objects.get()
        assert session.expires_at - session.created_at <= timedelta(minutes=30, seconds=1)
        ApiSession.objects.update(expires_at=timezone.now() + timedelta(hours=2))
    with time_machine.travel(timezone.now() + timedelta(minutes=9)):
        assert call("get", "auth/me/", token).status_code == 200
    with acting_as_system("test"):
        ImpersonationSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert code_of(call("get", "auth/me/", token)) == "session_ended"
    impersonation.close_expired()
    assert log()[-1][0] == "impersonated_user_stop"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPER_ADMIN])
def test_staff_are_never_impersonated(role: str) -> None:
    refused = impersonate(make_staff(Role.SUPER_ADMIN), make_staff(role))
    assert refused.status_code == 403
    assert code_of(refused) == "staff_not_impersonated"
    assert log() == []


def test_a_reason_is_required() -> None:
    admin, user = make_staff(), make_user()
    for reason in ("        ", "short"):
        refused = impersonate(admin, user, reason=reason)
        assert refused.status_code == 400, reason
    with acting_as_system("test"):
        assert not ImpersonationSession.objects.exists()


def test_an_impersonation_ends_when_its_admin_is_banned() -> None:
    boss, admin, user = make_staff(Role.SUPER_ADMIN), make_staff(), make_user()
    token = {"Authorization": f"Bearer {impersonate(admin, user).json()['data']['access_token']}"}
    assert call("post", f"admin/users/{admin.pk}/ban/", bearer(boss)).status_code == 200
    assert call("get", "auth/me/", token).status_code == 401


def test_a_second_impersonation_ends_the_first() -> None:
    admin = make_staff()
    first = impersonate(admin, make_user()).json()["data"]["access_token"]
    impersonate(admin, make_user())
    assert call("get", "auth/me/", {"Authorization": f"Bearer {first}"}).status_code == 401


def test_only_the_impersonator_ends_an_impersonation() -> None:
    data = impersonate(make_staff(), make_user()).json()["data"]
    other = call(
        "post", "admin/impersonate/stop/", bearer(make_staff()), {"impersonation": data["impersonation"]}
    )
    assert code_of(other) == "not_impersonating"
    stranger = call(
        "post", "admin/impersonate/stop/", bearer(make_user()), {"impersonation": data["impersonation"]}
    )
    assert code_of(stranger) == "not_impersonating"
    assert call("get", "auth/me/", {"Authorization": f"Bearer {data['access_token']}"}).status_code == 200


# --- Audit log --------------------------------------------------------------------------------------------


def test_the_audit_log_is_read_by_both_kinds_of_staff_and_as_csv() -> None:
    admin, user = make_staff(), make_user()
    call("post", f"admin/users/{user.pk}/ban/", bearer(admin))
    for reader in (admin, make_staff(Role.SUPER_ADMIN)):
        [row] = call("get", "admin/audit-log/?action=banned_user", bearer(reader)).json()["data"]["results"]
        assert (row["actor_id"], row["target_id"]) == (str(admin.pk), str(user.pk))
        assert row["ip_address"] == "127.0.0.1"
        assert call("get", "admin/audit-log/?action=other", bearer(reader)).json()["data"]["total"] == 0
    answer = call("get", "admin/audit-log/csv/?occurred_from=2026-01-01T00:00:00Z", bearer(admin))
    assert answer["Content-Type"].startswith("text/csv")
    lines = answer.content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 2
    assert "banned_user" in lines[1]
    assert user.email not in answer.content.decode()
    assert call("get", "admin/audit-log/csv/?occurred_from=yesterday", bearer(admin)).status_code == 400
