"""Patients through the API: own record, those one cares for, insurance; and never anybody else's."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from accounts.models import Guardianship, InsuranceProvider, Patient, PatientInsurance, Role
from medai.common.identity import acting_as_system
from tests.factories.accounts import (
    bearer,
    make_dependent,
    make_insurer,
    make_policy,
    make_user,
    own_patient,
)

pytestmark = pytest.mark.django_db


def call(method: str, path: str, headers: dict[str, str], data: Any = None, **more: str) -> Any:
    body = json.dumps(data) if data is not None else ""
    return Client().generic(
        method.upper(),
        f"/api/v1/{path}",
        body,
        content_type="application/json",
        headers={**headers, **more},
    )


def code_of(response: Any) -> str:
    return response.json()["errors"][0]["code"]


def test_profile_reads_and_changes_person_and_record_together() -> None:
    user = make_user()
    token = bearer(user)
    changed = call(
        "patch",
        "patient/profile/",
        token,
        {"first_name": "Mariana", "phone": "300 123 4567", "date_of_birth": "1990-05-01", "city": "Cali"},
    )
    assert changed.status_code == 200, changed.content
    data = changed.json()["data"]
    assert (data["first_name"], data["phone"], data["city"]) == ("Mariana", "+573001234567", "Cali")
    me = call("get", "auth/me/", token).json()["data"]
    assert (me["first_name"], me["phone"], me["phone_verified"]) == ("Mariana", "+573001234567", False)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("phone", "12", "phone_invalid"),
        ("emergency_contact_phone", "abc", "phone_invalid"),
        ("time_zone", "Mars/Olympus", "time_zone_unknown"),
        ("sex", "x", "invalid_choice"),
        ("date_of_birth", "1990-13-40", "invalid"),
        ("date_of_birth", "0001-01-01", "too_long_ago"),
        ("date_of_birth", "9999-12-31", "in_the_future"),
    ],
)
def test_bad_values_name_the_field_and_change_nothing(field: str, value: str, code: str) -> None:
    user = make_user()
    before = call("get", "patient/profile/", bearer(user)).json()
    refused = call("patch", "patient/profile/", bearer(user), {"first_name": "Otra", field: value})
    assert refused.status_code == 400
    assert (refused.json()["errors"][0]["field"], code_of(refused)) == (field, code)
    assert call("get", "patient/profile/", bearer(user)).json() == before


def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


@pytest.mark.parametrize(
    ("born", "code"), [("0001-01-01", "too_long_ago"), (None, "in_the_future")], ids=["long ago", "tomorrow"]
)
def test_a_child_was_born_on_a_day_that_was(born: str | None, code: str) -> None:
    user = make_user()
    token, child = bearer(user), make_dependent(user)
    sent = {"date_of_birth": born or tomorrow().isoformat()}
    added = {"relationship": "child", "first_name": "Tomás", **sent}
    for refused in (
        call("post", "patient/dependents/", token, added),
        call("patch", f"patient/dependents/{child.pk}/", token, sent),
    ):
        assert refused.status_code == 400
        assert (refused.json()["errors"][0]["field"], code_of(refused)) == ("date_of_birth", code)
    [listed] = call("get", "patient/dependents/", token).json()["data"]
    assert listed["date_of_birth"] is None
    born_today = call(
        "patch", f"patient/dependents/{child.pk}/", token, {"date_of_birth": f"{timezone.localdate()}"}
    )
    assert born_today.status_code == 200


@pytest.mark.parametrize("born", [date(1, 1, 1), date(1849, 12, 31), date(9999, 12, 31)])
def test_the_database_keeps_no_impossible_birthday(born: date) -> None:
    patient = own_patient(make_user())
    with acting_as_system("test"), pytest.raises(IntegrityError, match="patient_birthday_is_possible"):
        Patient.objects.filter(pk=patient.pk).update(date_of_birth=born)


def test_a_mother_adds_changes_and_removes_a_child() -> None:
    user = make_user()
    token = bearer(user)
    child = {"relationship": "child", "first_name": "Tomás", "last_name": "Gómez"}
    added = call("post", "patient/dependents/", token, child)
    assert added.status_code == 201, added.content
    child_id = added.json()["data"]["id"]
    changed = call("patch", f"patient/dependents/{child_id}/", token, {"city": "Cali"})
    assert changed.json()["data"]["city"] == "Cali"
    [listed] = call("get", "patient/dependents/", token).json()["data"]
    assert (listed["id"], listed["relationship"]) == (child_id, "child")
    assert call("delete", f"patient/dependents/{child_id}/", token).status_code == 204
    assert call("get", "patient/dependents/", token).json()["data"] == []
    with acting_as_system("test"):
        assert Patient.objects.get(pk=child_id).deleted_at is not None


def test_a_repeated_request_adds_one_child() -> None:
    token = bearer(make_user())
    child = {"relationship": "child", "first_name": "Tomás"}
    for _ in range(2):
        added = call("post", "patient/dependents/", token, child, **{"Idempotency-Key": "k-1234567890"})
        assert added.status_code == 201
    assert len(call("get", "patient/dependents/", token).json()["data"]) == 1


def test_a_child_of_two_stays_when_one_lets_go() -> None:
    mother, father = make_user(), make_user()
    child = make_dependent(mother)
    with acting_as_system("test"):
        Guardianship.objects.create(user=father, patient=child, relationship="child")
    assert call("delete", f"patient/dependents/{child.pk}/", bearer(mother)).status_code == 204
    [listed] = call("get", "patient/dependents/", bearer(father)).json()["data"]
    assert listed["id"] == str(child.pk)


def test_oneself_is_no_dependent() -> None:
    user = make_user()
    own = own_patient(user)
    refused = call("delete", f"patient/dependents/{own.pk}/", bearer(user))
    assert (refused.status_code, code_of(refused)) == (409, "not_for_yourself")
    assert (
        call(
            "post", "patient/dependents/", bearer(user), {"relationship": "self", "first_name": "x"}
        ).status_code
        == 400
    )
    assert own_patient(user) == own


def test_people_of_others_do_not_exist() -> None:
    stranger, owner = make_user(), make_user()
    child = make_dependent(owner)
    for method in ("get", "patch", "delete"):
        answer = call(method, f"patient/dependents/{child.pk}/", bearer(stranger), {"first_name": "Robado"})
        assert answer.status_code == 404, method
    with acting_as_system("test"):
        assert Patient.objects.get(pk=child.pk).first_name == "Tomás"
        assert Guardianship.objects.filter(patient=child).count() == 1


def test_there_is_a_limit() -> None:
    user = make_user()
    for _ in range(20):
        make_dependent(user)
    refused = call("post", "patient/dependents/", bearer(user), {"relationship": "child", "first_name": "x"})
    assert (refused.status_code, code_of(refused)) == (409, "too_many_people")


# --- Insurance --------------------------------------------------------------------------------------------


def test_a_policy_is_added_changed_and_removed() -> None:
    user = make_user()
    token, insurer = bearer(user), make_insurer()
    policy = {
        "patient": str(own_patient(user).pk),
        "provider": str(insurer.pk),
        "policy_number": " A-1 ",
        "details": {"plan": "gold"},
    }
    added = call("post", "patient/insurance/", token, policy)
    assert added.status_code == 201, added.content
    data = added.json()["data"]
    assert (data["policy_number"], data["provider"]["name"]) == ("A-1", insurer.name)
    again = call("post", "patient/insurance/", token, policy)
    assert (again.status_code, code_of(again)) == (409, "policy_exists")
    changed = call("patch", f"patient/insurance/{data['id']}/", token, {"policy_number": "B-2"})
    assert changed.json()["data"]["policy_number"] == "B-2"
    assert len(call("get", "patient/insurance/", token).json()["data"]) == 1
    assert call("delete", f"patient/insurance/{data['id']}/", token).status_code == 204
    assert call("get", "patient/insurance/", token).json()["data"] == []


def test_policies_of_others_are_neither_seen_nor_made() -> None:
    stranger, owner = make_user(), make_user()
    policy = make_policy(own_patient(owner))
    token = bearer(stranger)
    assert call("get", "patient/insurance/", token).json()["data"] == []
    for method in ("get", "patch", "delete"):
        assert (
            call(method, f"patient/insurance/{policy.pk}/", token, {"policy_number": "x"}).status_code == 404
        )
    refused = call(
        "post",
        "patient/insurance/",
        token,
        {
            "patient": str(own_patient(owner).pk),
            "provider": str(make_insurer().pk),
            "policy_number": "x",
        },
    )
    assert refused.status_code == 404
    with acting_as_system("test"):
        assert PatientInsurance.objects.get().policy_number == "P-1"


def test_an_unknown_or_closed_insurer_is_refused() -> None:
    user = make_user()
    closed = make_insurer(is_active=False)
    for provider in (uuid4(), closed.pk):
        refused = call(
            "post",
            "patient/insurance/",
            bearer(user),
            {"patient": str(own_patient(user).pk), "provider": str(provider), "policy_number": "x"},
        )
        assert (refused.status_code, code_of(refused)) == (400, "insurer_unknown")


def test_insurers_are_public_and_can_be_kept() -> None:
    insurer, closed = make_insurer(), make_insurer(is_active=False)
    answer = call("get", "public/insurance-providers/", {})
    names = [row["name"] for row in answer.json()["data"]]
    assert insurer.name in names
    assert closed.name not in names
    again = call("get", "public/insurance-providers/", {"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    with acting_as_system("test"):
        InsuranceProvider.objects.filter(pk=insurer.pk).update(name="Nuevo nombre")
    assert call("get", "public/insurance-providers/", {"If-None-Match": answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.PHARMACIST])
def test_other_roles_have_no_patients_pages(role: str) -> None:
    token = bearer(make_user(role))
    for path in ("patient/profile/", "patient/dependents/", "patient/insurance/"):
        assert call("get", path, token).status_code == 403
        assert call("get", path, {}).status_code == 401
