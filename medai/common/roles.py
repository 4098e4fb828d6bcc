"""The PostgreSQL roles: an owner for migrations, a login for run time, and a group role for each identity."""

from psycopg import sql

from medai.common.identity import Kind

OWNER = "medai_owner"
LOGIN = "medai_app"
BACKUP = "medai_backup"
GROUPS = tuple(f"medai_{kind.value}" for kind in Kind)

_CREATE = """DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name_text}) THEN CREATE ROLE {name}; END IF;
END $$"""

# A row that breaks a constraint is an everyday refusal; PostgreSQL would log the statement and the row, which hold
# names, addresses and reasons for visits. Some hosts let nobody set this: see docs/operations.md.
_LOG_NO_ROWS = """DO $$ BEGIN
  ALTER ROLE {name} SET log_min_error_statement = 'panic';
  ALTER ROLE {name} SET log_error_verbosity = 'terse';
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'Statements that fail are logged with what they hold.';
END $$"""


def _create(name: str) -> sql.Composed:
    return sql.SQL(_CREATE).format(name=sql.Identifier(name), name_text=sql.Literal(name))


def cluster_roles_sql(owner_password: str | None, app_password: str | None) -> list[sql.Composed]:
    """The statements, safe to repeat, that a superuser runs once for each cluster.

    The owner and the login inherit nothing: each must `SET ROLE` to a group before it sees a protected row.
    Neither is a superuser nor may bypass row-level security. A password of None leaves the password as it is.
    """
    statements = [_create(name) for name in (OWNER, LOGIN, BACKUP, *GROUPS)]
    attributes = {
        OWNER: "LOGIN NOINHERIT CREATEDB NOSUPERUSER NOBYPASSRLS",
        LOGIN: "LOGIN NOINHERIT NOCREATEDB NOSUPERUSER NOBYPASSRLS",
        BACKUP: "NOLOGIN NOINHERIT NOSUPERUSER BYPASSRLS",
    }
    for name, words in attributes.items():
        statements.append(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(name), sql.SQL(words)))
    for name, password in ((OWNER, owner_password), (LOGIN, app_password)):
        if password is not None:
            statements.append(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
            )
    groups = sql.SQL(", ").join(map(sql.Identifier, GROUPS))
    for name in (OWNER, LOGIN):
        statements.append(sql.SQL("GRANT {} TO {}").format(groups, sql.Identifier(name)))
    statements += [sql.SQL(_LOG_NO_ROWS).format(name=sql.Identifier(name)) for name in (OWNER, LOGIN)]
    statements.append(sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(BACKUP)))
    return statements
