"""manage.py catalogues update|check|compile [app …]: the Spanish catalogues, without GNU gettext."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from medai.common import catalogues


class Command(BaseCommand):
    help = "Extract, check or compile the translation catalogues."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["update", "check", "compile"])
        parser.add_argument("apps", nargs="*", metavar="app", help=", ".join(catalogues.APPS))

    def handle(self, *args: Any, action: str, apps: list[str], **options: Any) -> None:
        unknown = set(apps) - set(catalogues.APPS)
        if unknown:
            raise CommandError(f"No such catalogue: {', '.join(sorted(unknown))}. One of {catalogues.APPS}.")
        getattr(self, f"_{action}")(apps or list(catalogues.APPS))

    def _update(self, apps: list[str]) -> None:
        for app in apps:
            result = catalogues.update(app)
            self.stdout.write(
                f"{app}: {result.total} strings, {len(result.added)} new, "
                f"{len(result.removed)} removed, {result.untranslated} to translate"
            )
            for message in result.removed:
                self.stdout.write(f"  removed {message.id!r} = {message.string!r}")
        catalogues.compile_all()

    def _check(self, apps: list[str]) -> None:
        lines = [line for app in apps for line in catalogues.check(app)]
        for line in lines:
            self.stdout.write(line)
        if lines:
            raise CommandError(f"{len(lines)} defects in the catalogues.")
        self.stdout.write("Every string is translated.")

    def _compile(self, apps: list[str]) -> None:
        written = [app for app in apps if catalogues.compile_app(app)]
        self.stdout.write(f"Compiled {', '.join(written)}." if written else "Up to date.")
