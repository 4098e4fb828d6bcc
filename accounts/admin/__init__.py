"""Accounts in the staff's console."""

from allauth.account.admin import EmailAddress, EmailConfirmation
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.admin import UserSession
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group

from accounts.admin import audit, insurance, patients, users

__all__ = ["audit", "auth_admin", "insurance", "patients", "users"]

# Ways into an account are the person's own business: staff ban, but do not hand out keys.
for model in (
    EmailAddress,
    EmailConfirmation,
    Authenticator,
    SocialAccount,
    SocialApp,
    SocialToken,
    UserSession,
    Group,
):
    try:
        admin.site.unregister(model)
    except NotRegistered:
        continue
