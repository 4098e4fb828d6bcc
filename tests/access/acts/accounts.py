"""Accounts: ways in, people, photos, languages, and staff who manage accounts."""

from types import SimpleNamespace
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.sessions.backends.cache import SessionStore
from django.core import signing
from django.test import RequestFactory
from django.utils import timezone

from accounts import adapters, middleware
from accounts.api import flows
from accounts.api.account import SETUP_SALT
from accounts.identity import identity_for
from accounts.models import ImpersonationSession, Patient, Profile, User
from accounts.services import claims, impersonation, people, sessions, users
from medai.common import encryption
from medai.common.identity import acting_as, acting_as_system
from tests.access.acts.stage import Stage, losing
from tests.access.world import WORDS
from tests.factories import accounts as make
from tests.factories.doctors import picture

# --- Ways in --------------------------------------------------------------------------------------------------


@losing("accounts.adapters.MfaAdapter.can_delete_authenticator user_id")
def staff_keep_their_last_second_step(stage: Stage) -> bool:
    with acting_as_system("test"):
        mine = Authenticator.objects.filter(user=stage.world.users["super"])
        mine.filter(type=Authenticator.Type.WEBAUTHN).delete()
        return adapters.MfaAdapter().can_delete_authenticator(mine.get())


@losing("accounts.adapters.SocialAccountAdapter.validate_disconnect user")
def the_last_way_in_is_kept(stage: Stage) -> None:
    user = stage.world.users["pB"]
    with acting_as_system("test"):
        Authenticator.objects.filter(user=user).delete()
        EmailAddress.objects.filter(user=user).update(verified=False)
        without_password = User(pk=user.pk)
        without_password.set_unusable_password()
        account = SimpleNamespace(user=without_password)
        adapters.SocialAccountAdapter().validate_disconnect(account, [account])


@losing("accounts.adapters.email_confirmed guardianships__user")
def a_verified_address_goes_to_ones_own_record(stage: Stage) -> None:
    with acting_as_system("test"):
        address = EmailAddress.objects.get(user=stage.world.users["pB"])
    request: Any = RequestFactory().get("/")
    request.session = SessionStore()
    adapters.email_confirmed(None, request, address)


@losing("accounts.api.account.RecoveryCodesView.post user")
def new_recovery_codes_void_ones_own(stage: Stage) -> tuple[str, int]:
    with acting_as_system("test"):
        for name in ("pA", "pB"):
            RecoveryCodes.activate(stage.world.users[name])
        status = stage.post("pB", "v1:auth-mfa-recovery-codes", password=make.PASSWORD)[:3]
        of_a = Authenticator.objects.filter(user=stage.world.users["pA"])
        return status, of_a.filter(type=Authenticator.Type.RECOVERY_CODES).count()


@losing("accounts.api.account.TotpOffView.post user")
def ones_own_app_is_switched_off(stage: Stage) -> str:
    return stage.post("pB", "v1:auth-mfa-totp-off", password=make.PASSWORD)[:3]


@losing("accounts.api.account.TotpView.post user")
def a_new_app_takes_the_place_of_ones_own(stage: Stage) -> str:
    user = stage.world.users["pB"]
    secret = generate_totp_secret()
    token = signing.dumps({"user": str(user.pk), "secret": encryption.encrypt(secret)}, salt=SETUP_SALT)
    sent = {"setup_token": token, "code": make.totp_code(secret), "password": make.PASSWORD}
    return stage.post("pB", "v1:auth-mfa-totp", **sent)[:3]


@losing("accounts.api.flows._has_second_step user", "accounts.middleware._lacks_mfa user_id")
def a_second_step_is_ones_own(stage: Stage) -> tuple[bool, bool]:
    user = stage.world.users["admin"]
    request = RequestFactory().get("/admin/")
    with acting_as_system("test"):
        Authenticator.objects.filter(user=user).delete()
        return flows._has_second_step(user), middleware._lacks_mfa(request, user)


@losing("accounts.api.flows._signed_in pk")
def who_signed_in_gets_the_session(stage: Stage) -> int:
    request: Any = RequestFactory().get("/")
    request.user, request.session = stage.world.users["dB"], SessionStore()
    return flows._signed_in(request).status_code


@losing("accounts.services.sessions.end_all Q objects", "accounts.services.sessions.end_all pk")
def signing_out_ends_impersonations_of_oneself(stage: Stage) -> bool:
    with acting_as_system("test"):
        of_a = ImpersonationSession.objects.create(
            admin=stage.world.users["admin"],
            user=stage.world.users["pA"],
            reason="x",
            expires_at=timezone.now(),
        )
        sessions.end_all(user=stage.world.users["pB"])
        of_a.refresh_from_db()
        return of_a.ended_at is None


@losing("accounts.services.sessions.open_api_session pk")
def an_api_session_is_of_who_signed_in(stage: Stage) -> bool:
    user = stage.world.users["pB"]
    return sessions.open_api_session(user=user).session.auth_digest == user.get_session_auth_hash()


# --- People ---------------------------------------------------------------------------------------------------


