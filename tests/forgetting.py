"""Queries that forget whose rows they want, so that a test can show that somebody would notice."""

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils.module_loading import import_string

# How a condition is named that stands in Q objects.
POSITIONAL = "Q objects"


@contextmanager
def forgetting(
    monkeypatch: pytest.MonkeyPatch, functions: Iterable[str], conditions: Iterable[str]
) -> Iterator[list[str]]:
    """Let the queries of the functions, by their dotted paths, lose these conditions; what was lost, as it happens."""
    codes = [inspect.unwrap(function_at(path)).__code__ for path in functions]
    original = QuerySet._filter_or_exclude
    forgotten: list[str] = []

    def filter_or_exclude(self: Any, negate: bool, args: Any, kwargs: dict[str, Any]) -> Any:
        frame = sys._getframe(1)
        if not negate and any(_is_within(frame, code) for code in codes):
            forgotten.extend(name for name in kwargs if name in conditions)
            kwargs = {name: value for name, value in kwargs.items() if name not in conditions}
            if args and POSITIONAL in conditions:
                forgotten.append(POSITIONAL)
                args = ()
        return original(self, negate, args, kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "_filter_or_exclude", filter_or_exclude)
        yield forgotten


def function_at(path: str) -> Callable[..., Any]:
    """A function by its dotted path, be it a method."""
    try:
        return import_string(path)
    except ImportError:
        owner, name = path.rsplit(".", 1)
        found = getattr(import_string(owner), name)
        return getattr(found, "func", found)  # of a cached property


def _is_within(frame: FrameType | None, code: Any) -> bool:
    """Whether Django was called from the code, comprehensions in it included."""
    while frame is not None and "/django/" in frame.f_code.co_filename:
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename != code.co_filename:
        return False
    return frame.f_code.co_qualname.split(".<locals>")[0] == code.co_qualname
