"""What is written to the audit log has words for those who read it, in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from accounts.models.audit import AuditAction

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "doctors", "bookings", "messaging", "medai")


def recorded() -> Iterator[tuple[str, str]]:
    """Where the log is written, and each code that is written there."""
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                yield from ((f"{path.relative_to(ROOT)}:{function.name}", code) for code in codes(function))


def codes(function: ast.FunctionDef) -> Iterator[str]:
    """The texts that the first argument of `audit.record` can be, be it by way of a name."""
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record":
            sources: list[ast.AST] = [call.args[0]]
            if isinstance(call.args[0], ast.Name):
                sources = [
                    node.value
                    for node in ast.walk(function)
                    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == call.args[0].id
                ]
            found = [
                text
                for source in sources
                for choice in ([source.body, source.orelse] if isinstance(source, ast.IfExp) else [source])
                for text in ([choice.value] if isinstance(choice, ast.Constant) else [])
            ]
            yield from found or [f"(not a text: {ast.unparse(call.args[0])})"]


def test_every_action_that_is_recorded_has_its_words() -> None:
    assert [(where, code) for where, code in recorded() if code not in AuditAction.values] == []


def test_every_word_is_of_an_action_that_is_recorded() -> None:
    assert set(AuditAction.values) == {code for _, code in recorded()}


@pytest.mark.parametrize("action", AuditAction)
def test_the_words_are_translated(action: AuditAction) -> None:
    with translation.override("en"):
        english = str(action.label)
    with translation.override("es"):
        assert str(action.label) != english
