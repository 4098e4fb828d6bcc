"""Somebody at a browser: their screen, language and theme, their sign-in, and what went wrong on their pages."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect

from tests.browser.product import ADMIN, PASSWORD, SUPER_ADMIN, Product

PHONE, DESKTOP = 390, 1440
SCREENS = {
    PHONE: {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    DESKTOP: {"viewport": {"width": 1440, "height": 900}},
}
LOCALES = {"es": "es-CO", "en": "en-US"}
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Faults:
    """What no page may do. `expected` are the statuses that a test is about."""

    found: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def watch(self, page: Page, origin: str) -> None:
        def left(request: Request) -> None:
            address = urlsplit(request.url)
            if address.scheme in {"http", "https"} and address.netloc != origin:
                self.found.append(f"left the site: {request.url}")

        def failed(response: Response) -> None:
            if response.status >= 500:
                self.found.append(f"{response.status}: {response.url}")

        page.on(
            "console", lambda said: said.type == "error" and self.found.append(f"console: {said.text[:300]}")
        )
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("request", left)
        page.on(
            "websocket",
            lambda socket: origin in socket.url or self.found.append(f"left the site: {socket.url}"),
        )
        page.on("response", failed)

    def start_afresh(self, expected: set[int]) -> None:
        self.found.clear()
        self.expected = expected

    def left_over(self) -> list[str]:
        """Without what the browser and htmx say by themselves about a status that was asked for."""

        def wanted(fault: str) -> bool:
            return any(
                re.search(rf"(?:status of|Status Error Code) {status}\b", fault) for status in self.expected
            )

        return [fault for fault in dict.fromkeys(self.found) if not wanted(fault)]


class People:
    """Opens browsers for the people of a test and closes them at its end."""

    def __init__(self, browser: Browser, product: Product, sign_ins: dict[str, Any]) -> None:
        self._browser = browser
        self._product = product
        self._sign_ins = sign_ins
        self._contexts: list[BrowserContext] = []
        self.faults = Faults()

    def open(
        self,
        *,
        width: int = DESKTOP,
        language: str = "es",
        theme: str = "light",
        who: str = "",
        **options: Any,
    ) -> Page:
        """A page of a new browser, empty yet, signed in as `who`."""
        state = self._sign_in(who) if who else None
        context = self._browser.new_context(
            base_url=self._product.url,
            locale=LOCALES[language],
            timezone_id="America/Bogota",
            reduced_motion="reduce",
            storage_state=state,
            **SCREENS[width],
            **options,
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE)
        choices = {"theme": theme, "language": language}
        context.add_cookies(
            [{"name": name, "value": value, "url": self._product.url} for name, value in choices.items()]
        )
        page = context.new_page()
        page.set_default_navigation_timeout(2 * PATIENCE)
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        """Let the test fail for what goes wrong on this page too."""
        self.faults.watch(page, urlsplit(self._product.url).netloc)

    def remember(self, who: str, page: Page) -> None:
        """Take over a session that was given another key; signing in again needs the next one-time code."""
        self._sign_ins[who] = page.context.storage_state()

    def picture(self, folder: Path, name: str) -> None:
        """What each open page shows now, to find out why a test failed."""
        folder.mkdir(parents=True, exist_ok=True)
        pages = [page for context in self._contexts for page in context.pages]
        for number, page in enumerate(pages, start=1):
            page.screenshot(path=folder / f"{name}-{number}.png")

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def _sign_in(self, who: str) -> Any:
        """The cookies of somebody signed in; the form is filled in once for each account."""
        if who not in self._sign_ins:
            page = self.open()
            page.goto("/accounts/login/")
            sign_in(page, self._product, who)
            self._sign_ins[who] = page.context.storage_state()
            page.context.close()
        state = self._sign_ins[who]
        kept = [cookie for cookie in state["cookies"] if cookie["name"] not in {"theme", "language"}]
        return {**state, "cookies": kept}


def sign_in(page: Page, product: Product, email: str, password: str = PASSWORD) -> None:
    """Fill in the form that the page shows, for staff with the code of this moment."""
    page.locator('input[name="login"]').fill(email)
    page.locator('input[name="password"]').fill(password)
    page.locator('input[name="password"]').press("Enter")
    if email in {ADMIN, SUPER_ADMIN}:
        page.wait_for_url("**/2fa/authenticate/**")
        page.locator('input[name="code"]').fill(product.code(email))
        page.locator('input[name="code"]').press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)


def press(page: Page, name: str | re.Pattern[str], *, role: Any = "button") -> None:
    page.get_by_role(role, name=name).first.click()


def until(condition: Callable[[], bool], page: Page, *, seconds: float = 10) -> None:
    """Wait for what no element shows."""
    for _ in range(int(seconds * 10)):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It did not come true in time.")


def settled(page: Page) -> None:
    """Wait until what the page fetches by itself is there."""
    page.wait_for_load_state("load")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


__all__ = ["DESKTOP", "PHONE", "Faults", "People", "expect", "press", "settled", "sign_in", "until"]
