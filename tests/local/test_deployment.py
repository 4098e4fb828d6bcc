"""The way to a deployment's database: roles by the superuser, tables by the owner, work by the login."""

import secrets
import subprocess
import sys

import psycopg
import pytest

from medai.local.state import BASE_DIR
from medai.local.throw_away import url_for
from tests import services

DATABASE = f"medai_deployed_{secrets.token_hex(4)}"


@pytest.fixture
def variables():
    superuser = services.superuser_url()
    yield {
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "medai.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": "k0kBzLxjXo2mDTtqTqHqg4Gm9jv8bYOgxq0S8Wp6QhU=",
        "ALLOWED_HOSTS": "medai.example",
        "SITE_URL": "https://medai.example",
        "EMAIL_URL": "smtp://localhost",
        "REDIS_URL": services.os.environ["TEST_REDIS_URL"],
        "DATABASE_SUPERUSER_URL": superuser,
        "DATABASE_OWNER_URL": url_for(superuser, user="medai_owner", database=DATABASE),
        "DATABASE_URL": url_for(superuser, user="medai_app", database=DATABASE),
    }
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def manage(variables, *arguments):
    return subprocess.run(
        [sys.executable, BASE_DIR / "manage.py", *arguments],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_only_the_owner_may_change_tables(variables):
    made = manage(variables, "create_roles")
    assert made.stdout == f"The roles are complete; the database {DATABASE} was made.\n", made.stderr
    again = manage(variables, "create_roles")
    assert again.stdout == f"The roles are complete; the database {DATABASE} exists.\n", again.stderr
    migrated = manage(variables, "migrate", "--verbosity", "0")
    assert migrated.returncode == 0, migrated.stderr
    with psycopg.connect(variables["DATABASE_URL"], autocommit=True) as login:
        owners = login.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        assert owners == [("medai_owner",)]
        for parameter, value in (("log_min_error_statement", "panic"), ("log_error_verbosity", "terse")):
            assert login.execute(f"SHOW {parameter}").fetchone() == (value,)
        facts = "SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert login.execute(facts).fetchone() == (False, False, False)
        for statement in ("CREATE TABLE mine ()", "ALTER TABLE accounts_user DISABLE ROW LEVEL SECURITY"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                login.execute(statement)


@pytest.mark.parametrize("missing", ["DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL"])
def test_creating_roles_names_the_login_that_is_missing(variables, missing):
    outcome = manage({**variables, missing: ""}, "create_roles")
    assert outcome.returncode != 0
    assert f"{missing} is not set" in outcome.stderr


def test_the_sql_for_a_dba_is_complete_and_holds_no_password(variables):
    shown = manage(variables, "create_roles", "--print").stdout
    assert f'CREATE DATABASE "{DATABASE}" OWNER "medai_owner"' in shown
    assert psycopg.conninfo.conninfo_to_dict(variables["DATABASE_URL"])["password"] not in shown
    with psycopg.connect(variables["DATABASE_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute(shown.partition("CREATE DATABASE")[0])
