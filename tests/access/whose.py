"""Every place where the product's code asks a query for somebody's rows, found by reading the code."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.apps import apps

from tests.forgetting import POSITIONAL

ROOT = Path(__file__).resolve().parents[2]
CODE = ("accounts", "bookings", "doctors", "messaging", "medai/administration", "medai/common")

# Whose rows are wanted; the last part may be followed by __in or __id.
PEOPLE = ("user", "patient", "doctor", "guardianships__user", "recipient", "admin", "person")
WHOSE = frozenset(f"{name}{end}" for name in PEOPLE for end in ("", "_id", "__in", "_id__in", "__id"))
# Keys are somebody's where they come from an identity.
KEYS = frozenset({"pk", "pk__in", "id", "id__in"})
OF_IDENTITY = ("patient_ids", "doctor_ids", "user_id", "user.pk", "user_of")
ASKING = frozenset(
    {"filter", "get", "get_or_create", "update_or_create", "exclude", "get_object_or_404", "Q"}
)


@cache
def asked_for() -> frozenset[tuple[str, str]]:
    """Function, as a dotted path, and the condition of its that says whose rows it wants."""
    found = set()
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                found |= set(conditions_in(path.read_text(), module))
    return frozenset(found)


def conditions_in(code: str, module: str) -> Iterator[tuple[str, str]]:
    yield from _in(ast.parse(code), module)


def _in(tree: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _in(node, f"{name}.{node.name}")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for inner in ast.walk(node):
                yield from ((f"{name}.{node.name}", condition) for condition in _conditions(inner))


def _conditions(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Attribute):
        # doctor.offices.filter(…)
        owner, fields = _last_name(node.func.value.value), _related().get(node.func.value.attr, ())
        yield from [owner] if owner in fields else fields
    if called not in ASKING:
        return
    names = [
        one.arg
        for one in node.keywords
        if one.arg and (one.arg in WHOSE or (one.arg in KEYS and _is_of_identity(one.value)))
    ]
    yield from names if called != "Q" else [POSITIONAL] * bool(names)


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_of_identity(value: ast.AST) -> bool:
    return any(part in ast.unparse(value) for part in OF_IDENTITY)


@cache
def _related() -> dict[str, tuple[str, ...]]:
    """By the name a person's model has for rows that point to it, the name of the field that does."""
    found: dict[str, set[str]] = {}
    for model in ("accounts.User", "accounts.Patient", "doctors.Doctor"):
        for relation in apps.get_model(model)._meta.related_objects:
            if (accessor := relation.get_accessor_name()) and relation.one_to_many:
                found.setdefault(accessor, set()).add(relation.field.name)
    return {name: tuple(fields) for name, fields in found.items()}
