from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from medai.common.identity import acting_as_system
from messaging.services import claims, sending


class Command(BaseCommand):
    help = "Send the notifications that are due now, as the workers do; may run beside them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seconds", type=float, default=3600, help="stop after this long (default: an hour)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as_system("send_due_notifications"):
            interrupted = claims.mark_unknown()
            run = sending.send_due(seconds=options["seconds"])
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(run.outcomes.items()))
        self.stdout.write(counts or "Nothing was due.")
        if interrupted:
            self.stdout.write(
                f"{interrupted} of unknown outcome after a crash; see the admin's notifications."
            )
        if run.down:
            self.stderr.write(f"Not working now: {', '.join(sorted(run.down))}.")