@losing("accounts.services.claims._own user")
def a_claimed_record_replaces_ones_own(stage: Stage) -> Any:
    with acting_as_system("test"):
        own = claims._own(stage.world.users["pB"])
        return own and own.patient_id


@losing("accounts.services.claims.claim pk")
def the_record_that_is_claimed_was_chosen(stage: Stage) -> str:
    user, chosen = stage.world.users["pA"], stage.world.patients["desk"]
    return claims.claim(user=user, patient_id=chosen.pk, relationship="other").first_name


@losing("accounts.services.claims.claim_own user")
def a_record_of_ones_name_is_claimed(stage: Stage) -> bool:
    names = {"first_name": "Nadia", "last_name": "Nueva"}
    user = make.make_user(email="nadia@example.com", **names)
    make.make_patient_without_account(email="nadia@example.com", **names)
    return claims.claim_own(user=user) is not None


@losing("accounts.services.people._time_zone_of user")
def a_child_lives_in_ones_own_time_zone(stage: Stage) -> str:
    user = stage.world.users["pB"]
    with acting_as_system("test"):
        Profile.objects.filter(user=user).update(time_zone="Asia/Tokyo")
    return people.add_dependent(user=user, relationship="child", first_name="Eva").patient.time_zone


@losing("accounts.services.people.add_dependent pk", "accounts.services.people.add_dependent user")
def a_child_is_added_to_ones_own(stage: Stage) -> None:
    for _ in range(people.MOST_PEOPLE):
        make.make_dependent(stage.world.users["pA"])
    people.add_dependent(user=stage.world.users["pB"], relationship="child", first_name="Eva")


@losing("accounts.services.people.remove_dependent patient")
def a_record_goes_with_its_last_guardian(stage: Stage) -> bool:
    child = stage.world.patients["pB child"]
    people.remove_dependent(user=stage.world.users["pB"], patient_id=child.pk)
    with acting_as_system("test"):
        return Patient.objects.kept().filter(pk=child.pk).exists()


@losing("accounts.services.people.set_avatar user")
def a_photo_is_ones_own(stage: Stage) -> None:
    people.set_avatar(user=stage.world.users["pB"], upload=picture())


@losing("accounts.services.people.remove_avatar user")
def a_photo_that_goes_is_ones_own(stage: Stage) -> None:
    people.remove_avatar(user=stage.world.users["pB"])


@losing(
    "accounts.services.users.remember_language guardianships__user",
    "accounts.services.users.remember_language pk",
)
def a_language_is_ones_own(stage: Stage) -> None:
    user = User(pk=stage.world.users["pB"].pk, language="")
    users.remember_language(user, "en")


# --- Staff ----------------------------------------------------------------------------------------------------


@losing("accounts.impersonating._log_in pk")
def who_is_impersonated_was_not_here(stage: Stage) -> str:
    user = stage.world.users["pB"]
    return stage.post("super", "admin:accounts_user_impersonate", user.pk, reason="Asked to by phone")[:3]


@losing("accounts.admin.users.UserAdmin._user pk", "accounts.api.staff._user pk")
def staff_see_whom_they_chose(stage: Stage) -> tuple[bool, bool]:
    user = stage.world.users["pB"]
    page = stage.get("super", "admin:accounts_user_role", user.pk)
    return WORDS["pB"] in page, WORDS["pB"] in stage.get("super", "v1:admin-user", user.pk)


@losing("accounts.views.photos.photo user_id")
def staff_see_the_photo_they_asked_for(stage: Stage) -> str:
    return stage.get("admin", "accounts:photo-of", stage.world.users["pB"].pk)[:3]


@losing("accounts.services.impersonation.start admin", "accounts.services.impersonation.start pk")
def a_new_impersonation_ends_ones_own(stage: Stage) -> bool:
    with acting_as(identity_for(stage.world.users["super"])):
        other = impersonation.start(user_id=stage.world.users["pA"].pk, reason="Asked to by phone")
    with acting_as(identity_for(stage.world.users["admin"])):
        impersonation.start(user_id=stage.world.users["pB"].pk, reason="Asked to by phone")
    with acting_as_system("test"):
        other.refresh_from_db()
        return other.ended_at is None


@losing("accounts.services.users._user_to_manage pk", "accounts.services.users.ban pk")
def who_is_banned_was_chosen(stage: Stage) -> str:
    with acting_as(identity_for(stage.world.users["super"])):
        return users.ban(user_id=stage.world.users["pB"].pk).email


@losing("accounts.services.users.change_role pk", "accounts.services.users.change_role user")
def who_changes_role_was_chosen(stage: Stage) -> int:
    user = stage.world.users["ph"]
    with acting_as(identity_for(stage.world.users["super"])):
        users.change_role(user_id=user.pk, role="patient")
    with acting_as_system("test"):
        return user.guardianships.count()


@losing("accounts.services.users.unban pk")
def who_may_come_back_was_chosen(stage: Stage) -> bool:
    with acting_as(identity_for(stage.world.users["super"])):
        for name in ("pA", "pB"):
            users.ban(user_id=stage.world.users[name].pk)
        users.unban(user_id=stage.world.users["pB"].pk)
    with acting_as_system("test"):
        return User.objects.get(pk=stage.world.users["pA"].pk).is_active
