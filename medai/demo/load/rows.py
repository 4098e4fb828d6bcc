"""Inserting many rows in one statement, with the times that the demo gives them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import connection, models
from django.db.backends.postgresql.psycopg_any import Range

TAKEN_AS_THEY_ARE = (
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.DecimalField,
    models.ForeignKey,
    models.IntegerField,
    models.TextField,
    models.UUIDField,
)
NAMESPACE = UUID("6f0d1f0e-9d57-4c1b-8f0c-3f5f7f3f9a10")


def identifier(*parts: object) -> UUID:
    """The id of something of the demo, always the same, so that a second run finds it."""
    return uuid5(NAMESPACE, ":".join(map(str, parts)))


def insert(rows: Iterable[models.Model]) -> int:
    """Insert rows of one model as they are, leaving out those that exist; the number of new ones.

    Unlike `bulk_create` it keeps `created_at`, which the demo needs in the past; rows without one are of now.
    Not for models with array columns.
    """
    listed = list(rows)
    if not listed:
        return 0
    model = type(listed[0])
    now = datetime.now(UTC)
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = [_column(field, listed, now) for field in fields]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({names}) "  # noqa: S608  # names come from the models
        f"SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, columns)
        return cursor.rowcount


def _column(field: "models.Field[Any, Any]", rows: list[Any], now: datetime) -> list[Any]:
    """A field's values as PostgreSQL takes them. Most are taken as they are, which is by far the fastest."""
    if field.name in ("created_at", "updated_at"):
        return [getattr(row, field.attname) or row.created_at or now for row in rows]
    values = [getattr(row, field.attname) for row in rows]
    if isinstance(field, TAKEN_AS_THEY_ARE):
        return values
    stored = (field.get_db_prep_save(value, connection) for value in values)
    return [_range(value) if isinstance(value, Range) else value for value in stored]


def _range(value: Range[datetime]) -> str:
    return f"[{value.lower.isoformat()},{value.upper.isoformat()})"  # type: ignore[union-attr]  # never unbounded


def missing(model: type[models.Model], rows: Sequence[models.Model]) -> list[Any]:
    """Those of the rows whose id is not in the database yet."""
    found = set(model._default_manager.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [row for row in rows if row.pk not in found]
