"""Tasks are handed over in one place, which a broker that is down neither fails nor delays for long."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

PRODUCT = ("medai", "accounts", "doctors", "bookings", "messaging")
# Celery's own ways wait seconds for a broker that is down, and then raise: the work would fail with the doorbell.
BARE = frozenset({"delay", "apply_async", "send_task", "signature", "s", "si"})
THE_PLACE = "medai/common/broker.py"
# The base task adds the request's id to what is sent.
ALSO = {THE_PLACE, "medai/common/tasks.py"}


def bare_calls(source: str) -> Iterator[int]:
    """The lines that hand a task to Celery."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in BARE:
            yield node.lineno


def sources() -> Iterator[tuple[str, str]]:
    for package in PRODUCT:
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            yield str(path.relative_to(settings.BASE_DIR)), Path(path).read_text()


def test_tasks_are_sent_by_our_broker_alone() -> None:
    found = {f"{name}:{line}" for name, text in sources() if name not in ALSO for line in bare_calls(text)}
    assert found == set()


def test_what_would_be_found() -> None:
    assert list(bare_calls("task.delay(1)")) == [1]
    assert list(bare_calls("\napp.send_task('x')")) == [2]
    assert list(bare_calls("transaction.on_commit(lambda: task.apply_async(args=[1]))")) == [1]
    assert list(bare_calls("broker.send(task, 1)")) == []
    assert any(bare_calls(dict(sources())[THE_PLACE])), "the place itself does"
