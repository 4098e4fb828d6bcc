"""Row-level security as migration operations, and the short list of tables that do without it.

Each policy is for one group role and compares one indexed column, because PostgreSQL plans a policy that joins
several roles with OR as a sequential scan.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.migrations.operations.base import Operation, OperationCategory

from medai.common import roles
from medai.common.identity import Kind

OWN_PATIENTS = "patient_id = ANY ((SELECT app.patient_ids())::uuid[])"
OWN_DOCTORS = "doctor_id = ANY ((SELECT app.doctor_ids())::uuid[])"
OWN_USER = "user_id = (SELECT app.user_id())"
ALL = "true"

EVERY_KIND = tuple(Kind)
SIGNED_IN = (Kind.PATIENT, Kind.DOCTOR, Kind.PHARMACIST, Kind.ADMIN, Kind.SUPER_ADMIN)
STAFF = (Kind.ADMIN, Kind.SUPER_ADMIN)

VERBS = ("select", "insert", "update", "delete")

OPEN_TABLES = {
    "django_content_type": "names of models only; the admin reads it for everybody",
    "django_migrations": "names of migrations only",
    "django_session": "read before the identity is known; keyed by an unguessable random key",
    "django_admin_log": "written by the admin beside the audit log; staff only by the admin's own guards",
    "auth_permission": "names of permissions only; roles decide, not rows of this table",
    "auth_group": "unused by the role model, kept by Django",
    "auth_group_permissions": "unused by the role model, kept by Django",
    "socialaccount_socialapp": "unused: providers are configured by settings",
}


@dataclass(frozen=True)
class Rule:
    """What one or several kinds of identity may do with which rows of a table.

    `verbs` is a space-separated choice of select, insert, update and delete. `using` is the SQL condition on rows
    that are read or changed, `check` the one on rows as they are written (`using` where it is left out).
    """

    kinds: Kind | Iterable[Kind]
    verbs: str
    using: str = ALL
    check: str | None = None

    def statements(self, table: str) -> Iterable[str]:
        kinds = (self.kinds,) if isinstance(self.kinds, Kind) else tuple(self.kinds)
        for kind in kinds:
            role = f"medai_{kind.value}"
            for verb in self.verbs.split():
                if verb not in VERBS:
                    raise ValueError(f"{verb!r} is not one of {', '.join(VERBS)}")
                using = "" if verb == "insert" else f" USING ({self.using})"
                check = f" WITH CHECK ({self.check or self.using})" if verb in ("insert", "update") else ""
                yield f'GRANT {verb.upper()} ON "{table}" TO {role}'
                yield f'CREATE POLICY "{kind.value}_{verb}" ON "{table}" FOR {verb.upper()} TO {role}{using}{check}'


class ProtectTable(Operation):
    """Switch on row-level security for a table, its owner included, and give each kind its rules."""

    reduces_to_sql = True
    reversible = True
    category = OperationCategory.SQL

    def __init__(self, table: str, rules: list[Rule]) -> None:
        self.table = table
        self.rules = rules

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__qualname__, [self.table, self.rules], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Policies are no part of the models' state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(f'ALTER TABLE "{self.table}" ENABLE ROW LEVEL SECURITY')
        schema_editor.execute(f'ALTER TABLE "{self.table}" FORCE ROW LEVEL SECURITY')
        # The login itself reads no row without a group role, yet gets an empty answer instead of an error.
        schema_editor.execute(f'GRANT SELECT ON "{self.table}" TO {roles.LOGIN}')
        for rule in self.rules:
            for statement in rule.statements(self.table):
                schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for rule in self.rules:
            for statement in rule.statements(self.table):
                if statement.startswith("CREATE POLICY"):
                    schema_editor.execute(f'DROP POLICY {statement.split()[2]} ON "{self.table}"')
                else:
                    schema_editor.execute(statement.replace("GRANT", "REVOKE", 1).replace(" TO ", " FROM "))
        schema_editor.execute(f'REVOKE ALL ON "{self.table}" FROM {roles.LOGIN}')
        schema_editor.execute(f'ALTER TABLE "{self.table}" NO FORCE ROW LEVEL SECURITY')
        schema_editor.execute(f'ALTER TABLE "{self.table}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        return f"Protect the rows of {self.table}"


class AppendOnly(Operation):
    """Refuse UPDATE, DELETE and TRUNCATE of a table, to the owner as well: its rows can only be added to."""

    reduces_to_sql = True
    reversible = True
    category = OperationCategory.SQL

    def __init__(self, table: str) -> None:
        self.table = table

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__qualname__, [self.table], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Triggers are no part of the models' state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(
            f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{self.table}" '
            "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
        )
        schema_editor.execute(
            f'CREATE TRIGGER never_emptied BEFORE TRUNCATE ON "{self.table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change()"
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for trigger in ("append_only", "never_emptied"):
            schema_editor.execute(f'DROP TRIGGER {trigger} ON "{self.table}"')

    def describe(self) -> str:
        return f"Make {self.table} append-only"


def grant_open_tables(cursor: Any) -> None:
    """Let the login and every group use the tables of OPEN_TABLES that exist; run after each migration."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    existing = {row[0] for row in cursor.fetchall()}
    grantees = ", ".join((roles.LOGIN, *roles.GROUPS))
    for table in sorted(OPEN_TABLES.keys() & existing):
        cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {grantees}')
