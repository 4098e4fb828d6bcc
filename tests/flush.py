"""Emptying the database after a transactional test, in one round trip and whatever triggers forbid.

Django's own flush would TRUNCATE every table, which the append-only ones refuse, and then make the rows of
permissions and content types again. Here a function inside the database deletes all rows and puts those back
that the migrations left. It runs as the superuser: forced row-level security hides rows from the owner.
"""

import psycopg
from psycopg import sql

from tests import services

_TABLES = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'django_migrations'
GROUP BY c.relname
"""

_connections: dict[str, psycopg.Connection] = {}


def _connection(database: str) -> psycopg.Connection:
    if database not in _connections:
        _connections[database] = psycopg.connect(services.superuser_url(database), autocommit=True)
    return _connections[database]


def remember(database: str) -> None:
    """Keep a copy of the rows that the migrations left, and write the function that restores this state."""
    connection = _connection(database)
    connection.execute("DROP SCHEMA IF EXISTS pristine CASCADE")
    connection.execute("CREATE SCHEMA pristine")
    steps = []
    for name, columns in connection.execute(_TABLES).fetchall():
        table, copy = sql.Identifier("public", name), sql.Identifier("pristine", name)
        steps.append(sql.SQL("DELETE FROM {};").format(table))
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone():
            connection.execute(sql.SQL("CREATE TABLE {} AS TABLE {}").format(copy, table))
            steps.append(
                sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {};").format(
                    table, *[sql.SQL(", ").join(map(sql.Identifier, columns))] * 2, copy
                )
            )
    # As a replica the session fires no trigger, foreign keys among them, so any order will do.
    connection.execute(
        sql.SQL(
            "CREATE FUNCTION pristine.restore() RETURNS void LANGUAGE plpgsql "
            "SET session_replication_role = replica SET lock_timeout = '10s' AS {}"
        ).format(sql.Literal(sql.SQL("BEGIN {} END").format(sql.SQL(" ").join(steps)).as_string()))
    )


def restore(database: str) -> None:
    _connection(database).execute("SELECT pristine.restore()")


def close() -> None:
    while _connections:
        _connections.popitem()[1].close()
