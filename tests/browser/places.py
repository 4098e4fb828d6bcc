"""Where the tour finds what only the running demo knows, and what has to go ahead of some pages."""

from collections.abc import Callable
from itertools import cycle
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser import onboarding
from tests.browser.journeys import fill_in_sign_up, new_email, sign_up
from tests.browser.people import People, settled
from tests.browser.product import ADMIN, MARIANA, PASSWORD, SARAH, SUPER_ADMIN, Product

# A doctor who signs up when the tour comes to their pages.
NEWCOMER = "newcomer"
# Nobody is mailed more than three codes a minute, and the tour asks for more.
ASKING = cycle((MARIANA, SARAH))


class Places:
    """The addresses that only the running demo knows, each looked up on the pages the first time it is asked for."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._known: dict[str, str] = {}

    def begin(self, name: str, page: Page) -> None:
        """Go ahead in this window to where the next address leads."""
        go: Callable[[Page], None] = getattr(self, f"_begin_{name}")
        go(page)

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

    def _visit_link(self, people: People, words: str = "Ver la cita") -> str:
        self.fill("{done}", people)
        letter = self._product.letter(MARIANA, "Su cita está confirmada")
        return urlsplit(letter.link(words)).path

    def _visit_link_move(self, people: People) -> str:
        return self._visit_link(people, "Cambiar el horario")

    def _visit_link_cancel(self, people: People) -> str:
        return self._visit_link(people, "Cancelar la cita")

    def _person(self, people: People) -> str:
        return self._link(people, MARIANA, "/settings/people/", one_of("/settings/people/"))

    def _policy(self, people: People) -> str:
        return self._link(people, MARIANA, "/settings/insurance/", one_of("/settings/insurance/"))

    def _exception(self, people: People) -> str:
        return self._link(
            people, SARAH, "/doctor/schedule/exceptions/", one_of("/doctor/schedule/exceptions/")
        )

    def _office(self, people: People) -> str:
        return self._link(people, SARAH, "/doctor/practice/offices/", one_of("/doctor/practice/offices/"))

    def _visit_type(self, people: People) -> str:
        return self._link(people, SARAH, "/doctor/practice/visits/", one_of("/doctor/practice/visits/"))

    def _onboarding(self, people: People) -> str:
        """The pages of somebody who has filled in everything and sent nothing yet."""
        page = people.open()
        page.goto("/accounts/signup/")
        sign_up(page, self._product, new_email("newcomer"), doctor=True)
        onboarding.fill_in(page, "Prueba Navarro")
        people.remember(NEWCOMER, page)
        page.context.close()
        return "/doctor/onboarding/"

    def _onboarding_sent(self, people: People) -> str:
        path = self.fill("{onboarding}", people)
        page = people.open(who=NEWCOMER)
        page.goto(f"{path}review/")
        onboarding.send(page)
        page.wait_for_url(f"**{path}")
        page.context.close()
        return path

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

    def _admin_patient(self, people: People) -> str:
        return self._link(people, ADMIN, "/admin/accounts/patient/", "#result_list tbody th a")

    def _admin_message(self, people: People) -> str:
        return self._link(people, ADMIN, "/admin/messaging/notification/", "#result_list tbody th a")

    def _admin_event(self, people: People) -> str:
        return self._link(people, ADMIN, "/admin/common/outboxevent/?state=all", "#result_list tbody th a")

    def _admin_specialty(self, people: People) -> str:
        return self._link(people, ADMIN, "/admin/doctors/specialty/", "#result_list tbody th a")

    def _admin_audit_entry(self, people: People) -> str:
        return self._link(people, SUPER_ADMIN, "/admin/accounts/adminauditlog/", "#result_list tbody th a")

    def _admin_user_id(self, people: People) -> str:
        return self.fill("{admin_user}", people).removesuffix("/change/")

    def _start(self, people: People) -> str:
        page = people.open(who=MARIANA)
        page.goto("/book/sarah-ahmed/")
        found = page.locator("#picker a.slot").last.get_attribute("href")
        page.context.close()
        assert found is not None
        return found

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

    def _begin_sign_up(self, page: Page) -> None:
        page.goto("/accounts/signup/")
        fill_in_sign_up(page, new_email("waiting"))

    def _begin_sign_in_by_code(self, page: Page) -> None:
        page.goto("/accounts/login/code/")
        send_address(page)

    def _begin_reset(self, page: Page) -> None:
        page.goto("/accounts/password/reset/")
        send_address(page)

    def _begin_first_factor(self, page: Page) -> None:
        page.goto("/accounts/login/")
        page.locator('input[name="login"]').fill(ADMIN)
        page.locator('input[name="password"]').fill(PASSWORD)
        page.locator('input[name="password"]').press("Enter")
        page.wait_for_url("**/2fa/authenticate/**")


def one_of(path: str) -> str:
    """What leads from a list to one of its own."""
    return f'main a[href^="{path}"]:not([href="{path}"], [href$="/add/"], [href$="/remove/"])'


def send_address(page: Page) -> None:
    asked_on = page.url
    page.locator('input[name="email"]').fill(next(ASKING))
    page.locator('input[name="email"]').press("Enter")
    page.wait_for_url(lambda url: url != asked_on)


def hold_a_time(people: People, who: str, slug: str = "sarah-ahmed") -> Page:
    """The page that asks for the details while a time is held; the last free one that is offered at first."""
    page = people.open(who=who)
    page.goto(f"/book/{slug}/")
    page.locator("#picker a.slot").last.click()
    page.wait_for_url("**/book/holds/**")
    return page
