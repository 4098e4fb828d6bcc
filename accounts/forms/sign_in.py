"""allauth's forms in our words and with our widgets; what they check stays theirs."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.errors import EmailTaken
from accounts.models import Role
from medai.common.captcha_fields import CaptchaField, checked
from medai.common.widgets import OneTimeCode, OptionCards

CODE_LENGTH = 6
PASSWORD_HINT = _("At least 10 characters. A few words in a row are easy to remember.")


def _email(field: forms.Field) -> None:
    field.label = _("Email")
    field.widget = forms.EmailInput(attrs={"autocomplete": "email"})


def _password(field: forms.Field, autocomplete: str) -> None:
    field.widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})


def _code(field: forms.Field, label: Any) -> None:
    field.label = label
    field.widget = OneTimeCode(length=CODE_LENGTH)


class SignInForm(account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["login"])
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        _password(self.fields["password"], "current-password")


class _Anonymous(forms.Form):
    """What nobody in particular sends, and mails somebody."""

    captcha = CaptchaField()

    def clean_captcha(self) -> str:
        return checked(self.cleaned_data["captcha"], address=audit.current_address() or "")


class SignUpForm(_Anonymous, account.SignupForm):
    role = forms.ChoiceField(
        label=_("How will you use MedAI?"),
        choices=[(Role.PATIENT, _("I need care")), (Role.DOCTOR, _("I am a doctor"))],
        initial=Role.PATIENT,
        widget=OptionCards(
            details={
                Role.PATIENT: _("For me or for my family"),
                Role.DOCTOR: _("I want to see patients"),
            },
            icons={Role.PATIENT: "heart", Role.DOCTOR: "stethoscope"},
        ),
    )
    first_name = forms.CharField(
        label=_("First name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    field_order = ["role", "first_name", "last_name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])
        if "password1" in self.fields:
            self.fields["password1"].label = _("Password")
            self.fields["password1"].help_text = PASSWORD_HINT
            _password(self.fields["password1"], "new-password")

    def try_save(self, request: HttpRequest) -> Any:
        try:
            return super().try_save(request)
        except EmailTaken:
            # Taken since the form was checked; now it goes the way of every address that has an account.
            self.account_already_exists = True
            return super().try_save(request)


class RequestCodeForm(_Anonymous, account.RequestLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])


class ResetPasswordForm(_Anonymous, account.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])


class LoginCodeForm(account.ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("Code from the email"))


class EmailCodeForm(account.ConfirmEmailVerificationCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("Code from the email"))


class ResetCodeForm(account.ConfirmPasswordResetCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("Code from the email"))


def _second_step(form: forms.Form) -> None:
    # A recovery code is longer than a code of the app, so the field is not cut at six digits.
    form.fields["code"].label = _("Code from your app, or a recovery code")
    form.fields["code"].widget = forms.TextInput(
        attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 12}
    )


class SecondStepForm(mfa.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _second_step(self)


class SecondStepAgainForm(mfa.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _second_step(self)


class ActivateTotpForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("Code from the app"))


# --- Passwords and email of somebody signed in -------------------------------------------------------------


def _new_password(form: forms.Form) -> None:
    """One field with an eye to look at what was typed, instead of typing it twice."""
    form.fields.pop("password2", None)
    form.fields["password1"].label = _("New password")
    form.fields["password1"].help_text = PASSWORD_HINT
    _password(form.fields["password1"], "new-password")


class NewPasswordForm(account.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_password(self)


class SetPasswordForm(account.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_password(self)


class ChangePasswordForm(account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_password(self)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["oldpassword"].help_text = ""
        _password(self.fields["oldpassword"], "current-password")


class PasswordAgainForm(account.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        _password(self.fields["password"], "current-password")


class ChangeEmailForm(account.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])
        self.fields["email"].label = _("New email")
