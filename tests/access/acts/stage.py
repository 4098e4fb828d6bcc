"""What people do beside other people's rows, for the conditions whose loss no answer of the HTTP matrix shows.

Each act names the conditions without which it would come out differently or change somebody else's rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse

from medai.common.errors import DomainError
from medai.common.identity import acting_as_system
from tests.access.asking import Asker
from tests.access.tables import EXPECTED
from tests.access.world import World

Do = Callable[["Stage"], Any]


@dataclass(frozen=True)
class Act:
    function: str
    condition: str
    do: Do

    def __str__(self) -> str:
        return f"{self.function} {self.condition}"


@dataclass(frozen=True)
class Stage:
    """Where an act takes place."""

    world: World
    asker: Asker

    def get(self, visitor: str, route: str, *arguments: Any, query: str = "") -> str:
        return self._text("GET", visitor, reverse(route, args=arguments) + query, None)

    def post(self, visitor: str, route: str, *arguments: Any, **body: Any) -> str:
        return self._text("POST", visitor, reverse(route, args=arguments), body)

    def _text(self, method: str, visitor: str, path: str, body: dict[str, Any] | None) -> str:
        response = self.asker.send(visitor, method, path, body)
        return f"{response.status_code} {response.content.decode().lower()}"  # type: ignore[attr-defined]


ACTS: list[Act] = []


def losing(*conditions: str) -> Callable[[Do], Do]:
    """An act that goes wrong when any of these conditions, each a function's path and the condition, is lost."""

    def register(do: Do) -> Do:
        ACTS.extend(Act(*condition.split(maxsplit=1), do) for condition in conditions)
        return do

    return register


def what_comes_of(
    act: Act, stage: Stage, refusals: tuple[type[Exception], ...] = (DomainError, ValidationError)
) -> tuple[str, frozenset[tuple[str, str]]]:
    """What the act returns or is refused with, and the rows it changed of those that were there; all of it undone."""
    before = _places()
    with transaction.atomic():
        try:
            with transaction.atomic():
                came_of_it = repr(act.do(stage))
        except refusals as refusal:
            came_of_it = type(refusal).__name__
        after = _places()
        transaction.set_rollback(True)
    return came_of_it, before - after


def _places() -> frozenset[tuple[str, str]]:
    """Each row's place, which changes with the row."""
    every = " UNION ALL ".join(f"SELECT '{table}', ctid::text FROM \"{table}\"" for table in EXPECTED)
    with acting_as_system("test"), connection.cursor() as cursor:
        cursor.execute(every)
        return frozenset(cursor.fetchall())
