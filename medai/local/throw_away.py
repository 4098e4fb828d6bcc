"""A PostgreSQL and a Valkey that hold nothing worth keeping and end with the process that started them."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from medai.common import cluster
from medai.local import processes
from medai.local.postgres import MOVED_TO, EmbeddedPostgres
from medai.local.valkey import EmbeddedValkey


class ThrowAway:
    """Both services in a new temporary directory.

    Their addresses are known before they start, so that settings can be read first.
    """

    def __init__(self, prefix: str) -> None:
        _remove_leftovers(prefix)
        # The process's number in the name tells a later run whether the directory was left behind.
        name = f"{prefix}-{os.getpid()}-{secrets.token_hex(4)}"
        self.directory = Path(tempfile.gettempdir()) / name
        password = secrets.token_urlsafe(16)
        log = self.directory / "services.log"
        self.postgres = EmbeddedPostgres(
            self.directory / "postgres",
            port=processes.free_port(),
            password=password,
            log=log,
            throw_away=True,
        )
        self.valkey = EmbeddedValkey(
            self.directory / "valkey",
            port=processes.free_port(),
            password=password,
            log=log,
            throw_away=True,
        )

    def stop(self) -> None:
        """End the services and delete their files."""
        if self.directory.exists():
            self.postgres.remove()
            self.valkey.remove()
            shutil.rmtree(self.directory, ignore_errors=True)


def _remove_leftovers(prefix: str) -> None:
    """Delete the directories of runs that were killed before they could do so."""
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}-*-*"):
        number = path.name.removeprefix(f"{prefix}-").split("-")[0]
        if number.isdigit() and not processes.runs(int(number)):
            moved = path / "postgres" / MOVED_TO
            if moved.exists():
                shutil.rmtree(moved.read_text().strip(), ignore_errors=True)
            shutil.rmtree(path, ignore_errors=True)


def create_roles(superuser_url: str) -> None:
    """The product's roles, the logins among them with the superuser's password: there is nothing to guard."""
    password = urlsplit(superuser_url).password
    cluster.create_roles(superuser_url, owner_password=password, app_password=password)


def url_for(superuser_url: str, *, user: str, database: str) -> str:
    """The same server under another login."""
    parts = urlsplit(superuser_url)
    credentials = f"{user}:{parts.password or ''}"
    return parts._replace(
        netloc=f"{credentials}@{parts.hostname}:{parts.port or 5432}", path=f"/{database}"
    ).geturl()
