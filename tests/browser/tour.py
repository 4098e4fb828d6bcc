"""Every page of the product, with who sees it. An address may hold names of `Places`, filled in while it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser.people import People, settled
from tests.browser.product import ADMIN, ANDRES, MARIANA, SARAH, SUPER_ADMIN, Product

ANYONE = ""


@dataclass(frozen=True)
class Stop:
    """`status` is what the page answers with; `name` is what its pictures are called."""

    name: str
    path: str
    who: str = ANYONE
    status: int = 200


PUBLIC = [
    Stop("landing", "/"),
    Stop("directory", "/doctors/"),
    Stop("directory-search", "/doctors/?q=corazon&mode=video"),
    Stop("directory-second-page", "/doctors/?page=2"),
    Stop("directory-nothing", "/doctors/?q=cardiologia&city=leticia&max_price=1"),
    Stop("doctor", "/doctors/sarah-ahmed/"),
    Stop("doctor-by-hand", "/doctors/andres-felipe-quintero/"),
    Stop("choose-week", "/book/sarah-ahmed/"),
    Stop("choose-month", "/book/sarah-ahmed/?view=month"),
    Stop("help", "/help/"),
    Stop("privacy", "/privacy/"),
    Stop("terms", "/terms/"),
    Stop("offline", "/offline/"),
    Stop("styleguide", "/styleguide/"),
    Stop("mailbox", "/mailbox/"),
    Stop("mail", "{letter}"),
    Stop("not-found", "/nothing-here/", status=404),
    Stop("doctor-not-found", "/doctors/nobody-of-that-name/", status=404),
]
ACCOUNT = [
    Stop("sign-in", "/accounts/login/"),
    Stop("sign-in-by-code", "/accounts/login/code/"),
    Stop("sign-up", "/accounts/signup/"),
    Stop("password-forgotten", "/accounts/password/reset/"),
    Stop("settings", "/settings/", MARIANA),
    Stop("settings-people", "/settings/people/", MARIANA),
    Stop("settings-person-add", "/settings/people/add/", MARIANA),
    Stop("settings-insurance", "/settings/insurance/", MARIANA),
    Stop("settings-insurance-add", "/settings/insurance/add/", MARIANA),
    Stop("settings-security", "/settings/security/", MARIANA),
    Stop("settings-sessions", "/settings/sessions/", MARIANA),
    Stop("settings-privacy", "/settings/privacy/", MARIANA),
    Stop("settings-notifications", "/settings/notifications/", MARIANA),
    Stop("settings-calendar", "/settings/calendar/", MARIANA),
    Stop("password-change", "/accounts/password/change/", MARIANA),
    Stop("email-change", "/accounts/email/", MARIANA),
    Stop("notices", "/notifications/", MARIANA),
]
PATIENT = [
    Stop("patient-home", "/patient/", MARIANA),
    Stop("patient-bookings", "/patient/bookings/", MARIANA),
    Stop("patient-bookings-past", "/patient/bookings/?show=past", MARIANA),
    Stop("patient-booking", "{patient_booking}", MARIANA),
    Stop("patient-booking-past", "{patient_booking_past}", MARIANA),
    Stop("patient-reschedule", "{patient_booking}reschedule/", MARIANA),
    Stop("patient-cancel", "{patient_booking}cancel/", MARIANA),
    Stop("booking-details", "{details}", MARIANA),
    Stop("booking-done", "{done}", MARIANA),
    Stop("patient-forbidden", "/doctor/", MARIANA, status=403),
    Stop("patient-booking-missing", "/patient/bookings/00000000-0000-4000-8000-000000000000/", MARIANA, 404),
]
DOCTOR = [
    Stop("doctor-today", "/doctor/", SARAH),
    Stop("doctor-today-by-hand", "/doctor/", ANDRES),
    Stop("doctor-calendar-day", "/doctor/calendar/?view=day", SARAH),
    Stop("doctor-calendar-week", "/doctor/calendar/", SARAH),
    Stop("doctor-calendar-month", "/doctor/calendar/?view=month", SARAH),
    Stop("doctor-bookings", "/doctor/bookings/", SARAH),
    Stop("doctor-booking", "{doctor_booking}", SARAH),
    Stop("doctor-cancel", "{doctor_booking}cancel/", SARAH),
    Stop("schedule", "/doctor/schedule/", SARAH),
    Stop("schedule-exceptions", "/doctor/schedule/exceptions/", SARAH),
    Stop("schedule-rules", "/doctor/schedule/rules/", SARAH),
    Stop("practice", "/doctor/practice/", SARAH),
    Stop("practice-offices", "/doctor/practice/offices/", SARAH),
    Stop("practice-visits", "/doctor/practice/visits/", SARAH),
    Stop("practice-documents", "/doctor/practice/documents/", SARAH),
    Stop("doctor-settings", "/settings/", SARAH),
    Stop("doctor-notices", "/notifications/", SARAH),
    Stop("doctor-forbidden", "/patient/", SARAH, status=403),
]
STAFF = [
    Stop("admin", "/admin/", ADMIN),
    Stop("admin-queue", "/admin/doctors/doctorverification/", ADMIN),
    Stop("admin-verification", "{verification}", ADMIN),
    Stop("admin-doctors", "/admin/doctors/doctor/", ADMIN),
    Stop("admin-doctor", "{admin_doctor}", ADMIN),
    Stop("admin-bookings", "/admin/bookings/booking/", ADMIN),
    Stop("admin-booking", "{admin_booking}", ADMIN),
    Stop("admin-users", "/admin/accounts/user/", SUPER_ADMIN),
    Stop("admin-user", "{admin_user}", SUPER_ADMIN),
    Stop("admin-impersonate", "{admin_user_id}/impersonate/", SUPER_ADMIN),
    Stop("admin-audit-log", "/admin/accounts/adminauditlog/", SUPER_ADMIN),
    Stop("admin-specialties", "/admin/doctors/specialty/", ADMIN),
]
STOPS = PUBLIC + ACCOUNT + PATIENT + DOCTOR + STAFF


class Places:
    """The addresses that only the running demo knows, each looked up on the pages the first time it is asked for."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._known: dict[str, str] = {}

    def fill(self, path: str, people: People) -> str:
        if not path.startswith("{"):
            return path
        name, _, rest = path[1:].partition("}")
        if name not in self._known:
            find: Callable[[People], str] = getattr(self, f"_{name}")
            self._known[name] = find(people)
        return self._known[name] + rest

    def _link(self, people: People, who: str, path: str, selector: str) -> str:
        page = people.open(who=who)
        page.goto(path)
        settled(page)
        found = page.locator(selector).first.get_attribute("href")
        page.context.close()
        assert found is not None
        return urlsplit(found).path

    def _letter(self, people: People) -> str:
        return self._product.letters()[0]

    def _patient_booking(self, people: People) -> str:
        return self._link(people, MARIANA, "/patient/bookings/", "main .list a")

    def _patient_booking_past(self, people: People) -> str:
        return self._link(people, MARIANA, "/patient/bookings/?show=past", "main .list a")

    def _doctor_booking(self, people: People) -> str:
        return self._link(people, SARAH, "/doctor/bookings/", "main table a")

    def _verification(self, people: People) -> str:
        return self._link(people, ADMIN, "/admin/doctors/doctorverification/", "#result_list tbody th a")

    def _admin_doctor(self, people: People) -> str:
        return self._link(people, ADMIN, "/admin/doctors/doctor/?q=Ahmed", "#result_list tbody th a")

    def _admin_booking(self, people: People) -> str:
        return self._link(people, ADMIN, "/admin/bookings/booking/", "#result_list tbody th a")

    def _admin_user(self, people: People) -> str:
        return self._link(people, SUPER_ADMIN, "/admin/accounts/user/?q=Mariana", "#result_list tbody th a")

    def _admin_user_id(self, people: People) -> str:
        return self.fill("{admin_user}", people).removesuffix("/change/")

    def _details(self, people: People) -> str:
        """A time that Mariana holds."""
        page = hold_a_time(people, MARIANA)
        path = urlsplit(page.url).path
        page.context.close()
        return path

    def _done(self, people: People) -> str:
        """The last page of a booking that Mariana made."""
        page = hold_a_time(people, MARIANA)
        page.locator("input[name=consent]").check()
        page.locator("aside button[form=confirm]").click()
        page.wait_for_url("**/done/")
        path = urlsplit(page.url).path
        page.context.close()
        return path


def hold_a_time(people: People, who: str, slug: str = "sarah-ahmed") -> Page:
    """The page that asks for the details while a time is held; the last free one that is offered at first."""
    page = people.open(who=who)
    page.goto(f"/book/{slug}/")
    page.locator("#picker a.slot").last.click()
    page.wait_for_url("**/book/holds/**")
    return page
