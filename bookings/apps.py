from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from medai.common import navigation
from medai.common.navigation import Entry


class BookingsConfig(AppConfig):
    name = "bookings"
    verbose_name = _("Bookings")

    def ready(self) -> None:
        navigation.register(
            "patient",
            Entry(_("Home"), "house", "bookings:patient-home", order=10),
            Entry(
                _("Visits"),
                "calendar-check",
                "bookings:patient-bookings",
                order=20,
                also=("bookings:booking", "bookings:cancel", "bookings:reschedule"),
            ),
            Entry(_("Find a doctor"), "search", "doctors:directory", order=30),
        )
        navigation.register(
            "doctor",
            Entry(_("Today"), "sun", "bookings:today", order=10),
            Entry(_("Calendar"), "calendar-days", "bookings:doctor-calendar", order=20),
            Entry(
                _("Visits"),
                "calendar-check",
                "bookings:doctor-bookings",
                order=30,
                also=("bookings:doctor-booking", "bookings:doctor-cancel"),
            ),
        )
        navigation.register("account", Entry(_("Calendar"), "calendar", "bookings:feed-settings", order=60))
