from typing import Any

from django.core.management.base import BaseCommand

from medai.common.identity import acting_as_system
from messaging.services import planning


class Command(BaseCommand):
    help = "Plan the reminders of all coming visits that lack them, as after an import. May be stopped and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        with acting_as_system("plan_reminders"):
            for visits, planned in planning.plan_all_reminders():
                total += planned
                self.stdout.write(f"{visits} visits, {total} reminders planned", ending="\r")
        self.stdout.write(f"\n{total} reminders planned.")
