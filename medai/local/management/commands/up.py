"""manage.py up: the whole product on this machine. `manage.py` itself comes here without loading Django first."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from medai.local import up


class Command(BaseCommand):
    help = up.DESCRIPTION
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        up.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        code = up.run(up.Options(**{name: options[name] for name in up.Options.__annotations__}))
        if code:
            raise CommandError("MedAI did not start.", returncode=code)
