"""The scripts every page shares, in a real browser: they help, and nothing depends on them."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, WebSocketRoute, expect

from tests.browser.people import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.common.design_urls"),
    pytest.mark.django_db(transaction=True),
]

EXPECTED = r"Failed to load resource|Response Status Error|htmx:(?:sendError|afterRequest|afterOnLoad)"


@pytest.fixture
def context(chromium: Browser, live_server, settings) -> Iterator[BrowserContext]:
    settings.DEBUG = True  # opens the style guide
    context = chromium.new_context(
        base_url=live_server.url,
        locale="es-CO",
        reduced_motion="reduce",
        viewport={"width": 1280, "height": 900},
    )
    context.set_default_timeout(5000)
    yield context
    context.close()


@pytest.fixture
def faults() -> list[str]:
    return []


@pytest.fixture
def page(context: BrowserContext, faults: list[str]) -> Iterator[Page]:
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    yield page
    # The browser and htmx report refused and lost requests by themselves; those are what some tests are about.
    assert [fault for fault in faults if not re.match(EXPECTED, fault)] == []


def let_it_happen(page: Page) -> None:
    """Whatever the page had asked for before has left it, and arrived, once this has."""
    page.evaluate("fetch('/help/').then((answer) => answer.text()).then(() => undefined)")


def theme(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-theme")


def test_the_theme_changes_at_once_and_stays(page):
    page.goto("/help/")
    page.locator(".topbar .btn[name=theme]").click()
    assert theme(page) == "dark"
    assert page.url.endswith("/help/")
    page.reload()
    assert theme(page) == "dark"
    page.locator(".topbar .btn[name=theme]").click()
    assert theme(page) == "light"


def test_the_theme_changes_without_scripts_too(chromium, live_server):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/help/")
    page.locator(".topbar .btn[name=theme]").click()
    assert theme(page) == "dark"
    assert page.url.endswith("/help/")
    context.close()


def test_a_dialog_takes_and_returns_the_focus(page):
    page.goto("/styleguide/")
    opener = page.locator("[data-dialog=sg-modal]")
    opener.click()
    assert page.evaluate("document.getElementById('sg-modal').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(page.locator("#sg-modal")).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    page.mouse.click(5, 5)
    expect(page.locator("#sg-modal")).to_be_hidden()


def test_choosing_from_a_menu_closes_it(page):
    page.goto("/styleguide/")
    page.locator("[popovertarget=sg-menu]").click()
    page.locator("#sg-menu button").click()
    expect(page.locator("#sg-menu")).to_be_hidden()


def test_a_pasted_code_keeps_only_its_digits(page):
    page.goto("/styleguide/")
    code = page.locator("#id_sample-code")
    code.fill("")
    code.focus()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text", "Su código: 48 21-93.");
            const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(paste);
        }"""
    )
    assert code.input_value() == "482193"


def test_a_password_can_be_looked_at(page):
    page.goto("/styleguide/")
    button = page.locator("[data-reveal='id_sample-password']")
    expect(button).to_be_visible()
    button.click()
    assert page.locator("#id_sample-password").get_attribute("type") == "text"
    assert button.get_attribute("aria-pressed") == "true"


def test_a_double_click_sends_once(page):
    sent = []

    def hold(route: Route) -> None:
        sent.append(route.request.post_data)
        route.fulfill(status=204)  # the browser stays on the page, as it does while it waits

    page.goto("/styleguide/")
    page.route("**/slow/", hold)
    page.evaluate(
        """() => {
            const form = '<form id="slow" action="/slow/" method="post"><button class="btn">Enviar</button></form>';
            document.querySelector("main").insertAdjacentHTML("afterbegin", form);
        }"""
    )
    button = page.locator("#slow button")
    button.click(no_wait_after=True)
    expect(button).to_have_attribute("aria-busy", "true")
    page.evaluate("document.getElementById('slow').requestSubmit()")
    let_it_happen(page)
    assert len(sent) == 1


