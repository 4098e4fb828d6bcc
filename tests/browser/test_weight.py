"""What a page costs to fetch: style sheets and scripts, as a server that compresses sends them."""

import gzip
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response

from tests.browser.people import PHONE, People, settled
from tests.browser.product import MARIANA, SARAH

pytestmark = pytest.mark.browser

MOST_OF_OUR_OWN = 100 * 1024
FROM_OTHERS = ("/static/vendor/", "/static/django_htmx/", "/static/admin/")
PAGES = {
    "landing": ("", "/"),
    "directory": ("", "/doctors/"),
    "doctor": ("", "/doctors/sarah-ahmed/"),
    "sign-in": ("", "/accounts/login/"),
    "home": (MARIANA, "/patient/"),
    "today": (SARAH, "/doctor/"),
    "calendar": (SARAH, "/doctor/calendar/"),
    "schedule": (SARAH, "/doctor/schedule/"),
}


@pytest.mark.parametrize("name", PAGES)
def test_own_styles_and_scripts_weigh_little(people: People, name: str) -> None:
    who, path = PAGES[name]
    page = people.open(width=PHONE, who=who)
    fetched: dict[str, Response] = {}
    page.on("response", lambda response: fetched.setdefault(urlsplit(response.url).path, response))
    page.goto(path)
    settled(page)
    own = {
        path: len(gzip.compress(response.body(), 6))
        for path, response in list(fetched.items())  # asking for a body lets further answers in
        if path.endswith((".css", ".js")) and not path.startswith(FROM_OTHERS)
    }
    assert "/static/css/medai.css" in own
    assert sum(own.values()) <= MOST_OF_OUR_OWN, own
