"""django-allauth's hooks: where its flows meet our services, texts and rules."""

import io
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.email_verification import verify_email
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import devices, mail
from accounts.errors import EmailTaken
from accounts.models import Patient, Role, User
from accounts.models.patients import Relationship
from accounts.services import claims, sessions
from accounts.services.users import sign_up
from medai.common import encryption, language
from medai.common.identity import acting_as_system
from medai.common.requests import client_address

SIGN_UP_ROLE = "sign_up_role"
PROVED_BY_CODE = "_proved_by_code"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed. Please write to us if you think this is a mistake."),
        "email_password_mismatch": _("The email and the password do not match."),
        "email_taken": _("There is already an account with this email address."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This is not the code we sent. Please check it, or ask for another."),
        "incorrect_password": _("This is not your password."),
        "same_as_current": _("This is your email address already."),
        "too_many_login_attempts": _("Too many wrong attempts. Please wait five minutes and try again."),
        "rate_limited": _("Too many requests. Please wait a moment and try again."),
    }

    def save_user(self, request: HttpRequest, user: Any, form: BaseForm, commit: bool = True) -> User:
        """The account, made by our own service from what the form asked for."""
        data = form.cleaned_data
        try:
            return sign_up(
                email=data["email"],
                password=data.get("password1") or data.get("password"),
                role=data.get("role") or _chosen_role(request),
                first_name=data.get("first_name", ""),
                last_name=data.get("last_name", ""),
            )
        except EmailTaken:
            # Somebody else took the address since the form was checked: the visitor must not learn of it.
            form.account_already_exists = True  # type: ignore[attr-defined]  # allauth's forms have it
            raise

    def set_password(self, user: Any, password: str) -> None:
        """A new password signs the user out everywhere; a browser that keeps its session gets a new key."""
        with transaction.atomic():
            super().set_password(user, password)
            sessions.end_all(user=user)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        return verify_email(request, email_address)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:home")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:security")

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Whoever proves an address by a mailed code alone is rid of a password that somebody else may have set.

        Anybody can sign up with another's address, and wait with their password until the other comes in.
        """
        if getattr(request, PROVED_BY_CODE, False) and user.has_usable_password():
            user.set_unusable_password()
            with acting_as_system("password of nobody known"):
                user.save(update_fields=["password"])
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """From here on the pages speak the account's language."""
        response = super().post_login(request, user, **kwargs)
        translation.activate(user.language)
        if response is not None and language.is_known(user.language):
            language.remember(response, user.language)
        return response

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_address(request)
        if not address:
            raise PermissionDenied
        return address

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        device = devices.describe(self.request.headers.get("User-Agent", ""))
        mail.post(self.render_mail(template_prefix, email, {"email": email, "device": device, **context}))

    def send_account_already_exists_mail(self, email: str) -> None:
        """To the owner of the address. It takes as long as a new account, most of which is work on the password:
        else the time would tell the visitor what the answer does not.
        """
        make_password("of nobody")
        super().send_account_already_exists_mail(email)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        """The text as the templates have it, and the same as a letter in HTML."""
        message = super().render_mail(template_prefix, email, context, headers)
        letter = {
            "title": message.subject,
            "paragraphs": [part.strip() for part in str(message.body).split("\n\n") if part.strip()],
            "code": context.get("code"),
            "site_name": settings.SITE_NAME,
            "language": translation.get_language(),
        }
        html = render_to_string("account/email/letter.html", letter)
        message.attach_alternative(html, "text/html")  # type: ignore[attr-defined]  # it has a text body
        return message

    def is_safe_url(self, url: str) -> bool:
        """Only this site: allauth would also accept the hosts of CSRF_TRUSTED_ORIGINS."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )


def _chosen_role(request: HttpRequest) -> str:
    role = request.session.get(SIGN_UP_ROLE, Role.PATIENT)
    return role if role in (Role.PATIENT, Role.DOCTOR) else Role.PATIENT


class ProviderNotConfigured(SocialApp.DoesNotExist, Http404):
    """As allauth knows it, and a 404 where it is not caught."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """The provider's credentials; where there are none, its pages do not exist."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise ProviderNotConfigured from None

    def save_user(self, request: HttpRequest, sociallogin: Any, form: BaseForm | None = None) -> User:
        given = sociallogin.account.extra_data or {}
        email = form.cleaned_data["email"] if form else sociallogin.user.email
        with transaction.atomic():
            user = sign_up(
                email=email,
                password=None,
                role=_chosen_role(request),
                first_name=str(given.get("given_name") or "")[:80],
                last_name=str(given.get("family_name") or "")[:80],
            )
            sociallogin.user = user
            sociallogin.save(request)
        return user

    def validate_disconnect(self, account: Any, accounts: Any) -> None:
        """Refuse to take away the last way into an account."""
        user = account.user
        has_passkey = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()
        has_email = EmailAddress.objects.filter(user=user, verified=True).exists()
        if not (user.has_usable_password() or has_passkey or has_email or len(accounts) > 1):
            raise ValidationError(_("Set a password first: without it you could not sign in any more."))


class MfaAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "Staff accounts need a second step. Add another one before you remove this one."
        ),
        "incorrect_code": _(
            "This code is not right. Please check the time on your device and try the next one."
        ),
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME

    def build_totp_svg(self, url: str) -> str:
        """On white whatever the theme: a code on a dark page cannot be scanned."""
        buffer = io.BytesIO()
        segno.make(url, error="m").save(buffer, kind="svg", scale=4, border=4, light="#fff", xmldecl=False)
        return buffer.getvalue().decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """The device at hand is most likely the one that holds the passkey."""
        return devices.describe(context.request.headers.get("User-Agent", ""))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff keep at least one second step."""
        if not authenticator.user.is_staff:
            return True
        second_steps = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=second_steps)
        return others.exclude(pk=authenticator.pk).exists()


def email_confirmed(sender: Any, request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    """allauth tells by signal alone that an address was verified, by whichever of its flows."""
    user = email_address.user
    signed_in_by = [record.get("method") for record in get_authentication_records(request, user)]
    setattr(request, PROVED_BY_CODE, signed_in_by == ["code"])
    with acting_as_system("email confirmed"), transaction.atomic():
        own = Patient.objects.filter(guardianships__user=user, guardianships__relationship=Relationship.SELF)
        own.update(email=user.email or "")
    claims.claim_own(user=user)
