"""The database connection that carries the identity of `medai.common.identity` into each transaction.

The identity is sent with `set_config(…, is_local => true)`, so it ends with the transaction and cannot leak
through a pool or PgBouncer in transaction mode.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base

from medai.common.identity import Identity, current_identity

_NOTHING_SENT = object()
_UNKNOWN = object()

_SEND = """SELECT set_config('role', %s, true), set_config('app.kind', %s, true),
set_config('app.user_id', %s, true), set_config('app.patient_ids', %s, true),
set_config('app.doctor_ids', %s, true), set_config('app.actor_id', %s, true)"""


def _parameters(identity: Identity | None) -> list[str]:
    if identity is None:
        return ["none", "", "", "", "", ""]
    return [
        identity.database_role,
        identity.kind.value,
        str(identity.user_id or ""),
        "{" + ",".join(map(str, identity.patient_ids)) + "}",
        "{" + ",".join(map(str, identity.doctor_ids)) + "}",
        str(identity.actor_id or ""),
    ]


class DatabaseWrapper(base.DatabaseWrapper):
    _is_bare = False  # what is sent now goes without an identity

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sent: object = _NOTHING_SENT
        self.execute_wrappers.append(self._execute_with_identity)

    def _execute_with_identity(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        identity = current_identity()
        if self._is_bare:
            return execute(sql, params, many, context)
        if self.in_atomic_block:
            # A fresh transaction is nobody's already, so nobody costs no round trip.
            unsent_nobody = self._sent is _NOTHING_SENT and identity is None
            if not unsent_nobody and self._sent != identity and not self.needs_rollback:
                self._send(identity)
            return execute(sql, params, many, context)
        if identity is None:
            return execute(sql, params, many, context)
        with transaction.atomic(using=self.alias):
            self._send(identity)
            return execute(sql, params, many, context)

    def _send(self, identity: Identity | None) -> None:
        # A cursor of its own: on a server-side cursor the call would be declared, not run.
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(_SEND, _parameters(identity))
        self._sent = identity

    def connect(self) -> None:
        self._is_bare, self._sent = True, _NOTHING_SENT
        try:
            super().connect()
        finally:
            self._is_bare = False

    def _set_autocommit(self, autocommit: bool) -> None:
        self._sent = _NOTHING_SENT
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs leave it out

    def _savepoint_rollback(self, sid: str) -> None:
        # The block that failed may have been another identity's, and a failed transaction takes nothing but this.
        self._is_bare = True
        try:
            super()._savepoint_rollback(sid)  # type: ignore[misc]  # the stubs leave it out
        finally:
            self._is_bare = False
        # The settings are again what they were at the savepoint, which is not remembered here.
        self._sent = _UNKNOWN
