"""manage.py prepare: what `up` needs Django for before it starts the servers. Safe to repeat."""

import io
import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import NoReverseMatch, reverse

from medai.common.demo import demo_sign_ins
from medai.common.management.commands.migrate import as_owner
from medai.local.state import DIRECTORY

PAGES = {
    "Site": "home",
    "API documentation": "api-docs",
    "Administration": "admin:index",
    "Mailbox": "local:mailbox",
    "Style guide": "styleguide",
}


class Command(BaseCommand):
    help = "Compile the catalogues, migrate, seed, and load the demo into an empty database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave the database without demo data")

    def handle(self, *args: Any, no_demo: bool, **options: Any) -> None:
        with self._step("Catalogues"):
            call_command("catalogues", "compile", stdout=io.StringIO())
        if _is_behind():
            with self._step("Migrations"):
                call_command("migrate", verbosity=0, interactive=False)
        with self._step("Seed"):
            call_command("seed", verbosity=0)
        if not no_demo:
            with self._step("Demo"):
                call_command("demo", if_empty=True, verbosity=0)
        welcome = {
            "pages": _pages(),
            "sign_ins": [list(entry) for entry in demo_sign_ins()] if not no_demo else [],
        }
        (DIRECTORY / "welcome.json").write_text(json.dumps(welcome))

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.stdout.write(f"  {name:<12} {time.monotonic() - started:5.1f} s")
        self.stdout.flush()


def _pages() -> dict[str, str]:
    pages = {}
    for label, name in PAGES.items():
        with suppress(NoReverseMatch):
            pages[label] = reverse(name)
    return pages


def _is_behind() -> bool:
    """Whether a migration waits. Running `migrate` to find out takes ten times as long."""
    with as_owner(connection.alias):
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
