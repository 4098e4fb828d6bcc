"""What patients do, from the first page to the mail: in both languages, on a phone and at a desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import (
    WORDS,
    confirm_details,
    heading,
    hold,
    new_email,
    sign_up,
)
from tests.browser.people import DESKTOP, PHONE, People
from tests.browser.product import MARIANA, Product

pytestmark = pytest.mark.browser

SCREENS = [
    pytest.param(PHONE, "es", id="phone-es"),
    pytest.param(DESKTOP, "en", id="desktop-en"),
    pytest.param(PHONE, "en", id="phone-en"),
    pytest.param(DESKTOP, "es", id="desktop-es"),
]
TWO_SCREENS = SCREENS[:2]
SARAH = "sarah-ahmed"


def in_prose(clock: str) -> str:
    """A time of a slot as sentences give it, without the half of the day."""
    hours, minutes = clock.split(":")
    return f"{(int(hours) - 1) % 12 + 1}:{minutes}"


def status(page: Page, text: str) -> None:
    expect(page.locator(".head .badge")).to_contain_text(text)


@pytest.mark.parametrize(("width", "language"), SCREENS)
def test_a_visitor_finds_a_doctor_signs_up_books_moves_and_cancels(
    people: People, product: Product, width: int, language: str
) -> None:
    words, email = WORDS[language], new_email("visitor")
    page = people.open(width=width, language=language)
    page.goto("/")
    page.get_by_role("combobox").first.fill(words.heart)
    page.locator(".hero form[role=search] button.btn--primary").click()
    page.wait_for_url("**/doctors/?**")
    card = page.locator("li.doc", has_text="Sarah Ahmed")
    slot = card.locator('a.slot[href*="/start/"]').last
    time_of_day = slot.inner_text()
    slot.click()

    # Nobody is asked who they are before a time is chosen; afterwards they come back to the same one.
    page.get_by_role("link", name=words.create_account).click()
    sign_up(page, product, email)
    page.wait_for_url("**/book/holds/**")
    heading(page, words.confirm_visit)
    expect(page.locator(".ring:visible").first).to_contain_text(re.compile(r"(10:00|9:\d\d)"))
    expect(page.locator("aside")).to_contain_text(in_prose(time_of_day))
    confirm_details(page, notes="Palpitaciones")
    page.wait_for_url("**/done/")
    heading(page, words.confirmed)

    letter = product.letter(email, "Sarah Ahmed")
    calendar = next(product.get(path) for path in letter.attachments)
    assert "BEGIN:VEVENT" in calendar
    assert "Sarah Ahmed" in calendar.replace("\r\n ", "")
    assert "Palpitaciones" not in calendar

    page.goto(page.url.replace("/book/holds/", "/patient/bookings/").removesuffix("done/"))
    page.get_by_role("link", name=words.change_time).click()
    other = page.locator("label.slot").first
    other_time = other.inner_text()
    other.click()
    page.locator("form:has(label.slot) button[type=submit]").click()
    page.wait_for_url(re.compile(r"/patient/bookings/[0-9a-f-]+/$"))
    expect(page.locator("main")).to_contain_text(words.moved)
    expect(page.locator(".head")).to_contain_text(in_prose(other_time))

    page.locator(".head").get_by_role("link", name=words.cancel, exact=True).click()
    page.get_by_role("button", name=words.cancel_visit).click()
    page.wait_for_url(re.compile(r"/patient/bookings/[0-9a-f-]+/$"))
    status(page, words.cancelled)


@pytest.mark.parametrize(("width", "language"), TWO_SCREENS)
def test_a_mother_books_for_her_child(people: People, width: int, language: str) -> None:
    page = people.open(width=width, language=language, who=MARIANA)
    hold(page, SARAH, place=3)
    confirm_details(page, patient="Antonella Cárdenas Gómez", notes="Control")
    page.wait_for_url("**/done/")
    expect(page.locator("main")).to_contain_text("Antonella Cárdenas Gómez")
    page.goto("/patient/bookings/")
    expect(
        page.locator(".list li", has_text="Antonella Cárdenas Gómez").filter(has_text="Sarah Ahmed")
    ).to_have_count(1)
    page.locator(".list li", has_text="Antonella").filter(has_text="Sarah Ahmed").get_by_role("link").click()
    page.locator(".head").get_by_role("link", name=WORDS[language].cancel, exact=True).click()
    page.get_by_role("button", name=WORDS[language].cancel_visit).click()
    status(page, WORDS[language].cancelled)
