"""The database connection that carries the identity of `medai.common.identity` into each transaction.

The identity is sent with `set_config(…, is_local => true)`, so it ends with the transaction and cannot leak
through a pool or PgBouncer in transaction mode. It goes out together with the statement that needs it, and so does the
BEGIN before it: nobody waits for them.
"""

import functools
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base
from psycopg import ClientCursor, ProgrammingError
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.sql import quote

from medai.common.identity import Identity, current_identity
from medai.common.postgres.prepared import Statement, prepared_of

_NOTHING_SENT = object()
_UNKNOWN = object()

Rows = list[tuple[Any, ...]]

_PLAIN = re.compile(r"[a-z0-9_{},-]*")
_OPEN = (TransactionStatus.ACTIVE, TransactionStatus.INTRANS, TransactionStatus.INERROR)
_SETTINGS = ("role", "app.kind", "app.user_id", "app.patient_ids", "app.doctor_ids", "app.actor_id")
# Prepared statements look up rows by their keys: there is nothing to plan again for other keys.
_KEEP_PLANS = "set_config('plan_cache_mode', 'force_generic_plan', true)"


@functools.lru_cache(maxsize=1024)
def _statement(identity: Identity | None) -> str:
    """The SQL that makes the running transaction this identity's."""
    pairs = zip(_SETTINGS, _values(identity), strict=True)
    sent = ", ".join(f"set_config('{name}', {_quoted(value)}, true)" for name, value in pairs)
    return f"SELECT {sent}, {_KEEP_PLANS}"


def _quoted(value: str) -> str:
    """Names and keys have nothing to escape, which psycopg takes its time to find out."""
    return f"'{value}'" if _PLAIN.fullmatch(value) else quote(value)


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


def _rows_and_go_on(cursor: ClientCursor[Any]) -> Rows:
    result = cursor.pgresult
    rows = cursor.fetchall() if result and result.status == ExecStatus.TUPLES_OK else []
    cursor.nextset()
    return rows


class DatabaseWrapper(base.DatabaseWrapper):
    _is_bare = False  # what is sent now goes without an identity

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sent: object = _NOTHING_SENT
        self.execute_wrappers.append(self._execute_with_identity)

    def _execute_with_identity(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        identity = current_identity()
        before = self._statements_before(identity)
        if not before:
            return execute(sql, params, many, context)
        cursor = context["cursor"].cursor
        if not many and isinstance(sql, str) and isinstance(cursor, ClientCursor):
            # Statements that are sent at once are one transaction, also where none was opened.
            result = self._execute_after(before, execute, sql, params, context)
        elif self.in_atomic_block:
            # A cursor of its own: on a server-side cursor the call would be declared, not run.
            with self.wrap_database_errors, self.connection.cursor() as own:
                own.execute("; ".join(before))
            result = execute(sql, params, many, context)
        else:
            with transaction.atomic(using=self.alias):
                return self._execute_with_identity(execute, sql, params, many, context)
        if not self.autocommit:
            self._sent = identity
        return result

    def _statements_before(self, identity: Identity | None) -> list[str]:
        """What the server has to be told before the next statement."""
        begin = ["BEGIN"] if not self.autocommit and self._is_idle else []
        if begin:
            self._sent = _NOTHING_SENT
        # A fresh transaction is nobody's already, so nobody costs nothing.
        is_told = self._sent == identity or (self._sent is _NOTHING_SENT and identity is None)
        if self._is_bare or is_told or self.needs_rollback:
            return begin
        return [*begin, _statement(identity)]

    @property
    def _is_idle(self) -> bool:
        """Whether the server has no transaction of this connection."""
        # Not by `info`, which is made anew each time: this is asked before every statement.
        return self.connection.pgconn.transaction_status == TransactionStatus.IDLE  # type: ignore[no-any-return]

    def _execute_after(
        self,
        before: list[str],
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        context: dict[str, Any],
    ) -> Any:
        """Send statements and the one they prepare for in one round trip; the cursor then stands at the last."""
        text = "; ".join(before)
        if params is not None:
            text = text.replace("%", "%%")
        result = execute(f"{text}; {sql}", params, False, context)
        for _ in before:
            context["cursor"].cursor.nextset()
        return result

    def execute_together(self, statements: Sequence[Statement]) -> list[Rows]:
        """The rows of each statement, all of them sent in one round trip; see `medai.common.database`."""
        self.validate_thread_sharing()
        self.validate_no_broken_transaction()
        self.close_if_health_check_failed()
        self.ensure_connection()
        identity = current_identity()
        before = self._statements_before(identity)
        with self._logged(statements), self.wrap_database_errors:
            answers = self._send_prepared(before, statements)
        if not self.autocommit:
            self._sent = identity
        return answers

    def _send_prepared(self, before: list[str], statements: Sequence[Statement]) -> list[Rows]:
        cursor = ClientCursor(self.connection)
        try:
            first, texts = self._as_text(cursor, before, statements)
            cursor.execute("; ".join(first + texts))
        except BaseException:
            prepared_of(self.connection).forget()
            raise
        for _ in first:
            cursor.nextset()
        return [_rows_and_go_on(cursor) for _ in texts]

    def _as_text(
        self, cursor: ClientCursor[Any], before: list[str], statements: Sequence[Statement]
    ) -> tuple[list[str], list[str]]:
        """What goes first, and the statements."""
        if self.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
            # Behind PgBouncer what one transaction has prepared is unknown to the next.
            return before, [cursor.mogrify(*each) for each in statements]
        preparing, texts = prepared_of(self.connection).as_text(cursor, statements)
        return before + preparing, texts

    @contextmanager
    def _logged(self, statements: Sequence[Statement]) -> Iterator[None]:
        started = time.monotonic()
        yield
        if self.queries_logged:
            taken = f"{time.monotonic() - started:.3f}"
            cursor = ClientCursor(self.connection)
            self.queries_log.extend({"sql": cursor.mogrify(*each), "time": taken} for each in statements)

    def create_cursor(self, name: str | None = None) -> Any:
        if name is None or self.autocommit:
            return super().create_cursor(name)
        # psycopg, which does not know of the transaction, would have the server keep the rows beyond it.
        return base.ServerSideCursor(self.connection, name=name, scrollable=False, withhold=False)  # type: ignore[call-arg]  # the stubs leave it out

    def connect(self) -> None:
        self._is_bare, self._sent = True, _NOTHING_SENT
        try:
            super().connect()
        finally:
            self._is_bare = False

    def _set_autocommit(self, autocommit: bool) -> None:
        self._sent = _NOTHING_SENT
        if autocommit and self.connection.pgconn.transaction_status in _OPEN:
            # What comes next would be somebody else's, in a transaction that nobody ends.
            with self.wrap_database_errors:
                raise ProgrammingError("Commit or roll back before autocommit is switched on.")
        # To psycopg it always is on, or it would send a BEGIN of its own and wait for it.
        if not self.connection.autocommit:
            super()._set_autocommit(True)  # type: ignore[misc]  # the stubs leave it out

    def _savepoint_rollback(self, sid: str) -> None:
        # The block that failed may have been another identity's, and a failed transaction takes nothing but this.
        self._is_bare = True
        try:
            super()._savepoint_rollback(sid)  # type: ignore[misc]  # the stubs leave it out
        finally:
            self._is_bare = False
        # The settings are again what they were at the savepoint, which is not remembered here.
        self._sent = _UNKNOWN