def test_a_refused_htmx_request_shows_a_toast_and_leaves_the_page(page):
    page.goto("/help/")
    heading = page.locator("h1").inner_text()
    page.evaluate("htmx.ajax('GET', '/refused/', { target: 'h1' })")
    expect(page.locator("#toasts .toast")).to_contain_text("Su cuenta no puede abrir esto.")
    assert page.locator("h1").inner_text() == heading


def test_a_lost_connection_is_said(page, context):
    page.goto("/help/")
    context.set_offline(True)
    page.evaluate("htmx.ajax('GET', '/terms/', { target: 'h1' }).catch(() => {})")
    expect(page.locator("#toasts .toast")).to_contain_text("Revise su conexión")


def test_suggestions_are_chosen_by_keyboard(page):
    asked = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        results = [
            {"label": "Cardiología", "detail": "6 médicos"},
            {"label": "<b>Carmen</b>", "url": "/terms/"},
        ]
        route.fulfill(body=json.dumps({"results": results}), content_type="application/json")

    page.route("**/suggest/**", answer)
    page.goto("/")
    page.evaluate(
        """() => {
            document.querySelector("input[name=q]").dataset.suggest = "/suggest/";
            document.body.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
        }"""
    )
    field = page.get_by_role("combobox").first
    field.press_sequentially("car")
    options = page.locator("[role=option]")
    expect(options).to_have_count(2)
    assert asked == [asked[0]]  # once, after the last letter
    assert options.nth(1).inner_text() == "<b>Carmen</b>"
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == options.nth(0).get_attribute("id")
    field.press("Escape")
    expect(options.first).to_be_hidden()
    field.press_sequentially("d")
    expect(options.first).to_be_visible()
    field.press("ArrowUp")
    field.press("Enter")
    page.wait_for_url("**/terms/")


def test_a_chart_shows_the_numbers_under_the_pointer(page):
    page.goto("/styleguide/")
    page.locator("[data-chart]").first.locator(".hit").nth(2).hover(position={"x": 5, "y": 40})
    expect(page.locator(".chart__tip")).to_have_text("Mié: 9")
    page.keyboard.press("Escape")
    expect(page.locator(".chart__tip")).to_have_count(0)


def test_the_ring_counts_down(page):
    page.goto("/styleguide/")
    label = page.locator(".ring span").first
    before = label.inner_text()
    expect(label).not_to_have_text(before, timeout=3000)
    assert page.locator("#announcer").inner_text() == ""


