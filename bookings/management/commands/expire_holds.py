from typing import Any

from django.core.management.base import BaseCommand

from bookings import services
from medai.common.identity import acting_as_system


class Command(BaseCommand):
    help = "Marks holds that ran out as expired and cancels bookings that no doctor confirmed in time."

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as_system("expire_holds"):
            expired = services.expire_holds()
            cancelled = services.cancel_unconfirmed()
        self.stdout.write(f"Expired {expired} holds, cancelled {cancelled} unconfirmed bookings.")
