"""Preparing a PostgreSQL server for the product, as its superuser: the roles and the database."""

import psycopg
from psycopg import sql

from medai.common.roles import OWNER, cluster_roles_sql


def prepare(
    superuser_url: str, *, database: str, owner_password: str | None = None, app_password: str | None = None
) -> bool:
    """Create or complete the roles, and the database if there is none; True if it was made now."""
    create_roles(superuser_url, owner_password=owner_password, app_password=app_password)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if found:
            return False
        connection.execute(create_database_sql(database))
        return True


def create_roles(superuser_url: str, *, owner_password: str | None, app_password: str | None) -> None:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for statement in cluster_roles_sql(owner_password, app_password):
            connection.execute(statement)


def create_database_sql(database: str) -> sql.Composed:
    """The database belongs to the owner of the tables, who may thus add the extensions that it needs."""
    return sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(OWNER))
