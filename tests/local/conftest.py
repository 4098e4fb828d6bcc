from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medai.local import processes
from medai.local.postgres import EmbeddedPostgres
from medai.local.valkey import EmbeddedValkey


@pytest.fixture
def make_postgres(tmp_path: Path) -> Iterator[Callable[..., EmbeddedPostgres]]:
    """Handles on one and the same cluster, as several starts of a local run have them."""
    # pytest's own directory is closed to other accounts, which root's PostgreSQL runs under.
    for directory in (tmp_path, *tmp_path.parents[:2]):
        directory.chmod(0o755)
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
