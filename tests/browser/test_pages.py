"""Every page, on a phone and at a desk, light and dark, in both languages.

Each page is seen twice: on a phone in one language and at a desk in the other, turn by turn; axe reads it each time
and its contrasts in the dark too. MEDAI_BROWSER_PAGES=all shows each page on both screens in both languages, =quick
once only. Pictures are in var/screenshots.
"""

import os
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser.people import DESKTOP, PHONE, People, settled
from tests.browser.places import Places
from tests.browser.product import PASSWORD, Product
from tests.browser.screenshots import AXE, SCREENSHOTS, axe_faults
from tests.browser.tour import FLOWS, STOPS, Stop

pytestmark = pytest.mark.browser

EXTENT = os.environ.get("MEDAI_BROWSER_PAGES", "")
CONTRAST = {**AXE, "runOnly": ["color-contrast"]}
# Django's tables of inlines head two columns with nothing; the text within its choosers' boxes, which have names, has
# none.
LEFT_TO_DJANGO = ("empty-table-header", "aria-input-field-name")
CONSOLE = {**AXE, "rules": {rule: {"enabled": False} for rule in LEFT_TO_DJANGO}}
# What a finger has to hit: what is drawn, or what reaches beyond it. Links inside a sentence are as high as its line;
# the console has a mouse.
CONTROLS = "main :is(button, .btn, .slot, .tabs > a, input:not([type=hidden]), select, summary), .side a"
TOUCH = 44
SMALL_CONTROLS = """([controls, wanted]) => {
    const inLabel = "input[type=radio], input[type=checkbox], input[type=file], .search input, .search select";
    const isShown = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".sr, [aria-hidden=true]");
    const reachesBeyond = (target) => {
        target.scrollIntoView({ block: "center", behavior: "instant" });
        const { left, top, width, height } = target.getBoundingClientRect();
        const [x, y, half] = [left + width / 2, top + height / 2, wanted / 2 - 0.5];
        const edges = [[x, y - half], [x, y + half], [x - half, y], [x + half, y]];
        return edges.every((edge) => target.contains(document.elementFromPoint(...edge)));
    };
    const found = [];
    for (const control of [...document.querySelectorAll(controls)].filter(isShown)) {
        const target = control.matches(inLabel) ? control.closest("label") ?? control : control;
        const { width, height } = target.getBoundingClientRect();
        if (width > 1 && Math.min(width, height) < wanted - 0.5 && !reachesBeyond(target))
            found.push(`${control.outerHTML.slice(0, 120)} is ${Math.round(width)} × ${Math.round(height)}`);
    }
    window.scrollTo({ top: 0, behavior: "instant" });
    return found;
}"""
SHOW_THEME = """(theme) => {
    document.documentElement.setAttribute("data-theme", theme);
    // A colour that is passed on begins to change when the one above it has.
    for (let turn = 0; turn < 6; turn++) document.getAnimations().forEach((one) => one.finish());
}"""


class Gallery:
    """One window for each person, screen and language, which goes from page to page."""

    def __init__(self, people: People) -> None:
        self.people = people
        self._windows: dict[tuple[str, int, str], Page] = {}

    def window(self, who: str, width: int, language: str) -> Page:
        key = (who, width, language)
        if key not in self._windows:
            self._windows[key] = self.people.open(
                width=width, language=language, who="" if who in FLOWS else who
            )
        return self._windows[key]


@pytest.fixture(scope="module")
def gallery(chromium: Browser, product: Product, sign_ins: dict[str, Any]) -> Iterator[Gallery]:
    gallery = Gallery(People(chromium, product, sign_ins))
    yield gallery
    gallery.people.close()


def views() -> Iterator[Any]:
    """Each page with the screens and languages in which it is seen."""
    turns = cycle([("es", "en"), ("en", "es")])
    for stop in STOPS:
        language, other = next(turns)
        seen = [(PHONE, language), (DESKTOP, other)]
        if EXTENT == "quick":
            seen = seen[language == "en" :][:1]
        elif EXTENT == "all":
            seen += [(PHONE, other), (DESKTOP, language)]
        for width, each in seen:
            yield pytest.param(stop, width, each, id=f"{stop.name}-{width}-{each}")


@pytest.mark.parametrize(("stop", "width", "language"), list(views()))
def test_a_page_is_sound(gallery: Gallery, places: Places, stop: Stop, width: int, language: str) -> None:
    path = places.fill(stop.path, gallery.people)
    gallery.people.faults.start_afresh({stop.status})
    page = gallery.window(stop.who, width, language)
    if stop.begin:
        places.begin(stop.begin, page)
    answer = page.goto(path)
    if "/reauthenticate/" in page.url and "reauthenticate" not in path:
        answer = sign_in_again(page)
    settled(page)
    assert answer is not None
    assert answer.status == stop.status
    assert page.locator("html").get_attribute("lang") == language
    in_console = path.startswith("/admin/")
    faults = [*too_wide(page), *(too_small(page) if width == PHONE and not in_console else [])]
    for theme in ("light", "dark"):
        page.evaluate(SHOW_THEME, theme)
        picture = SCREENSHOTS / f"{stop.name}-{width}-{theme}-{language}.png"
        page.screenshot(path=picture, full_page=True)
        everything = CONSOLE if in_console else AXE
        found = axe_faults(page, everything if theme == "light" else CONTRAST)
        faults += [f"{theme}: {fault}" for fault in found]
    assert [*faults, *gallery.people.faults.left_over()] == []


def sign_in_again(page: Page) -> Response | None:
    """Some pages want the password once more when it was given long ago."""
    page.locator('input[name="password"]').fill(PASSWORD)
    with page.expect_navigation() as navigation:
        page.locator('input[name="password"]').press("Enter")
    return navigation.value


def too_wide(page: Page) -> list[str]:
    extra = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{extra} px wider than the screen"] if extra > 0 else []


def too_small(page: Page) -> list[str]:
    return page.evaluate(SMALL_CONTROLS, [CONTROLS, TOUCH])
