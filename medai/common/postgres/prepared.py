"""Statements whose plan the server keeps: to plan a short one under row-level security takes longer than to run it.

They are prepared and executed as text, so that any number of them go out in one message, which the protocol's own way
of preparing does not allow.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from psycopg import ClientCursor, Connection
from psycopg.pq import Escaping

# SQL and its parameters. The SQL must be one of a few constant texts, since the server remembers each.
Statement = tuple[str, Sequence[Any] | Mapping[str, Any]]

_PLACEHOLDER = re.compile(r"%(?:%|s|\((\w+)\)s)")


class Prepared:
    """The statements that the server of one connection has prepared."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._numbers = count()
        self._is_in_doubt = False

    def as_text(
        self, cursor: ClientCursor[Any], statements: Sequence[Statement]
    ) -> tuple[list[str], list[str]]:
        """What is to be sent first, and each statement, in SQL without parameters."""
        first = ["DEALLOCATE ALL"] if self._is_in_doubt else []
        self._is_in_doubt = False
        texts = []
        escaping = Escaping(cursor.connection.pgconn)
        for sql, parameters in statements:
            body, order = _numbered(sql)
            if sql not in self._names:
                self._names[sql] = f"medai_{next(self._numbers)}"
                first.append(f"PREPARE {self._names[sql]} AS {body}")
            values = [parameters[key] for key in order]  # type: ignore[index, call-overload]  # names or numbers
            arguments = (
                f"({', '.join([_literal(value, cursor, escaping) for value in values])})" if values else ""
            )
            texts.append(f"EXECUTE {self._names[sql]}{arguments}")
        return first, texts

    def forget(self) -> None:
        """After an error nobody knows what was prepared before it; a changed table is an error too."""
        self._names.clear()
        self._is_in_doubt = True


_of_connections: WeakKeyDictionary[Connection[Any], Prepared] = WeakKeyDictionary()


def prepared_of(connection: Connection[Any]) -> Prepared:
    return _of_connections.setdefault(connection, Prepared())


@functools.cache
def _numbered(sql: str) -> tuple[str, tuple[int | str, ...]]:
    """SQL with the server's numbered parameters, and which parameter each number is."""
    order: list[int | str] = []

    def number(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match[1] is None or match[1] not in order:
            order.append(match[1] or len(order))
        return f"${order.index(match[1]) + 1 if match[1] else len(order)}"

    return _PLACEHOLDER.sub(number, sql), tuple(order)


def _literal(value: Any, cursor: ClientCursor[Any], escaping: Any) -> str:
    """A value as an argument, whose type the server knows; psycopg's own literals say it too, and take their time."""
    kind = type(value)
    if value is None:
        return "NULL"
    if kind in (UUID, datetime):
        return f"'{value}'"
    if kind is int:
        return str(value)
    if kind is list and all(type(each) is UUID for each in value):
        return "'{" + ",".join(map(str, value)) + "}'"
    if kind is list and all(type(each) is str for each in value):
        value = "{" + ",".join(map(_element, value)) + "}"
    if isinstance(value, str) and "\0" not in value:
        return bytes(escaping.escape_literal(value.encode())).decode()
    return cursor.mogrify("%s", [value])


def _element(text: str) -> str:
    """A text as an element of an array's text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