def test_what_changed_elsewhere_is_fetched_again(page):
    heard: list[dict] = []
    sockets: list[WebSocketRoute] = []

    def serve(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.on_message(lambda text: heard.append(json.loads(text)))

    page.route_web_socket("**/ws/live/", serve)
    fetched = []

    def part(route: Route) -> None:
        fetched.append(route.request.url)
        route.fulfill(body="<b>nuevo</b>", content_type="text/html")

    page.route("**/part/", part)
    page.goto("/help/")
    page.evaluate(
        """() => {
            const part = document.createElement("p");
            part.id = "part";
            for (const [name, value] of [["data-live", "doctor-slots:1"], ["hx-get", "/part/"], ["hx-trigger", "live"]])
                part.setAttribute(name, value);
            document.querySelector("main").prepend(part);
            htmx.process(part);
            document.body.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
        }"""
    )
    asked_at = page.locator("body").get_attribute("data-asked-at")
    assert asked_at is not None
    assert time.time() - 60 < float(asked_at) < time.time()
    wanted = {"type": "subscribe", "topics": ["doctor-slots:1"], "since": float(asked_at)}
    until(lambda: wanted in heard, page)
    # Of another topic and then of its own: what the first would make it fetch would come before.
    for topic in ("doctor-slots:2", "doctor-slots:1"):
        sockets[0].send(json.dumps({"type": "changed", "topic": topic}))
    expect(page.locator("#part")).to_have_text("nuevo")
    assert len(fetched) == 1
    # After an interruption everything is looked at again, as something may have been missed.
    sockets[0].close(code=1012, reason="restart")
    until(lambda: len(fetched) == 2, page)
    assert len(sockets) == 2


def test_what_changes_while_a_part_is_fetched_is_not_missed(page):
    """The part that was asked for may be from before the change, and the element that asked is gone by then."""
    sockets: list[WebSocketRoute] = []
    page.route_web_socket("**/ws/live/", lambda socket: sockets.append(socket))
    asked: list[Route] = []
    page.route("**/part/", lambda route: asked.append(route))
    part = (
        '<p id="part" data-live="doctor-slots:1" hx-get="/part/" hx-trigger="live" hx-swap="outerHTML">%d</p>'
    )
    page.goto("/help/")
    page.evaluate(
        """(part) => {
            document.querySelector("main").insertAdjacentHTML("afterbegin", part);
            htmx.process(document.getElementById("part"));
            document.body.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
        }""",
        part % 0,
    )
    until(lambda: bool(sockets), page)
    changed = json.dumps({"type": "changed", "topic": "doctor-slots:1"})
    sockets[0].send(changed)
    until(lambda: len(asked) == 1, page)
    sockets[0].send(changed)
    let_it_happen(page)
    asked[0].fulfill(body=part % 1, content_type="text/html")
    until(lambda: len(asked) == 2, page)
    asked[1].fulfill(body=part % 2, content_type="text/html")
    expect(page.locator("#part")).to_have_text("2")


def test_a_closed_account_stops_asking(page):
    sockets: list[WebSocketRoute] = []
    page.route_web_socket("**/ws/live/", lambda socket: sockets.append(socket))
    page.clock.install()
    page.goto("/help/")
    page.evaluate(
        """() => {
            document.querySelector("h1").dataset.live = "notices:1";
            document.body.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
        }"""
    )
    until(lambda: len(sockets) == 1, page)
    sockets[0].close(code=4401, reason="signed out")
    let_it_happen(page)
    page.clock.run_for(60_000)
    let_it_happen(page)
    assert len(sockets) == 1


def test_the_first_wrong_field_gets_the_focus_after_a_swap(page):
    body = '<form id="form"><input id="a" aria-invalid="true" aria-label="a"><input id="b" aria-label="b"></form>'
    page.route("**/wrong/", lambda route: route.fulfill(status=422, body=body, content_type="text/html"))
    page.goto("/help/")
    page.evaluate("htmx.ajax('POST', '/wrong/', { target: 'h1', swap: 'outerHTML' })")
    expect(page.locator("#a")).to_be_focused()


def registrations(page: Page) -> int:
    return page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)")


def kept(page: Page) -> list[str]:
    """What is kept for the way; asking makes no cache of its own."""
    ask = """async () => {
        const name = (await caches.keys()).find((each) => each.startsWith("medai-pages-"));
        if (!name) return [];
        const pages = await caches.open(name);
        return (await pages.keys()).map((request) => new URL(request.url).pathname);
    }"""
    return page.evaluate(ask)


def wait_until_kept(page: Page, paths: list[str]) -> None:
    until(lambda: kept(page) == paths, page)


def test_only_a_page_that_asks_for_it_is_kept_for_the_way(page, context):
    page.goto("/help/")
    let_it_happen(page)
    assert registrations(page) == 0
    page.goto("/kept/")
    wait_until_kept(page, ["/kept/"])
    context.set_offline(True)
    page.goto("/kept/")
    expect(page.locator("h1")).to_have_text("Kept")
    page.goto("/help/")
    expect(page.locator("h1")).to_have_text("No hay conexión")


def test_what_was_kept_is_forgotten_once_nobody_is_signed_in(page):
    page.goto("/kept/")
    wait_until_kept(page, ["/kept/"])
    page.goto("/help/")
    wait_until_kept(page, [])
