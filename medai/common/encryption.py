"""Encryption of single values in the database under keys that can be rotated, and digests to find them by."""

import functools
import hashlib
import hmac
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models

__all__ = ["EncryptedTextField", "InvalidToken", "decrypt", "encrypt", "keyed_digest", "rotate"]


@functools.cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS is not set; it must be a list of Fernet keys, newest first."
        )
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS is malformed; each key must be 32 url-safe base64-encoded bytes."
        ) from error


def _current() -> MultiFernet:
    return _fernet(tuple(settings.ENCRYPTION_KEYS))


def encrypt(value: str) -> str:
    """The value under the first key; two calls give two different tokens."""
    return _current().encrypt(value.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """The value under whichever key fits; `InvalidToken` where none does or the token was tampered with."""
    return _current().decrypt(token.encode("ascii", "replace")).decode()


def rotate(token: str) -> str:
    """The same value under the first key."""
    return _current().rotate(token.encode("ascii", "replace")).decode("ascii")


def keyed_digest(value: str, purpose: str) -> str:
    """A hex digest that only this installation can compute, and that no other purpose shares.

    For tokens and contacts that must be found again without being stored. It stands on DIGEST_KEY (else on
    SECRET_KEY), not on ENCRYPTION_KEYS, because it could not be computed anew when those are rotated.
    """
    secret = (settings.DIGEST_KEY or settings.SECRET_KEY).encode()
    key = hmac.digest(secret, f"medai.keyed-digest:{purpose}".encode(), hashlib.sha256)
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that the database only sees encrypted. It can be compared with nothing but null."""

    description = "Encrypted text"

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        value = super().get_db_prep_save(value, connection)
        return encrypt(value) if isinstance(value, str) and value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.name} is encrypted; it cannot be looked up by {lookup_name}.")
