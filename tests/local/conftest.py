import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medai.local import processes
from medai.local.postgres import EmbeddedPostgres
from medai.local.valkey import EmbeddedValkey


def open_to_all(directory: Path) -> None:
    """pytest's directories are closed to other accounts, one of which root's PostgreSQL runs under."""
    for path in (directory, *directory.parents):
        if path == Path(tempfile.gettempdir()):
            return
        path.chmod(0o755)


@pytest.fixture
def make_postgres(tmp_path: Path) -> Iterator[Callable[..., EmbeddedPostgres]]:
    """Handles on one and the same cluster, as several starts of a local run have them."""
    open_to_all(tmp_path)
    made = []
    port = processes.free_port()

    def make(**changes: object) -> EmbeddedPostgres:
        values = {"port": port, "password": "a/pass:word", "log": tmp_path / "pg.log", "throw_away": True}
        made.append(EmbeddedPostgres(tmp_path / "postgres", **(values | changes)))
        return made[-1]

    yield make
    for postgres in reversed(made):
        postgres.stop()


@pytest.fixture
def make_valkey(tmp_path: Path) -> Iterator[Callable[..., EmbeddedValkey]]:
    made = []
    port = processes.free_port()

    def make(**changes: object) -> EmbeddedValkey:
        values = {"port": port, "password": "password", "log": tmp_path / "valkey.log"}
        made.append(EmbeddedValkey(tmp_path / "valkey", **(values | changes)))
        return made[-1]

    yield make
    for valkey in reversed(made):
        valkey.stop()
