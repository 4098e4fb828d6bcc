"""The check against robots in a real browser: done by itself, said aloud, and no wall where scripts are off."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.screenshots import SCREENSHOTS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PERSON = {
    "first_name": "Ana",
    "last_name": "Ruiz",
    "email": "ana@example.com",
    "password1": "canelazo con panela",
}
PAGES = ["/accounts/signup/", "/accounts/login/code/", "/accounts/password/reset/"]


@pytest.fixture
def opened(chromium: Browser, live_server: Any, settings: Any) -> Iterator[Any]:
    """Opens a page of a browser of its own; the work is as much as in production."""
    settings.CAPTCHA_DIFFICULTY = 200_000
    contexts = []

    def open_page(path: str, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=live_server.url, locale="en-US", viewport={"width": 390, "height": 844}, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def fill_in(page: Page) -> None:
    for name, value in PERSON.items():
        if page.locator(f'input[name="{name}"]').count():
            page.locator(f'input[name="{name}"]').fill(value)


def send(page: Page) -> None:
    page.locator("main form button[type=submit]").click()


@pytest.mark.parametrize("path", PAGES)
def test_it_is_done_while_the_form_is_filled_in(opened: Any, path: str) -> None:
    page = opened(path)
    status = page.locator("[data-captcha] [role=status]").first
    expect(status).to_have_text("Checked: you are not a robot.")
    fill_in(page)
    page.screenshot(path=SCREENSHOTS / f"captcha{path.replace('/', '-')}phone.png", full_page=True)
    send(page)
    page.wait_for_url(lambda url: not url.endswith(path))


def test_who_is_faster_than_the_check_waits_for_it(opened: Any, settings: Any) -> None:
    page = opened("about:blank")
    page.route("**/proof.js", lambda route: (time.sleep(0.5), route.continue_()))
    page.goto(PAGES[1])
    expect(page.locator("[data-captcha] [role=status]").first).to_have_text(
        "Checking that you are not a robot…"
    )
    fill_in(page)
    send(page)
    page.wait_for_url("**/accounts/login/code/confirm/**")


def test_a_page_that_comes_back_solves_another_challenge(opened: Any) -> None:
    page = opened(PAGES[1])
    done, answer = page.locator('[data-captcha][data-state="done"]'), page.locator("input[name=captcha]")
    expect(done).to_have_count(1)
    sent = answer.input_value()
    # As a browser does that kept the page as it was left, its number sent.
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(answer).not_to_have_value(sent)
    expect(done).to_have_count(1)
    assert answer.input_value() not in ("", "none", sent)
    fill_in(page)
    send(page)
    page.wait_for_url("**/confirm/**")


def test_a_worker_that_cannot_start_leaves_the_mailed_code(opened: Any) -> None:
    page = opened("about:blank")
    page.route("**/proof.js", lambda route: route.abort())
    page.goto(PAGES[1])
    expect(page.locator("[data-captcha] [role=status]").first).to_contain_text("could not do the check")
    fill_in(page)
    send(page)
    page.wait_for_url("**/confirm/**")


def test_without_scripts_the_mailed_code_is_the_check(opened: Any) -> None:
    page = opened(PAGES[0], java_script_enabled=False)
    fill_in(page)
    send(page)
    page.wait_for_url("**/accounts/confirm-email/**")
