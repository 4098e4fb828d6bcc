"""Steps that several journeys share, each as a person takes it: what is read, pressed and typed on the pages."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import DESKTOP, PHONE, People, settled
from tests.browser.product import PASSWORD, Product

SCREENS = [
    pytest.param(PHONE, "es", id="phone-es"),
    pytest.param(DESKTOP, "en", id="desktop-en"),
    pytest.param(PHONE, "en", id="phone-en"),
    pytest.param(DESKTOP, "es", id="desktop-es"),
]


@dataclass(frozen=True)
class Words:
    """What the pages say in one language."""

    heart: str
    create_account: str
    confirm_visit: str
    confirmed: str
    choose_another: str
    change_time: str
    moved: str
    cancel: str
    cancel_visit: str
    cancelled: str
    # In mails.
    mail_confirmed: str
    mail_confirmed_for: str
    mail_move: str
    mail_moved: str
    mail_cancelled: str


ES = Words(
    heart="corazón",
    create_account="Cree su cuenta",
    confirm_visit="Confirme su cita",
    confirmed="Su cita está confirmada",
    choose_another="Elegir otro horario",
    change_time="Cambiar hora",
    moved="Su cita quedó en la hora nueva.",
    cancel="Cancelar",
    cancel_visit="Cancelar la cita",
    cancelled="Cancelada por el paciente",
    mail_confirmed="Su cita está confirmada",
    mail_confirmed_for="La cita de {} está confirmada",
    mail_move="Cambiar el horario",
    mail_moved="Su cita tiene nuevo horario",
    mail_cancelled="Su cita está cancelada",
)
EN = Words(
    heart="heart",
    create_account="Create your account",
    confirm_visit="Confirm your visit",
    confirmed="Your visit is confirmed",
    choose_another="Choose another time",
    change_time="Change time",
    moved="Your visit has been moved.",
    cancel="Cancel",
    cancel_visit="Cancel the visit",
    cancelled="Cancelled by the patient",
    mail_confirmed="Your visit is confirmed",
    mail_confirmed_for="The visit of {} is confirmed",
    mail_move="Move it to another time",
    mail_moved="Your visit has a new time",
    mail_cancelled="Your visit is cancelled",
)
WORDS = {"es": ES, "en": EN}


def new_email(name: str) -> str:
    return f"{name}-{secrets.token_hex(4)}@browser.example"


def new_name(name: str) -> str:
    """A first name that nobody else in this run has."""
    return f"{name} {secrets.token_hex(3)}"


def in_prose(clock: str) -> str:
    """A time of a slot as sentences give it, without the half of the day."""
    hours, minutes = clock.split(":")
    return f"{(int(hours) - 1) % 12 + 1}:{minutes}"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def sign_up(
    page: Page, product: Product, email: str, *, first_name: str = "Lucía", doctor: bool = False
) -> None:
    """From the sign-up form to the page that follows the code from the mail."""
    if doctor:
        page.locator('input[name="role"][value="doctor"]').check()
    fill_in_sign_up(page, email, first_name=first_name)
    page.locator('input[name="code"]').fill(product.letter(email).code)
    page.locator('input[name="code"]').press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)


def fill_in_sign_up(page: Page, email: str, *, first_name: str = "Lucía") -> None:
    """Up to the page that asks for the code."""
    page.locator('input[name="first_name"]').fill(first_name)
    page.locator('input[name="last_name"]').fill("Prueba Navarro")
    page.locator('input[name="email"]').fill(email)
    page.locator('input[name="password1"]').fill(PASSWORD)
    page.locator('form:has(input[name="password1"]) button[type="submit"]').click()
    page.wait_for_url("**/accounts/confirm-email/**")


def new_patient(people: People, product: Product, first_name: str, **screen: Any) -> Page:
    """A browser of somebody who has just signed up and has no visits that could be in the way."""
    page = people.open(**screen)
    page.goto("/accounts/signup/")
    sign_up(page, product, new_email("patient"), first_name=first_name)
    return page


def confirm_details(page: Page, *, notes: str = "", patient: str = "") -> None:
    """Fill in what the held visit still needs and confirm, by the button that this screen shows."""
    if patient:
        page.get_by_role("radio", name=patient).check()
    if notes:
        page.locator('textarea[name="patient_notes"]').fill(notes)
    page.locator('input[name="consent"]').check()
    confirm_button(page).click()


def confirm_button(page: Page) -> Locator:
    return page.locator('button[form="confirm"]:visible')


def book(page: Page, slug: str, *, place: int = -1, **details: str) -> str:
    """Book one of the times on a doctor's page; the path of the visit."""
    hold(page, slug, place=place)
    confirm_details(page, **details)
    page.wait_for_url("**/done/")
    return visit_of(page)


def visit_of(page: Page) -> str:
    """The path of the visit whose last page of booking is open."""
    return urlsplit(page.url).path.replace("/book/holds/", "/patient/bookings/").removesuffix("done/")


def move(page: Page) -> str:
    """Choose the first of the other times that the page offers; its wall-clock text."""
    slot = page.locator("label.slot").first
    text = slot.inner_text()
    slot.click()
    page.locator("form:has(label.slot) button[type=submit]").click()
    return text


def hold(page: Page, slug: str, *, place: int = -1) -> str:
    """Hold one of the times that the page offers at first; its wall-clock text."""
    page.goto(f"/book/{slug}/")
    settled(page)
    slot = page.locator("#picker a.slot").nth(place)
    text = slot.inner_text()
    slot.click()
    page.wait_for_url("**/book/holds/**")
    return text
