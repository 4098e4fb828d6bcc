"""allauth's passkey forms, which here also refuse what no browser sends; the API's inputs are built on the same."""

import struct
from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 100
# What decoding comes upon where bytes and fields are others than it takes for granted.
_NONSENSE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)


class CredentialField(forms.JSONField):
    """What a passkey answered: an object, and not one without end."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            found = super().to_python(value)
        except RecursionError:
            found = value
        if found is not None and not _has_shape(found):
            raise get_adapter().validation_error("incorrect_code")
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return None


def _has_shape(credential: Any) -> bool:
    return (
        isinstance(credential, dict)
        and credential.get("type") == "public-key"
        and isinstance(credential.get("id"), str)
        and credential.get("id") == credential.get("rawId")
        and isinstance(credential.get("response"), dict)
    )


class ReadsCredential(forms.Form):
    """For a passkey form of allauth: a credential that cannot be read is a wrong one, as one that does not fit is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField()

    def read(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        except _NONSENSE as error:
            raise get_adapter().validation_error("incorrect_code") from error
        except ValidationError as error:
            # Of the key of an account, which the credential carries: nobody typed it.
            if getattr(error, "code", None) == "invalid":
                raise get_adapter().validation_error("incorrect_code") from error
            raise


class SignsIn(ReadsCredential):
    def clean_credential(self) -> Any:
        return self.read(super().clean_credential)  # type: ignore[misc]  # allauth's form is mixed in beside this


class PasskeyForm(SignsIn, webauthn.LoginWebAuthnForm):
    pass


class SecondStepPasskeyForm(SignsIn, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(SignsIn, webauthn.ReauthenticateWebAuthnForm):
    pass


def _name(field: forms.Field) -> None:
    field.label = _("Name")
    field.validators.append(MaxLengthValidator(NAME_LENGTH))
    field.widget.attrs["maxlength"] = NAME_LENGTH


class AddPasskeyForm(ReadsCredential, webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self.fields["name"])
        self.fields["name"].help_text = _("So that you recognise it later, such as “My phone”.")
        self.fields["passwordless"].label = _("Sign in with it alone, without a password")
        self.fields["passwordless"].help_text = ""
        self.fields["passwordless"].initial = True

    def clean(self) -> Any:
        return self.read(super().clean)


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self.fields["name"])
