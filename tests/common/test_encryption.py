"""Values are unreadable in the database, keys can be rotated, digests are ours alone."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection

from medai.common import checks, encryption
from medai.common.encryption import InvalidToken, decrypt, encrypt, keyed_digest, rotate
from medai.common.identity import acting_as_system
from medai.common.models import IdempotencyKey

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_value_comes_back_and_is_never_the_same_twice():
    assert decrypt(encrypt("ñandú 🩺")) == "ñandú 🩺"
    assert encrypt("x") != encrypt("x")


def test_keys_rotate_without_losing_what_the_old_one_wrote(settings):
    settings.ENCRYPTION_KEYS = [OLD]
    token = encrypt("secret")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert decrypt(token) == "secret"
    rotated = rotate(token)
    settings.ENCRYPTION_KEYS = [NEW]
    assert decrypt(rotated) == "secret"
    assert decrypt(encrypt("new")) == "new"
    with pytest.raises(InvalidToken):
        decrypt(token)


@pytest.mark.parametrize(
    "spoil", [lambda token: token[:-2] + "AA", lambda token: token[1:], lambda token: "é", lambda token: ""]
)
def test_tampering_is_noticed(spoil):
    with pytest.raises(InvalidToken):
        decrypt(spoil(encrypt("secret")))


@pytest.mark.parametrize("keys", [[], ["short"], [OLD, "not a key at all"]])
def test_missing_or_malformed_keys_are_named_at_start_up(settings, keys):
    settings.ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="ENCRYPTION_KEYS"):
        encrypt("x")
    [error] = checks.encryption_keys()
    assert "ENCRYPTION_KEYS" in error.msg
    assert not any(key and key in error.msg for key in keys)


def test_digests_differ_by_value_purpose_and_installation(settings):
    settings.DIGEST_KEY = "one"
    digest = keyed_digest("a@example.com", "email")
    assert len(digest) == 64
    assert digest == keyed_digest("a@example.com", "email")
    assert digest != keyed_digest("b@example.com", "email")
    assert digest != keyed_digest("a@example.com", "phone")
    settings.ENCRYPTION_KEYS = [NEW]
    assert digest == keyed_digest("a@example.com", "email"), "rotating keys must not strand what is stored"
    settings.DIGEST_KEY = "two"
    assert digest != keyed_digest("a@example.com", "email")


@pytest.mark.django_db
def test_the_field_encrypts_on_every_way_to_the_database():
    with acting_as_system("test"), connection.cursor() as cursor:
        row = IdempotencyKey.objects.create(scope="s", key="1", answer_body="secret one")
        IdempotencyKey.objects.bulk_create([IdempotencyKey(scope="s", key="2", answer_body="secret two")])
        IdempotencyKey.objects.create(scope="s", key="3", answer_body="")
        cursor.execute("SELECT answer_body FROM common_idempotencykey ORDER BY key")
        stored = [value for (value,) in cursor.fetchall()]
        assert all(value.startswith("gAAAA") for value in stored[:2])
        assert stored[2] == ""
        IdempotencyKey.objects.filter(key="2").update(answer_body="secret three")
        found = list(IdempotencyKey.objects.order_by("key").values_list("answer_body", flat=True))
        assert found == ["secret one", "secret three", ""]
        row.refresh_from_db()
        assert row.answer_body == "secret one"
        row.save()
        row.refresh_from_db()
        assert row.answer_body == "secret one", "saving again does not encrypt twice"


def test_an_encrypted_field_cannot_be_searched():
    with pytest.raises(FieldError, match="encrypted"):
        IdempotencyKey.objects.filter(answer_body="secret")
    assert str(IdempotencyKey.objects.filter(answer_body__isnull=True).query)
    assert encryption.EncryptedTextField().description
