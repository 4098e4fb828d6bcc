"""What staff look up and take away: users by name or contact, the audit log as a file."""

import csv
import json
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone

from accounts.models import AdminAuditLog

COLUMNS = [
    "sequence",
    "occurred_at",
    "actor_id",
    "acting_as_id",
    "action",
    "target_type",
    "target_id",
    "details",
    "ip_address",
    "digest",
]
MOST_ROWS = 100_000
# A spreadsheet would run such a cell as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def matches(text: str) -> Q:
    """Users whose name, email or phone holds the text; each of several words must be found."""
    found = Q()
    for word in text.split():
        found &= (
            Q(email__icontains=word)
            | Q(profile__first_name__icontains=word)
            | Q(profile__last_name__icontains=word)
            | Q(profile__phone__icontains=word)
        )
    return found


def audit_csv(rows: QuerySet[AdminAuditLog]) -> HttpResponse:
    """The rows as a CSV file, oldest first."""
    day = timezone.now().strftime("%Y-%m-%d")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-log-{day}.csv"'
    # Excel reads UTF-8 only after a byte order mark.
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for row in rows.order_by("sequence")[:MOST_ROWS].iterator(chunk_size=2000):
        writer.writerow([_cell(getattr(row, name)) for name in COLUMNS])
    return response


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
