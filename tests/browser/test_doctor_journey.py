"""A doctor's way from signing up to the first patient, with staff, a visitor and the live page in between."""

import re

import pytest
from playwright.sync_api import Page, expect

from medai.demo.documents import diploma, license_card
from tests.browser.journeys import SCREENS, book, heading, new_email, new_patient, sign_up
from tests.browser.people import People, settled
from tests.browser.product import ADMIN, Product

pytestmark = pytest.mark.browser

TEXTS = {
    "es": {
        "waiting": "Estamos revisando su perfil",
        "verified": "Su perfil está verificado",
        "notice": "Los pacientes ya pueden encontrarle",
    },
    "en": {
        "waiting": "We are looking at your profile",
        "verified": "Your profile is verified",
        "notice": "Patients can find you",
    },
}


@pytest.mark.parametrize(("width", "language"), SCREENS)
def test_a_doctor_signs_up_is_verified_and_sees_the_first_booking_arrive(
    people: People, product: Product, width: int, language: str
) -> None:
    texts, email = TEXTS[language], new_email("doctor")
    surname = f"Prueba {email.split('-')[1].split('@')[0]}"
    doctor = people.open(width=width, language=language)
    doctor.goto("/accounts/signup/")
    sign_up(doctor, product, email, doctor=True)
    doctor.wait_for_url("**/doctor/onboarding/profile/")
    fill_in_profile(doctor, surname)
    upload_documents(doctor)
    fill_in_hours(doctor)
    fill_in_fees(doctor)
    doctor.wait_for_url("**/onboarding/review/")
    expect(doctor.locator("main .alert--warn")).to_have_count(0)
    doctor.locator("main button[type=submit]").last.click()
    heading(doctor, texts["waiting"])

    document = mark(doctor)
    verify(people, surname)
    # The doctor's page hears of it by itself.
    heading(doctor, texts["verified"])
    assert mark(doctor) == document
    profile = doctor.locator('a[href^="/doctors/"]').last.get_attribute("href")
    assert profile is not None

    doctor.goto("/notifications/")  # at night the mail waits for the morning
    expect(doctor.locator("main .list")).to_contain_text(texts["notice"])
    doctor.goto("/doctor/schedule/rules/")
    doctor.locator('label:has(input[name="confirmation_mode"][value="by_hand"])').click()
    doctor.locator("main form button[type=submit]").last.click()
    doctor.goto("/doctor/")
    settled(doctor)
    shown = doctor.locator("#today .list li", has_text="Ramiro")
    expect(shown).to_have_count(0)
    document = mark(doctor)
    patient = new_patient(people, product, "Ramiro", width=width, language=language)
    # Anybody finds the new doctor now.
    patient.goto(f"/doctors/?q={surname}")
    patient.locator("li.doc h2 a", has_text=surname).click()
    patient.wait_for_url(f"**{profile}**")
    heading(patient, surname)
    visit = book(patient, profile.strip("/").split("/")[-1], notes="Primera consulta")
    # Neither reloads: the doctor's day shows who asks to come, the patient's page what the doctor answers.
    expect(shown).to_have_count(1)
    assert mark(doctor) == document
    patient.goto(visit)
    settled(patient)
    expect(patient.locator(".head .badge--warn")).to_be_visible()
    document = mark(patient)
    shown.locator("form button").click()
    expect(shown).to_have_count(0)
    expect(patient.locator(".head .badge--ok")).to_be_visible()
    assert mark(patient) == document


def mark(page: Page) -> str:
    """What tells the document that is shown from the one that a reload would bring."""
    return page.evaluate("window.mark ??= crypto.randomUUID()")


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
    for day in range(7):
        switch = page.locator(f"#day-{day}-on")
        if not switch.is_checked():
            switch.check()
        expect(page.locator(".dayrow", has=switch).locator('input[type="time"]')).not_to_have_count(0)
    # The preview follows what is typed.
    expect(page.locator("#preview .slot").first).to_be_visible()
    onward(page, form="#hours-form")
    page.wait_for_url("**/onboarding/fees/")


def fill_in_fees(page: Page) -> None:
    for number, fee in enumerate(("180000", "120000")):
        page.locator('input[name$="-fee"]').nth(number).fill(fee)
    onward(page)


def onward(page: Page, form: str = "main form") -> None:
    page.locator(f"{form} .btn--primary[type=submit]").last.click()


def verify(people: People, surname: str) -> None:
    """A member of staff looks at the documents in the console and decides."""
    admin = people.open(who=ADMIN)
    admin.goto("/admin/doctors/doctorverification/")
    admin.locator("#result_list tbody a", has_text=surname).click()
    expect(admin.locator("figure")).to_have_count(2)
    admin.locator('input[name="decision"][value="verified"]').check()
    admin.locator("form .default").last.click()
    admin.wait_for_url(re.compile(r"/doctorverification/$"))
    expect(admin.locator("#changelist")).not_to_contain_text(surname)
