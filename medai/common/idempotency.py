"""The same request sent twice has one effect: the first answer is kept for a day and given again.

The key's row, the effect and the answer are one transaction. A second request with the same key meets the
unique index, waits there until the first has ended, and then gets the first one's answer.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, models, transaction
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from medai.common.database import LOCK_TIMEOUT, retrying, sqlstate
from medai.common.encryption import EncryptedTextField, keyed_digest
from medai.common.errors import Busy, IdempotencyKeyReused, InvalidInput
from medai.common.identity import acting_as_system
from medai.common.models import BaseModel
from medai.common.requests import client_address

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 200
LONGEST_WAIT = "10s"

_CLAIM = """
INSERT INTO common_idempotencykey
    (id, created_at, updated_at, user_id, scope, key, route, request_hash, answer_status, answer_body)
VALUES (%s, clock_timestamp(), clock_timestamp(), %s, %s, %s, %s, %s, 0, '')
ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""


class IdempotencyKey(BaseModel):
    """A request that was answered. `answer_status` is 0 only inside the transaction that is answering it."""

    user_id = models.UUIDField(null=True, blank=True)
    scope = models.CharField(max_length=100)
    key = models.CharField(max_length=LONGEST_KEY)
    route = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    answer_status = models.PositiveSmallIntegerField(default=0)
    # What is answered may be personal, and a signed-up person's tokens are in it too.
    answer_body = EncryptedTextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotencykey_unique_in_scope"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotencykey_age")]

    def __str__(self) -> str:
        return f"{self.route} {self.created_at:%Y-%m-%d %H:%M}"


class KeyMalformed(InvalidInput):
    code = "idempotency_key_malformed"
    message = _("The idempotency key must be 1 to 200 visible ASCII characters, best a random UUID.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept: a status and any text. Where `is_kept` is False the key is free again."""

    status: int
    body: str
    is_kept: bool = True
    is_replayed: bool = False


@retrying
def run_once(
    *,
    scope: str,
    key: str,
    route: str,
    request_hash: str,
    user_id: uuid.UUID | None,
    function: Callable[[], Answer],
) -> Answer:
    """The function's answer, or the earlier one to the same request, without calling the function.

    The function runs in this call's transaction; an exception from it leaves no trace of the key. The same
    key with another request is `IdempotencyKeyReused`.
    """
    if not 1 <= len(key) <= LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        raise KeyMalformed(field="Idempotency-Key")
    with transaction.atomic():
        identifier = uuid.uuid4()
        parameters = [identifier, user_id, scope, key, route[:200], request_hash]
        with acting_as_system("idempotency"):
            earlier = _claim(parameters)
        if earlier is not None:
            if earlier.request_hash != request_hash:
                raise IdempotencyKeyReused
            return Answer(earlier.answer_status, earlier.answer_body, is_replayed=True)
        answer = function()
        with acting_as_system("idempotency"):
            row = IdempotencyKey.objects.filter(pk=identifier)
            if answer.is_kept:
                row.update(answer_status=answer.status, answer_body=answer.body)
            else:
                row.delete()
        return answer


def _claim(parameters: list[Any]) -> IdempotencyKey | None:
    """None where the key is ours now, else the row of the request that had it first."""
    with connection.cursor() as cursor:
        # The wait for a running request with the same key is bounded; the services set their own bounds.
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LONGEST_WAIT])
        try:
            cursor.execute(_CLAIM, parameters)
        except OperationalError as error:
            raise (Busy if sqlstate(error) == LOCK_TIMEOUT else error) from error
        is_ours = cursor.fetchone() is not None
        if not is_ours:
            earlier = IdempotencyKey.objects.filter(scope=parameters[2], key=parameters[3])
            outlived = earlier.filter(created_at__lt=_forgotten_before())
            if outlived.delete()[0]:
                cursor.execute(_CLAIM, parameters)
                is_ours = cursor.fetchone() is not None
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    return None if is_ours else earlier.get()


def scope_of(request: HttpRequest, user_id: uuid.UUID | None) -> str:
    """Whose key it is: the user's, else this browser session's, else this address's."""
    if user_id is not None:
        return f"user:{user_id}"
    session = getattr(request, "session", None)
    if session is not None and session.session_key:
        return f"session:{keyed_digest(session.session_key, 'idempotency')}"
    return f"client:{keyed_digest(client_address(request), 'idempotency')}"


def fingerprint(path: str, data: Any) -> str:
    """A digest of what was sent; the order of keys and the spacing of JSON make no difference."""

    def plain(value: Any) -> Any:
        if isinstance(value, UploadedFile):
            digest = hashlib.sha256()
            for chunk in value.chunks():
                digest.update(chunk)
            value.seek(0)
            return [value.name, digest.hexdigest()]
        return str(value)

    # A MultiValueDict would show json only the last of each name's values.
    sent = dict(data.lists()) if isinstance(data, MultiValueDict) else data
    text = json.dumps([path, sent], sort_keys=True, default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _forgotten_before() -> Any:
    return models.functions.Now() - KEPT_FOR


def clean() -> int:
    """Forget answers older than a day; how many."""
    with acting_as_system("idempotency"):
        return IdempotencyKey.objects.filter(created_at__lt=_forgotten_before()).delete()[0]
