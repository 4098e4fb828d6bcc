"""A doctor's way from signing up to the first patient, with staff, a visitor and the live page in between."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import onboarding
from tests.browser.journeys import SCREENS, book, heading, new_email, new_patient, sign_up
from tests.browser.people import People, settled
from tests.browser.product import ADMIN, SARAH, Product

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
    onboarding.fill_in(doctor, surname)
    expect(doctor.locator("main .alert--warn")).to_have_count(0)
    onboarding.send(doctor)
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


def test_a_day_is_switched_on_while_the_scripts_are_on_their_way(people: People) -> None:
    doctor = people.open(who=SARAH)
    held: list[Route] = []
    doctor.route("**/*.js", lambda route: held.append(route))
    doctor.goto("/doctor/schedule/", wait_until="commit")
    day = doctor.locator(".dayrow").last
    expect(day.locator(".dayrow__closed")).to_be_visible()
    day.locator(".switch").check()
    expect(day.locator(".dayrow__closed")).to_be_hidden()
    assert held
    hours = day.locator('input[type="time"]')
    expect(hours.first).to_have_value("08:00")
    hours.first.fill("09:30")
    for route in held:
        route.continue_()
    doctor.unroute("**/*.js")
    settled(doctor)
    expect(doctor.locator("#preview .slot", has_text="9:30").first).to_be_visible()
    expect(hours.first).to_have_value("09:30")
