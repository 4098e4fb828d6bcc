"""manage.py demo: a believable city of doctors, patients and visits, to look around in. Never in production."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from medai.common.demo import demo_sign_ins
from medai.demo.city import PATIENTS
from medai.demo.load.run import COMING_VISITS, PAST_VISITS, Size, has_doctors_of_its_own, is_loaded, load
from medai.demo.sign_ins import STAFF


class Command(BaseCommand):
    help = (
        "Fill the database with an invented city. Safe to repeat; goes on where an interrupted run stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there are doctors already"
        )
        parser.add_argument("--patients", type=int, default=PATIENTS, help="how many (%(default)s)")
        parser.add_argument(
            "--past", type=int, default=PAST_VISITS, help="visits so far, about (%(default)s)"
        )
        parser.add_argument(
            "--coming", type=int, default=COMING_VISITS, help="visits to come, about (%(default)s)"
        )
        parser.add_argument("--codes", action="store_true", help="only print the one-time codes of staff")

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo has known passwords, so it runs only where DEBUG is on.")
        if options["codes"]:
            self._print_codes()
        elif is_loaded():
            self._say("The demo is there already.", verbosity)
        elif options["if_empty"] and has_doctors_of_its_own():
            self._say("There are doctors already; the demo is left out.", verbosity)
        else:
            self._load(Size(options["patients"], options["past"], options["coming"]), verbosity)

    def _load(self, size: Size, verbosity: int) -> None:
        self._say("Loading the demo", verbosity)
        load(size, lambda line: self._say(line, verbosity))
        for role, email, password, note in demo_sign_ins():
            self._say(f"  {role:<12} {email:<46} {password:<22} {note}", verbosity)

    def _say(self, line: str, verbosity: int) -> None:
        if verbosity > 0:
            self.stdout.write(line)
            self.stdout.flush()

    def _print_codes(self) -> None:
        for staff in STAFF:
            self.stdout.write(f"{staff.email:<30} {staff.code()}")
