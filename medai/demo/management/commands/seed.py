"""manage.py seed: specialties, insurance providers, and the first administrator where one is named."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from medai.demo.seed import PARTS, Seeded, seed_first_admin


class Command(BaseCommand):
    help = "Write what every installation needs. Safe to repeat; ADMIN_EMAIL and ADMIN_PASSWORD name a first admin."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        for title, part in PARTS:
            self._report(title, part(), verbosity)
        email, password = settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD
        if bool(email) != bool(password):
            raise CommandError("ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither.")
        if email:
            try:
                self._report("first administrator", seed_first_admin(email, password), verbosity)
            except ValidationError as error:
                raise CommandError(f"ADMIN_PASSWORD: {' '.join(error.messages)}") from None

    def _report(self, title: str, result: Seeded, verbosity: int) -> None:
        if verbosity > 0:
            self.stdout.write(f"  {title:<22} {result}")
