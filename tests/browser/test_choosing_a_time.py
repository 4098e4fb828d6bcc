"""Choosing and holding a time: several people at once, no script, no mouse, no patience."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import (
    WORDS,
    confirm_button,
    confirm_details,
    heading,
    hold,
    new_email,
    new_patient,
    sign_up,
)
from tests.browser.people import DESKTOP, PHONE, People, settled
from tests.browser.product import PASSWORD, Product

pytestmark = pytest.mark.browser

# Doctors of the demo who confirm by themselves and have many free times.
SARAH, PAULA = "sarah-ahmed", "paula-andrea-gil-sarmiento"


def offered(page: Page) -> list[str | None]:
    """The addresses of the times that the picker shows."""
    settled(page)
    return [slot.get_attribute("href") for slot in page.locator("#picker a.slot").all()]


def give_back(page: Page) -> None:
    """Leave a held time to others."""
    page.locator('form[action$="/leave/"] button').click()
    page.wait_for_url(f"**/book/{SARAH}/")


def test_a_time_that_somebody_takes_disappears_from_the_screens_of_others(
    people: People, product: Product
) -> None:
    taker = new_patient(people, product, "Tomás", width=PHONE)
    watchers = [
        people.open(width=width, language=language) for width, language in ((PHONE, "es"), (DESKTOP, "en"))
    ]
    watchers[0].goto(f"/book/{SARAH}/")
    watchers[1].goto(f"/doctors/{SARAH}/")
    before = [offered(watcher) for watcher in watchers]
    assert before[0] == before[1]

    taker.goto(f"/book/{SARAH}/")
    settled(taker)
    wanted = taker.locator("#picker a.slot").nth(2).get_attribute("href")
    taker.locator("#picker a.slot").nth(2).click()
    taker.wait_for_url("**/book/holds/**")
    for watcher in watchers:
        expect(watcher.locator(f'#picker a.slot[href="{wanted}"]')).to_have_count(0)
    assert wanted in before[0]

    # Given back, it comes back.
    give_back(taker)
    for watcher in watchers:
        expect(watcher.locator(f'#picker a.slot[href="{wanted}"]')).to_have_count(1)


def test_whoever_comes_second_sees_the_nearest_free_times(people: People, product: Product) -> None:
    first = new_patient(people, product, "Primera", language="en")
    second = new_patient(people, product, "Segunda", language="en")
    first.goto(f"/book/{SARAH}/")
    settled(first)
    address = first.locator("#picker a.slot").nth(4).get_attribute("href")
    assert address is not None
    first.goto(address)
    first.wait_for_url("**/book/holds/**")

    people.faults.expected.add(409)
    second.goto(address)
    heading(second, WORDS["en"].choose_another)
    expect(second.get_by_role("alert")).to_contain_text("Somebody else took that time")
    nearest = second.locator("main a.slot")
    expect(nearest).not_to_have_count(0)
    # One of them is a press away from being held.
    nearest.first.click()
    second.wait_for_url("**/book/holds/**")
    give_back(second)
    give_back(first)


def test_pressing_twice_books_once(people: People, product: Product) -> None:
    page = new_patient(people, product, "Dora")
    hold(page, SARAH, place=1)
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.locator('input[name="consent"]').check()
    confirm_button(page).dblclick()
    page.wait_for_url("**/done/")
    assert len(sent) == 1
    page.goto("/patient/bookings/")
    expect(page.locator("main .list > li")).to_have_count(1)


def test_two_windows_of_one_person_hold_one_time(people: People, product: Product) -> None:
    page = new_patient(people, product, "Dos")
    hold(page, SARAH, place=1)
    first = page.url
    other = page.context.new_page()
    people.watch(other)
    other.goto(f"/book/{PAULA}/")
    settled(other)
    expect(other.locator("#picker a.slot").first).to_be_visible()
    page.goto("/patient/")
    expect(page.locator("main")).to_contain_text("Está reservando una hora")
    page.goto(first)
    give_back(page)


def test_the_countdown_goes_on_after_a_reload_and_ends_with_other_times(
    people: People, product: Product
) -> None:
    page = new_patient(people, product, "Rita")
    page.clock.install()
    hold(page, SARAH, place=1)
    ring = page.locator("aside .ring")
    expect(ring).to_contain_text(re.compile(r"^(10:00|9:5\d)"))
    page.clock.run_for(5 * 60_000)
    expect(ring).to_contain_text(re.compile(r"^(5:00|4:5\d)"))
    expect(page.locator("#announcer")).to_contain_text("5")
    page.clock.run_for(4 * 60_000 + 10_000)
    expect(ring).to_have_attribute("data-low", "")
    # By the server's clock the hold has just begun: the page asks it again and goes on with what it says.
    with page.expect_navigation():
        page.clock.run_for(60_000)
    expect(page.locator("aside .ring")).to_contain_text(re.compile(r"^9:\d\d"))
    give_back(page)


@pytest.mark.parametrize(
    ("width", "language"), [(PHONE, "es"), (DESKTOP, "en")], ids=["phone-es", "desktop-en"]
)
def test_a_visit_is_booked_without_any_script(
    people: People, product: Product, width: int, language: str
) -> None:
    words, email = WORDS[language], new_email("noscript")
    page = people.open(width=width, language=language, java_script_enabled=False)
    page.goto("/")
    page.locator('.hero form[role=search] input[name="q"]').fill("Sarah Ahmed")
    page.locator(".hero form[role=search] button").click()
    page.locator("li.doc h2 a", has_text="Sarah Ahmed").click()
    page.locator("#picker a").click()
    page.locator("#picker a.slot").last.click()
    page.get_by_role("link", name=words.create_account).click()
    sign_up(page, product, email)
    page.locator("main form button").click()
    page.wait_for_url("**/book/holds/**")
    heading(page, words.confirm_visit)

    # What was typed stays when something is missing.
    people.faults.expected.add(422)
    page.locator('textarea[name="patient_notes"]').fill("Palpitaciones")
    confirm_button(page).click()
    expect(page.locator('input[name="consent"]')).to_have_attribute("aria-invalid", "true")
    expect(page.locator('textarea[name="patient_notes"]')).to_have_value("Palpitaciones")
    confirm_details(page)
    page.wait_for_url("**/done/")
    heading(page, words.confirmed)

    page.goto("/patient/bookings/")
    page.locator("main .list a").first.click()
    page.get_by_role("link", name=words.change_time).click()
    page.locator('input[name="start"]').first.check(force=True)
    page.locator("form:has(label.slot) button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(words.moved)
    page.locator(".head").get_by_role("link", name=words.cancel, exact=True).click()
    page.get_by_role("button", name=words.cancel_visit).click()
    expect(page.locator(".head .badge")).to_contain_text(words.cancelled)


def test_the_keyboard_alone_books_a_visit(people: People, product: Product) -> None:
    email = new_email("keys")
    page = people.open()
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator('input[name="q"]')).to_be_focused()
    page.keyboard.type("Sarah Ahmed")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**/doctors/?**")
    settled(page)
    go_to(page, "li.doc a.slot")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/login/**")
    page.goto(page.get_by_role("link", name=WORDS["es"].create_account).get_attribute("href") or "")

    go_to(page, 'input[name="first_name"]')
    for text in ("Tecla", "Prueba", email, PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
        if page.locator("[data-reveal]:focus").count():
            page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/confirm-email/**")
    expect(page.locator('input[name="code"]')).to_be_focused()
    page.keyboard.type(product.letter(email).code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/holds/**")

    go_to(page, 'textarea[name="patient_notes"]')
    page.keyboard.type("Palpitaciones")
    go_to(page, 'input[name="consent"]')
    page.keyboard.press("Space")
    go_to(page, 'button[form="confirm"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/done/")
    heading(page, WORDS["es"].confirmed)


def go_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; each step on the way shows where it is."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            assert is_outlined(page), f"no focus to be seen on {selector}"
            return
    raise AssertionError(f"Tab does not reach {selector}.")


def is_outlined(page: Page) -> bool:
    return page.evaluate(
        """() => {
            const shows = (e) => {
                const style = getComputedStyle(e);
                return style.outlineStyle !== "none" || style.boxShadow !== "none";
            };
            const focused = document.activeElement;
            return shows(focused) || shows(focused.parentElement);
        }"""
    )
