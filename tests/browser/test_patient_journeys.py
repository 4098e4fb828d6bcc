"""What patients do, from the first page to the mail: in both languages, on a phone and at a desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import (
    SCREENS,
    WORDS,
    Words,
    confirm_details,
    heading,
    hold,
    in_prose,
    move,
    new_email,
    sign_up,
    visit_of,
)
from tests.browser.people import People, settled
from tests.browser.product import MARIANA, Letter, Product

pytestmark = pytest.mark.browser

SARAH, CHILD = "sarah-ahmed", "Antonella Cárdenas Gómez"


def calendar_of(letter: Letter, product: Product) -> str:
    """What is attached, with its folded lines joined."""
    assert len(letter.attachments) == 1
    return product.get(letter.attachments[0]).replace("\r\n ", "")


def cancel(page: Page, words: Words) -> None:
    page.locator(".head").get_by_role("link", name=words.cancel, exact=True).click()
    page.get_by_role("button", name=words.cancel_visit).click()
    page.wait_for_url(re.compile(r"/patient/bookings/[0-9a-f-]+/$"))
    expect(page.locator(".head .badge")).to_contain_text(words.cancelled)


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
    settled(page)
    slot = page.locator("li.doc", has_text="Sarah Ahmed").locator('a.slot[href*="/start/"]').last
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
    visit = visit_of(page)

    letter = product.letter(email, words.mail_confirmed)
    assert "Sarah Ahmed" in letter.page
    assert in_prose(time_of_day) in letter.page
    calendar = calendar_of(letter, product)
    assert "METHOD:REQUEST" in calendar
    assert "Sarah Ahmed" in calendar
    # What ails them stands neither in the mail nor in a calendar that others may see.
    assert "Palpitaciones" not in letter.page + calendar

    # The mail leads to another time, which a mail then tells, and the portal knows.
    page.goto(letter.path)
    page.frame_locator("iframe.letter").get_by_role("link", name=words.mail_move).click()
    page.wait_for_url("**/visit/**")
    expect(page.locator("main")).to_contain_text(in_prose(time_of_day))
    other_time = move(page)
    moved = product.letter(email, words.mail_moved)
    assert in_prose(other_time) in moved.page
    assert "METHOD:REQUEST" in calendar_of(moved, product)
    page.goto(visit)
    expect(page.locator(".head")).to_contain_text(in_prose(other_time))

    cancel(page, words)
    cancelled = product.letter(email, words.mail_cancelled)
    assert in_prose(other_time) in cancelled.page
    assert "METHOD:CANCEL" in calendar_of(cancelled, product)


@pytest.mark.parametrize(("width", "language"), SCREENS)
def test_a_mother_books_for_her_child(people: People, product: Product, width: int, language: str) -> None:
    words = WORDS[language]
    page = people.open(width=width, language=language, who=MARIANA)
    earlier = product.letters()
    # Late in the days on offer: on the day itself a visit is not moved.
    time_of_day = hold(page, SARAH, place=-3)
    confirm_details(page, patient=CHILD, notes="Control")
    page.wait_for_url("**/done/")
    expect(page.locator("main")).to_contain_text(CHILD)
    # The mail comes to her, in the language of her account, and says whose visit it is.
    letter = product.letter(MARIANA, WORDS["es"].mail_confirmed_for.format(CHILD), other_than=earlier)
    assert in_prose(time_of_day) in letter.page

    visit = visit_of(page)
    page.goto("/patient/bookings/")
    row = page.locator(f'.list li:has(a[href="{visit}"])')
    expect(row).to_contain_text(CHILD)
    expect(row).to_contain_text("Sarah Ahmed")
    row.get_by_role("link").click()
    page.get_by_role("link", name=words.change_time).click()
    other_time = move(page)
    page.wait_for_url(re.compile(r"/patient/bookings/[0-9a-f-]+/$"))
    expect(page.locator("main")).to_contain_text(words.moved)
    expect(page.locator(".head")).to_contain_text(in_prose(other_time))
    cancel(page, words)
