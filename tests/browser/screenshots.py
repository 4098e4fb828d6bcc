"""Pictures of pages at both widths, in both themes and languages, and what axe and the console say of them.

    python -m tests.browser.screenshots --base-url http://127.0.0.1:8000 / /help/
    python -m tests.browser.screenshots --sign-in patient@example.com:password /app/ --widths 390 --themes dark

The PNG files go to var/screenshots. Exits with 1 if axe found something, a request left the site, the page is
wider than the screen, or the console reported an error.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
]  # or what CHROMIUM says
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
HEIGHTS = {390: 844, 1440: 900}
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # It would copy style sheets into the page, which our policy refuses and the console reports.
    "preload": False,
    "resultTypes": ["violations"],
}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--output", type=Path, default=SCREENSHOTS)
    parser.add_argument("--widths", type=int, nargs="+", default=[390, 1440])
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    parser.add_argument("--languages", nargs="+", default=["es", "en"])
    parser.add_argument("--sign-in", metavar="EMAIL:PASSWORD")
    parser.add_argument("--cookie", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument(
        "--viewport", action="store_true", help="only what a screen shows, not the whole page"
    )
    parser.add_argument("--no-axe", action="store_true")
    parser.add_argument("--click", help="a CSS selector to press before the picture")
    return parser.parse_args()


def launch(playwright) -> Browser:
    installed = next((path for path in CHROMIUM if Path(path).exists()), None)
    path = os.environ.get("CHROMIUM") or installed
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def open_context(browser: Browser, options, width: int, theme: str, language: str) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        device_scale_factor=2 if width < 800 else 1,
        has_touch=width < 800,
        is_mobile=width < 800,
        locale={"es": "es-CO", "en": "en-US"}[language],
        timezone_id="America/Bogota",
        reduced_motion="reduce",
    )
    cookies = {"theme": theme, "language": language}
    cookies |= dict(cookie.split("=", 1) for cookie in options.cookie)
    context.add_cookies(
        [{"name": name, "value": value, "url": options.base_url} for name, value in cookies.items()]
    )
    return context


def sign_in(context: BrowserContext, options) -> None:
    email, password = options.sign_in.split(":", 1)
    page = context.new_page()
    page.goto(f"{options.base_url}/accounts/login/")
    page.fill('input[name="login"]', email)
    page.fill('input[name="password"]', password)
    page.locator('input[name="password"]').press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    page.close()


def watch(page: Page, origin: str, faults: list[str]) -> None:
    page.on(
        "console", lambda message: message.type == "error" and faults.append(f"console: {message.text[:300]}")
    )
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on(
        "request",
        lambda request: (
            urlsplit(request.url).netloc not in {origin, ""}
            and urlsplit(request.url).scheme in {"http", "https"}
            and faults.append(f"left the site: {request.url}")
        ),
    )


def axe_faults(page: Page, options: dict[str, list[str]] = AXE) -> Iterator[str]:
    """What axe finds on the page as it is now."""
    # Its half megabyte is read once for each page.
    has_it = page.evaluate("typeof axe === 'object'")
    for violation in Axe("" if has_it else AXE_SCRIPT).run(page, options=options).response["violations"]:
        for node in violation["nodes"][:4]:
            yield f"axe {violation['id']} ({violation['impact']}): {node['target']} {node['html'][:140]}"


def shoot(context: BrowserContext, options, path: str, name: str) -> list[str]:
    faults: list[str] = []
    page = context.new_page()
    watch(page, urlsplit(options.base_url).netloc, faults)
    answer = page.goto(options.base_url + path, wait_until="load")
    page.wait_for_timeout(300)
    if answer and answer.status >= 400:
        # The browser reports the page's own status as an error; that is what was asked for.
        faults[:] = [fault for fault in faults if f"status of {answer.status}" not in fault]
    if options.click:
        page.click(options.click)
        page.wait_for_timeout(300)
    extra = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if extra > 0:
        faults.append(f"{extra} px wider than the screen")
    page.screenshot(path=options.output / f"{name}.png", full_page=not options.viewport)
    if not options.no_axe:
        faults += axe_faults(page)
    page.close()
    return faults


def main() -> int:
    options = parse()
    options.output.mkdir(parents=True, exist_ok=True)
    found = 0
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for width, theme, language in product(options.widths, options.themes, options.languages):
            context = open_context(browser, options, width, theme, language)
            if options.sign_in:
                sign_in(context, options)
            for path in options.paths:
                slug = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
                name = f"{slug}-{width}-{theme}-{language}"
                faults = shoot(context, options, path, name)
                found += len(faults)
                print(name, "ok" if not faults else "")
                for fault in dict.fromkeys(faults):
                    print("   ", fault)
            context.close()
        browser.close()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
