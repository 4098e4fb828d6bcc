"""One Chromium and one running product for all browser tests."""

import os
import re
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.browser import product as running_product
from tests.browser.people import People
from tests.browser.places import Places
from tests.browser.product import Product
from tests.browser.screenshots import SCREENSHOTS, launch

FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright's own event loop runs in this thread, where the test database is also read: Django would refuse.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except Error as error:
            pytest.skip(f"no Chromium on this machine: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    with running_product.running() as product:
        yield product


@pytest.fixture(scope="session")
def sign_ins() -> dict[str, Any]:
    """The cookies of whoever has signed in; signing in is limited, and slow on purpose."""
    return {}


@pytest.fixture(scope="session")
def places(product: Product) -> Places:
    return Places(product)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def people(
    chromium: Browser, product: Product, sign_ins: dict[str, Any], request: pytest.FixtureRequest
) -> Iterator[People]:
    """Browsers for this test; it fails if one of their pages did what none may do."""
    people = People(chromium, product, sign_ins)
    yield people
    if request.node.stash.get(FAILED, False):
        people.picture(SCREENSHOTS / "failed", re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()))
    people.close()
    assert people.faults.left_over() == []
