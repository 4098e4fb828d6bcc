"""The services of one test run, shared by its xdist workers and by nobody else.

TEST_DATABASE_URL (a superuser of a server that may be spoilt) and TEST_REDIS_URL replace the embedded ones.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from medai.local.state import SECRET_SETTINGS
from medai.local.throw_away import ThrowAway, create_roles, url_for

_own: ThrowAway | None = None


def environment() -> dict[str, str]:
    """The settings' variables for this process; decides where the services will be, unless it is a worker."""
    if "MEDAI_TEST_DIRECTORY" not in os.environ:
        _plan()
    # The owner may create test databases. Forced row-level security holds for it as for the run-time login.
    owner = url_for(superuser_url(), user="medai_owner", database="medai")
    secrets = {name: os.environ.get(name) or make() for name, make in SECRET_SETTINGS.items()}
    return {
        **secrets,
        "DATABASE_URL": owner,
        "DATABASE_POOL_SIZE": "0",
        "REDIS_URL": _redis_url(0),
        "CACHE_URL": _redis_url(1),
    }


def _plan() -> None:
    """Workers find what the controller planned in the environment."""
    global _own
    _own = ThrowAway("medai-test")
    os.environ["MEDAI_TEST_DIRECTORY"] = str(_own.directory)
    for name, url in (("TEST_DATABASE_URL", _own.postgres.url()), ("TEST_REDIS_URL", _own.valkey.url())):
        os.environ[name] = os.environ.get(name) or url


def start() -> None:
    """Start what was planned, and give the server the product's roles. Workers have nothing to do."""
    if _own is None:
        return
    if superuser_url() == _own.postgres.url():
        _own.postgres.ensure(keep_port=True)
    if os.environ["TEST_REDIS_URL"] == _own.valkey.url():
        _own.valkey.ensure(keep_port=True)
    create_roles(superuser_url())


def stop() -> None:
    if _own is not None:
        _own.stop()


def directory() -> Path:
    """Where a run may leave files; deleted at its end."""
    return Path(os.environ["MEDAI_TEST_DIRECTORY"])


def superuser_url(database: str = "") -> str:
    url = os.environ["TEST_DATABASE_URL"]
    return urlsplit(url)._replace(path=f"/{database}").geturl() if database else url


def _redis_url(offset: int) -> str:
    """Each worker has two databases of its own: one for messages, one for the cache."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    number = 2 * int(worker) + offset
    return urlsplit(os.environ["TEST_REDIS_URL"])._replace(path=f"/{number}").geturl()
