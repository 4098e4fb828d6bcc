"""Accounts: signing up, and what staff may do to them."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language

from accounts import audit
from accounts.errors import EmailTaken, OwnAccount, RoleNotChangeable, RoleNotOpen, StaffOnlyBySuperAdmin
from accounts.models import STAFF_ROLES, Guardianship, Patient, Profile, Role, User
from accounts.models.patients import Relationship
from accounts.services import sessions
from medai.common import language as languages
from medai.common import outbox
from medai.common.database import constraint_errors
from medai.common.errors import NotFound, PermissionRefused
from medai.common.identity import Identity, Kind, acting_as_system, current_identity

OPEN_ROLES = frozenset({Role.PATIENT, Role.DOCTOR})
STAFF_KINDS = frozenset({Kind.ADMIN, Kind.SUPER_ADMIN})


@transaction.atomic
def sign_up(
    *,
    email: str,
    password: str | None,
    role: str = Role.PATIENT,
    first_name: str = "",
    last_name: str = "",
    language: str | None = None,
    time_zone: str | None = None,
) -> User:
    """A new account with its profile; a patient's also with the record of the person.

    Without a password the account can only be entered by code, Google or passkey. Raises `EmailTaken`.
    """
    if role not in OPEN_ROLES:
        raise RoleNotOpen(field="role")
    if language is None or not languages.is_known(language):
        language = get_language()
    if language is None or not languages.is_known(language):
        language = settings.LANGUAGE_CODE
    with acting_as_system("sign up"):
        with constraint_errors({"accounts_user_email_key": EmailTaken(field="email")}):
            user = User.objects.create_user(email, password, role=role, language=language)
        profile = Profile.objects.create(
            user=user,
            first_name=first_name,
            last_name=last_name,
            time_zone=time_zone or settings.DEFAULT_PERSON_TIME_ZONE,
        )
        if role == Role.PATIENT:
            _create_own_record(user, profile)
        outbox.record("user.signed_up", user, role=role)
    return user


def _create_own_record(user: User, profile: Profile) -> Patient:
    patient = Patient.objects.create(
        first_name=profile.first_name,
        last_name=profile.last_name,
        email=user.email or "",
        phone=profile.phone,
        language=user.language,
        time_zone=profile.time_zone,
    )
    Guardianship.objects.create(user=user, patient=patient, relationship=Relationship.SELF)
    return patient


def remember_language(user: User, code: str) -> None:
    """Keep the language a person chose, for the next visit and for messages."""
    if languages.is_known(code) and user.language != code:
        with acting_as_system("language"):
            User.objects.filter(pk=user.pk).update(language=code)
            Patient.objects.filter(
                guardianships__user=user, guardianships__relationship=Relationship.SELF
            ).update(language=code)
        user.language = code


@transaction.atomic
def ban(*, user_id: UUID) -> User:
    """Close an account and end all its sessions and tokens at once."""
    user = _user_to_manage(user_id)
    if user.is_active:
        User.objects.filter(pk=user.pk).update(is_active=False)
        user.is_active = False
        sessions.end_all(user=user)
        audit.record("banned_user", user, is_active=[True, False])
        outbox.record("user.banned", user)
    return user


@transaction.atomic
def unban(*, user_id: UUID) -> User:
    """Open an account again; the person has to sign in anew."""
    user = _user_to_manage(user_id)
    if not user.is_active:
        User.objects.filter(pk=user.pk).update(is_active=True)
        user.is_active = True
        audit.record("unbanned_user", user, is_active=[False, True])
        outbox.record("user.unbanned", user)
    return user


@transaction.atomic
def change_role(*, user_id: UUID, role: str) -> User:
    """Make an account another kind of account, and end its sessions: the next sign-in follows the new rules."""
    if role not in Role.values:
        raise RoleNotChangeable(field="role")
    user = _user_to_manage(user_id)
    before = user.role
    if role == before:
        return user
    if STAFF_ROLES & {role, before} and _staff().kind != Kind.SUPER_ADMIN:
        raise StaffOnlyBySuperAdmin(field="role")
    with acting_as_system("change role"):
        User.objects.filter(pk=user.pk).update(role=role)
        user.role = role
        if role == Role.PATIENT and not user.guardianships.filter(relationship=Relationship.SELF).exists():
            profile, _ = Profile.objects.get_or_create(user=user)
            _create_own_record(user, profile)
    sessions.end_all(user=user)
    audit.record("updated_user_role", user, role=[before, role])
    outbox.record("user.role_changed", user, before=before, role=role)
    return user


def _staff() -> Identity:
    identity = current_identity()
    if identity is None or identity.kind not in STAFF_KINDS:
        raise PermissionRefused
    return identity


def _user_to_manage(user_id: UUID) -> User:
    """The account, locked, if the acting member of staff may manage it: nobody their own, staff only from above."""
    staff = _staff()
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound
    if user.pk == staff.user_id:
        raise OwnAccount
    if user.is_staff and staff.kind != Kind.SUPER_ADMIN:
        raise StaffOnlyBySuperAdmin
    return user
