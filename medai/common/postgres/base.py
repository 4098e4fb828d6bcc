"""The database connection that carries the identity of `medai.common.identity` into each transaction.

The identity is sent with `set_config(…, is_local => true)`, so it ends with the transaction and cannot leak
through a pool or PgBouncer in transaction mode.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base
from psycopg import ClientCursor
from psycopg.sql import quote

from medai.common.identity import Identity, current_identity

_NOTHING_SENT = object()
_UNKNOWN = object()

_SETTINGS = ("role", "app.kind", "app.user_id", "app.patient_ids", "app.doctor_ids", "app.actor_id")


def _statement(identity: Identity | None) -> str:
    """The SQL that makes the running transaction this identity's."""
    pairs = zip(_SETTINGS, _values(identity), strict=True)
    return "SELECT " + ", ".join(f"set_config('{name}', {quote(value)}, true)" for name, value in pairs)


def _values(identity: Identity | None) -> list[str]:
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
        if self._is_bare or (identity is None and not self.in_atomic_block):
            return execute(sql, params, many, context)
        if not self.in_atomic_block:
            with transaction.atomic(using=self.alias):
                return self._execute_as(identity, execute, sql, params, many, context)
        # A fresh transaction is nobody's already, so nobody costs nothing.
        unsent_nobody = self._sent is _NOTHING_SENT and identity is None
        if unsent_nobody or self._sent == identity or self.needs_rollback:
            return execute(sql, params, many, context)
        return self._execute_as(identity, execute, sql, params, many, context)

    def _execute_as(
        self,
        identity: Identity | None,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        """Send the identity and then the statement: in one round trip if the cursor takes two statements at once."""
        cursor = context["cursor"].cursor
        if many or not isinstance(sql, str) or not isinstance(cursor, ClientCursor):
            # A cursor of its own: on a server-side cursor the call would be declared, not run.
            with self.wrap_database_errors, self.connection.cursor() as own:
                own.execute(_statement(identity))
            self._sent = identity
            return execute(sql, params, many, context)
        before = _statement(identity)
        if params is not None:
            before = before.replace("%", "%%")
        result = execute(f"{before}; {sql}", params, many, context)
        cursor.nextset()
        self._sent = identity
        return result

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
