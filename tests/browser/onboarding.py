"""The steps of a new doctor, from the profile to what staff look at."""

from playwright.sync_api import Page, expect

from medai.demo.documents import diploma, license_card
from tests.browser.people import settled


def fill_in(page: Page, surname: str) -> None:
    """From the first step to the last, which shows everything before it is sent."""
    fill_in_profile(page, surname)
    upload_documents(page)
    fill_in_hours(page)
    fill_in_fees(page)
    page.wait_for_url("**/onboarding/review/")


def send(page: Page) -> None:
    page.locator("main button[type=submit]").last.click()


def fill_in_profile(page: Page, surname: str) -> None:
    page.locator('input[name="last_name"]').fill(surname)
    page.locator('input[name="license_number"]').fill("52-118.204")
    page.locator('input[name="experience_years"]').fill("9")
    page.locator('select[name="specialty"]').select_option(index=3)
    page.locator('textarea[name="bio_es"]').fill(
        "Explico cada examen con calma y dejo por escrito los pasos."
    )
    onward(page)
    page.wait_for_url("**/onboarding/credentials/")


def upload_documents(page: Page) -> None:
    """The degree and the licence, one after the other; the page asks for what is still missing."""
    name = "Lucía Prueba Navarro"
    diplomas = (
        diploma(name, "Médica cirujana", "Universidad del Valle", 2012),
        license_card(name, "52-118.204"),
    )
    for number, document in enumerate(diplomas, start=1):
        file = {"name": f"document-{number}.pdf", "mimeType": "application/pdf", "buffer": document.pdf()}
        page.locator('input[type="file"]').set_input_files(file)
        expect(page.locator(".upload__name")).to_have_text(file["name"])
        page.locator('form[enctype] button[type="submit"]').click()
        expect(page.locator("main .file")).to_have_count(number)
        settled(page)
    page.locator('button[name="continue"]').click()
    page.wait_for_url("**/onboarding/hours/")


def fill_in_hours(page: Page) -> None:
    """An office, and hours on every day of the week."""
    page.locator('input[name="address"]').fill("Calle 93 # 14-20, cons. 301")
    page.locator('input[name="city"]').fill("Bogotá")
    page.locator('form:has(input[name="address"]) button[type="submit"]').click()
    expect(page.locator("main")).to_contain_text("Calle 93 # 14-20")
    settled(page)
    for day in range(7):
        switch = page.locator(f"#day-{day}-on")
        if not switch.is_checked():
            switch.check()
        expect(page.locator(".dayrow", has=switch).locator('input[type="time"]')).not_to_have_count(0)
    # The preview follows what is typed.
    expect(page.locator("#preview .slot").first).to_be_visible()
    page.locator("button[form=hours-form]").click()
    page.wait_for_url("**/onboarding/fees/")


def fill_in_fees(page: Page) -> None:
    for number, fee in enumerate(("180000", "120000")):
        page.locator('input[name$="-fee"]').nth(number).fill(fee)
    onward(page)


def onward(page: Page) -> None:
    page.locator("main form .btn--primary[type=submit]").last.click()
