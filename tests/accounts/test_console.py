"""Accounts in the staff's console, and acting as a user from there and back."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts import audit
from accounts.identity import identity_for
from accounts.models import AdminAuditLog, ImpersonationSession, InsuranceProvider, Patient, Role, User
from medai.common.identity import acting_as, acting_as_system
from tests.factories.accounts import (
    PASSWORD,
    make_insurer,
    make_staff,
    make_user,
    own_patient,
    signed_in,
)

pytestmark = pytest.mark.django_db

REASON = "The patient cannot find the visit of Monday"


def fresh(user: User) -> User:
    with acting_as_system("test"):
        return User.objects.get(pk=user.pk)


def actions() -> list[str]:
    with acting_as_system("test"):
        return list(AdminAuditLog.objects.order_by("sequence").values_list("action", flat=True))


def console(user: User, page: str = "") -> str:
    return f"/admin/accounts/user/{user.pk}/{page}"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPER_ADMIN])
def test_staff_find_a_user(role: str) -> None:
    browser = signed_in(make_staff(role))
    wanted = make_user(first_name="Mariana", last_name="Gómez")
    make_user(email="otra@example.com")
    page = browser.get("/admin/accounts/user/?q=mariana+g%C3%B3mez")
    # An address that is too long for its column goes on behind its "@".
    assert wanted.email.replace("@", "@<wbr>") + "</a>" in page.content.decode()
    assert "otra@" not in page.content.decode()
    assert browser.get(console(wanted, "change/")).status_code == 200


def test_the_list_of_patients_is_in_the_reader_s_language() -> None:
    browser = signed_in(make_staff(Role.ADMIN))
    own_patient(make_user(first_name="Mariana", last_name="Gómez"))
    browser.cookies["language"] = "es"
    page = browser.get("/admin/accounts/patient/").content.decode()
    assert "Full name" not in page
    assert 'data-label="Nombre"' in page
    assert "Mariana Gómez" in page


def test_a_staff_account_has_no_console_without_a_second_step() -> None:
    browser = signed_in(make_staff(mfa=False))
    for path in ("/admin/", "/settings/", "/admin/accounts/user/"):
        assert browser.get(path)["Location"] == "/accounts/2fa/"
    assert browser.get("/accounts/2fa/").status_code == 200
    assert browser.get("/admin/", headers={"HX-Request": "true"})["HX-Redirect"] == "/accounts/2fa/"
    part_of_that_page = {"HX-Request": "true", "HX-Current-URL": "http://testserver/accounts/2fa/"}
    assert browser.get("/settings/", headers=part_of_that_page).status_code == 204
    assert browser.get("/service-worker.js").status_code == 200


def test_banning_from_the_page_and_from_the_list() -> None:
    browser = signed_in(make_staff())
    one, two = make_user(), make_user()
    assert browser.post(console(one, "ban/")).status_code == 302
    assert not fresh(one).is_active
    assert browser.get(console(two, "ban/")).status_code == 200
    assert fresh(two).is_active
    assert browser.post(console(one, "unban/")).status_code == 302
    assert fresh(one).is_active
    browser.post("/admin/accounts/user/", {"action": "ban_selected", "_selected_action": [one.pk, two.pk]})
    assert not fresh(one).is_active
    assert not fresh(two).is_active
    assert actions() == ["banned_user", "unbanned_user", "banned_user", "banned_user"]


def test_refusals_are_told_and_change_nothing() -> None:
    admin, boss = make_staff(), make_staff(Role.SUPER_ADMIN)
    browser = signed_in(admin)
    page = browser.post(console(boss, "ban/"), follow=True)
    assert "superadministrador" in page.content.decode() or "super administrator" in page.content.decode()
    assert fresh(boss).is_active
    refused = browser.post(console(make_user(), "role/"), {"role": "admin"})
    assert refused.status_code == 422
    assert actions() == []


def test_a_super_admin_changes_roles() -> None:
    browser = signed_in(make_staff(Role.SUPER_ADMIN))
    user = make_user(Role.DOCTOR)
    assert browser.get(console(user, "role/")).status_code == 200
    assert browser.post(console(user, "role/"), {"role": "admin"}).status_code == 302
    assert fresh(user).role == Role.ADMIN


def test_a_super_admin_closes_and_opens_the_account_of_an_administrator() -> None:
    browser = signed_in(make_staff(Role.SUPER_ADMIN))
    admin = make_staff()
    assert browser.post(console(admin, "ban/")).status_code == 302
    assert not fresh(admin).is_active
    assert browser.post(console(admin, "unban/")).status_code == 302
    assert fresh(admin).is_active


def test_nothing_is_edited_added_or_deleted_by_hand() -> None:
    browser = signed_in(make_staff(Role.SUPER_ADMIN))
    user = make_user()
    refused = browser.post(console(user, "change/"), {"email": "x@example.com", "role": "super_admin"})
    assert refused.status_code == 403
    assert browser.get("/admin/accounts/user/add/").status_code == 403
    assert browser.post(console(user, "delete/"), {"post": "yes"}).status_code == 403
    assert fresh(user).role == Role.PATIENT


def test_ways_into_accounts_are_not_in_the_console() -> None:
    page = signed_in(make_staff()).get("/admin/accounts/user/").content.decode()
    assert "/admin/accounts/patient/" in page
    for hidden in (
        "/admin/mfa/",
        "/admin/account/",
        "/admin/socialaccount/",
        "/admin/usersessions/",
        "/admin/auth/",
    ):
        assert hidden not in page


# --- Impersonation in the browser -------------------------------------------------------------------------


def begin(browser: Client, user: User, reason: str = REASON) -> Any:
    return browser.post(console(user, "impersonate/"), {"reason": reason})


def test_acting_as_a_patient_and_back() -> None:
    admin, user = make_staff(), make_user(first_name="Mariana")
    browser = signed_in(admin)
    key = browser.session.session_key
    assert begin(browser, user).status_code == 302
    assert browser.session.session_key != key
    page = browser.get("/settings/people/")
    assert page.status_code == 200
    assert "Mariana" in page.content.decode()
    assert "/impersonation/stop/" in page.content.decode()
    # The administrator's browser keeps none of the patient's pages.
    home = browser.get("/patient/")
    assert (home.status_code, b"data-offline=" in home.content) == (200, False)
    assert browser.get("/admin/accounts/user/").status_code != 200
    assert browser.post("/impersonation/stop/")["Location"] == console(user, "change/")
    assert browser.get("/admin/accounts/user/").status_code == 200
    assert "/impersonation/stop/" not in browser.get("/settings/").content.decode()
    assert browser.post("/impersonation/stop/").status_code == 409
    # The request that began it was the admin's own, the one that ended it the last as the user.
    assert actions() == [
        "impersonated_user_start",
        "impersonated_request",
        "impersonated_request",
        "impersonated_request",
        "impersonated_user_stop",
        "impersonated_request",
    ]
    assert fresh(user).last_login is None


def test_a_reason_is_asked_for_and_what_was_typed_is_kept() -> None:
    browser, user = signed_in(make_staff()), make_user()
    refused = begin(browser, user, "because")
    assert refused.status_code == 422
    assert "because" in refused.content.decode()
    with acting_as_system("test"):
        assert not ImpersonationSession.objects.exists()


def test_security_is_closed_to_the_impersonator() -> None:
    browser, user = signed_in(make_staff()), make_user()
    begin(browser, user)
    for path in (
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/email/",
        "/accounts/reauthenticate/",
    ):
        assert browser.get(path).status_code == 403, path
    refused = browser.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "otra clave muy larga"}
    )
    assert refused.status_code == 403
    assert browser.post("/settings/sessions/others/end/").status_code == 403
    assert fresh(user).check_password(PASSWORD)


def test_the_time_runs_out_on_the_next_request() -> None:
    admin, user = make_staff(), make_user()
    browser = signed_in(admin)
    begin(browser, user)
    with acting_as_system("test"):
        ImpersonationSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    over = browser.post("/settings/", {"first_name": "Robada", "last_name": "x"})
    assert over["Location"] == "/home/?impersonation=over"
    assert browser.get("/admin/accounts/user/").status_code == 200
    assert own_patient(user).first_name != "Robada"
    assert "impersonated_user_stop" in actions()


def test_an_impersonated_account_that_is_banned_sends_the_admin_home() -> None:
    admin, other, user = make_staff(), make_staff(), make_user()
    browser = signed_in(admin)
    begin(browser, user)
    signed_in(other).post(console(user, "ban/"))
    browser.get("/settings/")
    page = browser.get("/settings/")
    assert "/impersonation/stop/" not in page.content.decode()
    assert user.email not in page.content.decode()


def test_the_log_tells_why_somebody_acted_as_another() -> None:
    admin = make_staff()
    browser = signed_in(admin)
    begin(browser, make_user(), reason="Llamó porque no encuentra su cita")
    browser.post("/impersonation/stop/")
    with acting_as_system("test"):
        row = AdminAuditLog.objects.get(action="impersonated_user_start")
    entry = browser.get(f"/admin/accounts/adminauditlog/{row.pk}/change/").content.decode()
    assert "Llamó porque no encuentra su cita" in entry


def test_signing_out_ends_the_impersonation_for_good() -> None:
    admin, user = make_staff(), make_user()
    browser = signed_in(admin)
    begin(browser, user)
    browser.post("/accounts/logout/")
    assert browser.get("/admin/accounts/user/").status_code == 302
    assert "/accounts/login/" in browser.get("/settings/")["Location"]


def test_staff_cannot_be_acted_for() -> None:
    refused = begin(signed_in(make_staff(Role.SUPER_ADMIN)), make_staff())
    assert refused.status_code == 422
    with acting_as_system("test"):
        assert not ImpersonationSession.objects.exists()


# --- Patients, insurers, audit log ------------------------------------------------------------------------


def patient_data(**changes: str) -> dict[str, str]:
    data = {
        "first_name": "Rosa",
        "last_name": "Díaz",
        "email": "rosa@example.com",
        "phone": "300 123 4567",
        "language": "es",
        "time_zone": "America/Bogota",
        "sex": "female",
    }
    inlines = {}
    for prefix in ("guardianships", "insurances"):
        inlines |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return {**data, **inlines, **changes}


def test_an_admin_records_a_patient_and_the_log_holds_no_name() -> None:
    browser = signed_in(make_staff())
    refused = browser.post("/admin/accounts/patient/add/", patient_data(phone="12"))
    assert refused.status_code == 200
    assert "Rosa" in refused.content.decode()
    assert browser.post("/admin/accounts/patient/add/", patient_data()).status_code == 302
    with acting_as_system("test"):
        patient = Patient.objects.get(first_name="Rosa")
        entry = AdminAuditLog.objects.get()
    assert patient.phone == "+573001234567"
    assert entry.action == "created_patient"
    assert "Rosa" not in str(entry.details)
    assert browser.get(f"/admin/accounts/patient/{patient.pk}/change/").status_code == 200


def test_a_super_admin_reads_patients_and_insurers_only() -> None:
    browser = signed_in(make_staff(Role.SUPER_ADMIN))
    patient, insurer = own_patient(make_user()), make_insurer()
    assert browser.get(f"/admin/accounts/patient/{patient.pk}/change/").status_code == 200
    assert browser.get("/admin/accounts/patient/").status_code == 200
    for path in (
        "/admin/accounts/patient/add/",
        f"/admin/accounts/patient/{patient.pk}/change/",
        "/admin/accounts/insuranceprovider/add/",
        f"/admin/accounts/insuranceprovider/{insurer.pk}/change/",
    ):
        assert browser.post(path, patient_data(name="Otro")).status_code == 403, path
    assert own_patient(make_user()).first_name == "Ana"


def test_an_admin_keeps_the_list_of_insurers() -> None:
    browser = signed_in(make_staff())
    assert (
        browser.post(
            "/admin/accounts/insuranceprovider/add/", {"name": "Seguros Uno", "is_active": "on"}
        ).status_code
        == 302
    )
    with acting_as_system("test"):
        insurer = InsuranceProvider.objects.get(name="Seguros Uno")
    browser.post(f"/admin/accounts/insuranceprovider/{insurer.pk}/change/", {"name": "Seguros Uno"})
    with acting_as_system("test"):
        assert not InsuranceProvider.objects.get(pk=insurer.pk).is_active
    assert actions() == ["created_insurance_provider", "updated_insurance_provider"]
    assert (
        browser.post(f"/admin/accounts/insuranceprovider/{insurer.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )


def test_the_audit_log_is_read_by_days_and_taken_away_as_csv() -> None:
    admin, user = make_staff(), make_user()
    with acting_as(identity_for(admin)):
        audit.record("banned_user", user)
    browser = signed_in(admin)
    today = timezone.localdate(timezone=ZoneInfo("America/Bogota")).isoformat()
    page = browser.get(f"/admin/accounts/adminauditlog/?occurred_at_from={today}&occurred_at_until={today}")
    assert page.status_code == 200
    assert admin.email in page.content.decode()
    assert "banned_user" in page.content.decode()
    before = browser.get("/admin/accounts/adminauditlog/?occurred_at_until=2020-01-01").content.decode()
    assert str(user.pk) not in before
    answer = browser.get(f"/admin/accounts/adminauditlog/csv/?occurred_at_from={today}")
    assert answer["Content-Type"].startswith("text/csv")
    assert str(user.pk) in answer.content.decode("utf-8-sig")
    with acting_as_system("test"):
        row = AdminAuditLog.objects.get()
    assert browser.get(f"/admin/accounts/adminauditlog/{row.pk}/change/").status_code == 200
    assert browser.post(f"/admin/accounts/adminauditlog/{row.pk}/change/", {"action": "x"}).status_code == 403
    assert browser.get("/admin/accounts/adminauditlog/add/").status_code == 403


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.PHARMACIST])
def test_nobody_else_gets_in(role: str) -> None:
    browser = signed_in(make_user(role))
    for path in ("/admin/accounts/user/", "/admin/accounts/adminauditlog/csv/", "/admin/accounts/patient/"):
        assert browser.get(path).status_code == 302
