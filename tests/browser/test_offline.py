"""On the way to a visit without a connection: what is still readable, for whom, and until when."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.people import PHONE, People, sign_in, until
from tests.browser.product import MARIANA, Product

pytestmark = pytest.mark.browser

KEPT = """async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("medai-pages-"));
    const caches_ = await Promise.all(names.map((name) => caches.open(name)));
    const requests = await Promise.all(caches_.map((cache) => cache.keys()));
    return requests.flat().map((request) => new URL(request.url).pathname);
}"""


def kept(page: Page) -> list[str]:
    return page.evaluate(KEPT)


def cut_off(context: BrowserContext, people: People) -> None:
    context.set_offline(True)
    # What a browser says when pictures, scripts and the socket cannot be had.
    people.faults.expected = {0}


def test_coming_visits_are_readable_without_a_connection_until_one_signs_out(
    people: People, product: Product
) -> None:
    page = people.open(width=PHONE, language="es")
    page.goto("/accounts/login/")
    sign_in(page, product, MARIANA)
    page.goto("/patient/")
    visit = page.locator("a[data-offline-too]").first
    path = visit.get_attribute("href") or ""
    place = page.locator("section[aria-labelledby=next] .meta").inner_text().splitlines()
    until(lambda: path in kept(page), page)
    assert "/patient/" in kept(page)

    cut_off(page.context, people)
    page.goto(path)
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile(r"\d{1,2}:\d\d"))
    expect(page.locator("main")).to_contain_text(place[-1])
    page.goto("/patient/")
    expect(page.locator("#next")).to_be_visible()
    page.goto("/")
    expect(page.locator("h1")).to_have_text("No hay conexión")
    page.locator(f'[data-kept] a[href$="{path}"]').click()
    expect(page.locator("main")).to_contain_text(place[-1])
    page.goto("/settings/")
    expect(page.locator("h1")).to_have_text("No hay conexión")

    page.context.set_offline(False)
    page.goto("/accounts/logout/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda url: "/logout/" not in url)
    until(lambda: kept(page) == [], page)
    page.context.set_offline(True)
    page.goto(path)
    expect(page.locator("h1")).to_have_text("No hay conexión")
    expect(page.locator("[data-kept]")).to_be_hidden()
    page.context.set_offline(False)
    page.goto("/")
    people.faults.found.clear()
