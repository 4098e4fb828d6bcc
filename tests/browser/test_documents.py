"""What the documentation tells people to run does run."""

import subprocess

import pytest

from medai.local.state import BASE_DIR
from tests.browser.product import Product

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_journey_by_curl_goes_to_its_end(product: Product, language: str) -> None:
    finished = subprocess.run(
        [str(BASE_DIR / "docs" / "booking-journey.sh"), product.url],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANGUAGE_CODE": language},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    steps = finished.stdout.split("\n== ")
    for step in ("Book it", "It is on the list", "Cancel it", "Sign out"):
        assert any(text.startswith(step) for text in steps), finished.stdout
    assert "cancelled_by_patient" in finished.stdout
