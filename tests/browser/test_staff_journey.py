"""Staff act as a patient for a reason, under a banner, and the audit log tells."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import DESKTOP, PHONE, People, settled
from tests.browser.product import MARIANA, SUPER_ADMIN

pytestmark = pytest.mark.browser

REASON = "Llamó porque no encuentra su cita del martes"
TEXTS = {
    "es": ("Actuar como este usuario", "Volver a mi cuenta"),
    "en": ("Act as this user", "Return to my account"),
}


@pytest.mark.parametrize(
    ("width", "language"), [(DESKTOP, "es"), (PHONE, "en")], ids=["desktop-es", "phone-en"]
)
def test_staff_act_as_a_patient_and_return_with_one_press(people: People, width: int, language: str) -> None:
    act, back = TEXTS[language]
    page = people.open(width=width, language=language, who=SUPER_ADMIN)
    page.goto("/admin/accounts/user/?q=mariana.gomez")
    page.locator("#result_list tbody a", has_text=MARIANA).click()
    page.get_by_role("link", name=act).click()

    # Without a reason nothing happens.
    people.faults.expected.add(422)
    page.locator("form .default").click()
    expect(page.locator(".errorlist")).to_be_visible()
    page.locator('textarea[name="reason"]').fill(REASON)
    page.locator("form .default").click()
    page.wait_for_url("**/patient/")
    banner = page.locator(".banner--top")
    expect(banner).to_contain_text("Mariana Gómez")
    page.locator('main a[href^="/patient/bookings/"]').first.click()
    expect(banner).to_be_visible()

    # What is personal to the patient stays theirs.
    people.faults.expected.add(403)
    refused = page.goto("/accounts/password/change/")
    assert refused is not None
    assert refused.status == 403

    banner.get_by_role("button", name=back).click()
    page.wait_for_url(lambda url: "/patient/" not in url)
    expect(banner).to_have_count(0)
    people.remember(SUPER_ADMIN, page)
    page.goto("/admin/accounts/adminauditlog/")
    settled(page)
    log = page.locator("#result_list")
    expect(log).to_contain_text(MARIANA)
    page.locator("#result_list tbody a").first.click()
    expect(page.locator("#content")).to_contain_text(re.compile(MARIANA))
