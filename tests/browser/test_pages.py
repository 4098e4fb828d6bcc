"""Every page, on a phone and at a desk, light and dark, in both languages.

axe reads each page on both screens in one language, its contrasts in both themes; the other language gets the other
checks. With MEDAI_BROWSER_QUICK=1 each page is seen once, on a phone or at a desk in turn. Pictures: var/screenshots.
"""

import os
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.people import DESKTOP, PHONE, People, settled
from tests.browser.screenshots import AXE, SCREENSHOTS, axe_faults
from tests.browser.tour import STOPS, Places, Stop

pytestmark = pytest.mark.browser

QUICK = os.environ.get("MEDAI_BROWSER_QUICK") == "1"
CONTRAST = {"runOnly": ["color-contrast"], "preload": False}
# Django's tables of inlines head two columns with nothing, and its search box is labelled by a picture.
LEFT_TO_DJANGO = ("empty-table-header", "label-title-only")
CONSOLE = {**AXE, "rules": {rule: {"enabled": False} for rule in LEFT_TO_DJANGO}}
# What a finger has to hit. Links inside a sentence are as high as its line; a segment reaches beyond what is drawn;
# the console has a mouse.
CONTROLS = "main :is(button, .btn, .slot, .tabs > a, input:not([type=hidden]), select, summary), .side a"
TOUCH = 44
SMALL_CONTROLS = f"""(wanted) => [...document.querySelectorAll("{CONTROLS}")]
    .filter((e) => e.checkVisibility({{ opacityProperty: true, visibilityProperty: true }}) && !e.closest(".sr, [aria-hidden=true], [inert]"))
    .map((e) => [e, e.matches("input[type=radio], input[type=checkbox], input[type=file], .search input, .search select") ? e.closest("label") ?? e : e])
    .map(([e, target]) => [e, target.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.height < wanted - 0.5 || box.width < wanted - 0.5))
    .map(([e, box]) => `${{e.outerHTML.slice(0, 120)}} is ${{Math.round(box.width)}} × ${{Math.round(box.height)}}`)"""
SHOW_THEME = """(theme) => {
    document.documentElement.setAttribute("data-theme", theme);
    document.getAnimations().forEach((one) => one.finish());
}"""
LAYOUTS = cycle([(PHONE, "es"), (DESKTOP, "en")])


def views() -> Iterator[Any]:
    """Each page with the screens and languages in which it is seen, and whether axe reads it."""
    for stop in STOPS:
        width, language = next(LAYOUTS)
        yield pytest.param(stop, width, language, True, id=f"{stop.name}-{width}-{language}")
        if QUICK:
            continue
        other_width = DESKTOP if width == PHONE else PHONE
        other_language = "en" if language == "es" else "es"
        yield pytest.param(stop, other_width, language, True, id=f"{stop.name}-{other_width}-{language}")
        for each in (width, other_width):
            yield pytest.param(stop, each, other_language, False, id=f"{stop.name}-{each}-{other_language}")


@pytest.mark.parametrize(("stop", "width", "language", "read"), list(views()))
def test_a_page_is_sound(
    people: People, places: Places, stop: Stop, width: int, language: str, read: bool
) -> None:
    path = places.fill(stop.path, people)
    people.faults.expected.add(stop.status)
    page = people.open(width=width, language=language, who=stop.who)
    answer = page.goto(path)
    settled(page)
    assert answer is not None
    assert answer.status == stop.status
    assert page.locator("html").get_attribute("lang") == language
    faults = [*too_wide(page), *(too_small(page) if width == PHONE and "/admin/" not in path else [])]
    for theme in ("light", "dark"):
        # Changing the attribute shows what the server would have written there, without another request.
        page.evaluate(SHOW_THEME, theme)
        page.screenshot(path=SCREENSHOTS / f"{stop.name}-{width}-{theme}-{language}.png", full_page=True)
        if read:
            everything = CONSOLE if path.startswith("/admin/") else AXE
            found = axe_faults(page, everything if theme == "light" else CONTRAST)
            faults += [f"{theme}: {fault}" for fault in found]
    assert faults == []


def too_wide(page: Page) -> list[str]:
    extra = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{extra} px wider than the screen"] if extra > 0 else []


def too_small(page: Page) -> list[str]:
    return page.evaluate(SMALL_CONTROLS, TOUCH)
