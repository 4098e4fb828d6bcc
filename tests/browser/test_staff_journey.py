"""Staff act as a patient for a reason, under a banner, and the audit log tells."""

import secrets

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import SCREENS
from tests.browser.people import People
from tests.browser.product import MARIANA, SUPER_ADMIN

pytestmark = pytest.mark.browser

TEXTS = {
    "es": (
        "Actuar como este usuario",
        "Volver a mi cuenta",
        "Empezó a actuar como un usuario",
        "Petición como un usuario",
        "Dejó de actuar como un usuario",
    ),
    "en": (
        "Act as this user",
        "Return to my account",
        "Began to act as a user",
        "Request as a user",
        "Ceased to act as a user",
    ),
}


@pytest.mark.parametrize(("width", "language"), SCREENS)
def test_staff_act_as_a_patient_and_return_with_one_press(people: People, width: int, language: str) -> None:
    act, back, began, asked, ceased = TEXTS[language]
    reason = f"Llamó porque no encuentra su cita, caso {secrets.token_hex(4)}"
    page = people.open(width=width, language=language, who=SUPER_ADMIN)
    page.goto("/admin/accounts/user/?q=mariana.gomez")
    page.locator("#result_list tbody a", has_text=MARIANA).click()
    page.get_by_role("link", name=act).click()

    # Without a reason nothing happens.
    people.faults.expected.add(422)
    page.locator("form .default").click()
    expect(page.locator(".errorlist")).to_be_visible()
    page.locator('textarea[name="reason"]').fill(reason)
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

    # The log has it all: who began, why, what they opened as whom, and that they ended it.
    page.goto("/admin/accounts/adminauditlog/")
    rows = page.locator("#result_list tbody tr")
    request = rows.filter(has_text=asked).first
    expect(request).to_contain_text(SUPER_ADMIN)
    expect(request).to_contain_text(MARIANA)
    expect(rows.filter(has_text=ceased).first).to_contain_text(SUPER_ADMIN)
    begun = rows.filter(has_text=began).first
    expect(begun).to_contain_text(SUPER_ADMIN)
    begun.get_by_role("link").first.click()
    expect(page.locator("#content")).to_contain_text(reason)
