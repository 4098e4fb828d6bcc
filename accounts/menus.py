"""The account's entries in the menus, and how a person is shown in them."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Profile, Role, User
from accounts.services.users import remember_language
from medai.common import language, navigation
from medai.common.identity import acting_as_system
from medai.common.navigation import Entry, Person


def _is_patient(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) == Role.PATIENT


def register() -> None:
    navigation.register(
        "account",
        Entry(_("Profile"), "user-round", "accounts:profile", order=10, also=("accounts:record",)),
        Entry(
            _("People I care for"),
            "users",
            "accounts:people",
            order=20,
            also=(
                "accounts:person-add",
                "accounts:person",
                "accounts:person-remove",
                "accounts:person-claim",
            ),
            when=_is_patient,
        ),
        Entry(
            _("Insurance"),
            "shield-check",
            "accounts:insurance",
            order=30,
            also=("accounts:policy-add", "accounts:policy", "accounts:policy-remove"),
            when=_is_patient,
        ),
        Entry(
            _("Security"),
            "lock",
            "accounts:security",
            order=40,
            also=(
                "accounts:sessions",
                "account_change_password",
                "account_set_password",
                "account_email",
                "mfa_index",
                "mfa_activate_totp",
                "mfa_deactivate_totp",
                "mfa_view_recovery_codes",
                "mfa_generate_recovery_codes",
                "mfa_list_webauthn",
                "mfa_add_webauthn",
                "mfa_edit_webauthn",
                "mfa_remove_webauthn",
                "socialaccount_connections",
                "usersessions_list",
            ),
        ),
        Entry(_("Privacy"), "file-text", "accounts:privacy", order=90),
    )
    navigation.register("person", Entry(_("Settings"), "settings", "accounts:profile", order=50))
    navigation.person_provider(describe)
    language.on_choice(remember_language)


def describe(user: Any) -> Person:
    """Name, kind of account and photo, read once for each request."""
    known: Person | None = getattr(user, "_person", None)
    if known is None:
        known = user._person = _describe(user)
    return known


def _describe(user: User) -> Person:
    if User.profile.is_cached(user):  # the row that the person's clock was read from
        profile = getattr(user, "profile", None)
    else:
        with acting_as_system("page header"):
            profile = Profile.objects.filter(user_id=user.pk).first()
    name = (profile.full_name if profile else "") or user.email or str(user.pk)
    photo = reverse("accounts:photo") if profile and profile.avatar else ""
    if photo and profile:
        # A new photo is a new address, so that browsers may keep the old one.
        photo = f"{photo}?v={int(profile.updated_at.timestamp())}"
    return Person(name=name, subtitle=str(Role(user.role).label), photo_url=photo, key=str(user.pk))
