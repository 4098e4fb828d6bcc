"""The doctor's calendar with the mouse: visits are dragged, time is blocked and opened again; and on a phone."""

import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.journeys import confirm_details, new_name, new_patient, visit_of
from tests.browser.people import DESKTOP, PHONE, People, settled, until
from tests.browser.product import SARAH, Product

pytestmark = pytest.mark.browser

CLOCK = ZoneInfo("America/Bogota")
BELOW_THE_LINE = 4  # px: in this half hour and not in the one before


def open_times(page: Page, weeks_ahead: int) -> list[str]:
    """The addresses of the free times of the fullest day that the public page shows so many weeks ahead."""
    first = datetime.now(CLOCK).date() + timedelta(weeks=weeks_ahead)
    page.goto(f"/book/sarah-ahmed/?from={first}")
    settled(page)
    days = [day.locator("a.slot").all() for day in page.locator("#picker .slot-day").all()]
    return [slot.get_attribute("href") or "" for slot in max(days, key=len)]


def moment(address: str) -> datetime:
    return datetime.fromisoformat(parse_qs(urlsplit(address).query)["start"][0]).astimezone(CLOCK)


def open_week(page: Page, day: datetime) -> None:
    page.goto(f"/doctor/calendar/?view=week&date={day:%Y-%m-%d}")
    settled(page)
    expect(page.locator(".fc-timegrid .fc-event.event").first).to_be_visible()


def place(page: Page, start: datetime) -> tuple[float, float]:
    """Where on the screen the grid has this time."""
    row = page.locator(f'.fc-timegrid-slot-lane[data-time="{start:%H:%M}:00"]').bounding_box()
    column = page.locator(f'.fc-timegrid-col[data-date="{start:%Y-%m-%d}"]').bounding_box()
    assert row is not None
    assert column is not None
    return column["x"] + column["width"] / 2, row["y"] + BELOW_THE_LINE


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 2, start[1] + 10, steps=3)
    page.mouse.move(*end, steps=8)
    page.mouse.up()


def test_a_visit_is_dragged_to_another_time(people: People, product: Product) -> None:
    name = new_name("Arrastrada")
    patient = new_patient(people, product, name)
    addresses = open_times(patient, weeks_ahead=3)
    patient.goto(addresses[0])
    patient.wait_for_url("**/book/holds/**")
    confirm_details(patient)
    patient.wait_for_url("**/done/")
    patient.goto(visit_of(patient))
    settled(patient)
    old, new = moment(addresses[0]), moment(addresses[-1])

    doctor = people.open(who=SARAH)
    answers = iter((False, True))
    doctor.on("dialog", lambda dialog: dialog.accept() if next(answers) else dialog.dismiss())
    open_week(doctor, old)
    event = doctor.locator(".fc-event", has_text=name)
    expect(event).to_contain_text(f"{old.hour}:{old:%M}")
    # Not confirmed, it stays where it is.
    drag(doctor, place(doctor, old), place(doctor, new))
    expect(doctor.locator("#toasts .toast")).to_have_count(0)
    drag(doctor, place(doctor, old), place(doctor, new))
    expect(doctor.locator("#toasts .toast")).to_contain_text("Avisamos al paciente")
    open_week(doctor, old)
    expect(event).to_contain_text(f"{new.hour}:{new:%M}")
    # The patient's page has heard of it.
    hour = f"{(new.hour - 1) % 12 + 1}:{new:%M}"
    expect(patient.locator(".head")).to_contain_text(hour)


def test_free_time_is_blocked_and_opened_again(people: People) -> None:
    page = people.open()
    address = open_times(page, weeks_ahead=4)[-1]
    start = moment(address)

    doctor = people.open(who=SARAH)
    doctor.on("dialog", lambda dialog: dialog.accept())
    open_week(doctor, start)
    x, y = place(doctor, start)
    drag(doctor, (x, y), (x, y + 30))
    dialog = doctor.locator("#block")
    expect(dialog).to_be_visible()
    expect(dialog.locator('[name="date"]')).to_have_value(f"{start:%Y-%m-%d}")
    expect(dialog.locator('[name="start"]')).to_have_value(f"{start:%H:%M}")
    dialog.locator('[name="reason"]').fill("Reunión de equipo")
    dialog.locator("button[type=submit]").click()
    block = doctor.locator(".fc-event", has_text="Reunión de equipo")
    expect(block).to_be_visible()
    # Whoever looks at the public page sees the time go, and come back.
    slot = page.locator(f'#picker a.slot[href="{address}"]')
    expect(slot).to_have_count(0)
    block.click()
    expect(block).to_have_count(0)
    expect(slot).to_have_count(1)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("view", ["week", "month"])
def test_the_pages_own_days_stay_until_the_script_has_its_events(
    people: People, view: str, width: int
) -> None:
    doctor = people.open(width=width, who=SARAH)
    held: list[Route] = []
    doctor.route("**/doctor/calendar/events/**", lambda route: held.append(route))
    monday = datetime.now(CLOCK).date() + timedelta(days=7 - datetime.now(CLOCK).weekday())
    doctor.goto(f"/doctor/calendar/?view={view}&date={monday + timedelta(days=1)}")
    drawn = doctor.locator("[data-calendar] > .timegrid, [data-calendar] > .monthdays")
    script = doctor.locator("[data-calendar] > .fc-host")
    until(lambda: held, doctor)
    expect(script).to_be_hidden()
    expect(drawn).to_be_visible()
    # Each day has what the script will show in it.
    seen = ".monthdays__count" if view == "month" and width == PHONE else ".event"
    assert drawn.locator(f"{seen}:visible").count() > 4
    before = doctor.locator("[data-calendar]").bounding_box()
    for route in held:
        route.continue_()
    expect(script).to_be_visible()
    expect(drawn).to_have_count(0)
    after = doctor.locator("[data-calendar]").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["height"] - before["height"]) < 8  # px: nothing below it jumps


def test_the_pages_own_days_stay_where_the_script_gets_no_events(people: People) -> None:
    doctor = people.open(who=SARAH)
    people.faults.expected = {404}
    doctor.route("**/doctor/calendar/events/**", lambda route: route.fulfill(status=404, body="{}"))
    with doctor.expect_response("**/doctor/calendar/events/**"):
        doctor.goto("/doctor/calendar/?view=week")
    settled(doctor)
    expect(doctor.locator("[data-calendar] > .timegrid")).to_be_visible()
    expect(doctor.locator("[data-calendar] > .fc-host")).to_be_hidden()


@pytest.mark.parametrize("view", ["day", "week", "month"])
def test_a_finger_opens_a_visit_from_the_calendar(people: People, view: str) -> None:
    doctor = people.open(width=PHONE, who=SARAH)
    monday = datetime.now(CLOCK).date() + timedelta(days=7 - datetime.now(CLOCK).weekday())
    doctor.goto(f"/doctor/calendar/?view={view}&date={monday + timedelta(days=1)}")
    settled(doctor)
    if view == "month":
        # There a day says how much there is in it, and opens.
        doctor.locator(".fc-day-future .fc-daygrid-more-link").first.tap()
        doctor.wait_for_url("**view=day**")
        settled(doctor)
    event = doctor.locator(".fc-event.event:not([data-state=block])").first
    expect(event).to_be_visible()
    name = event.locator("b").inner_text()
    event.tap()
    doctor.wait_for_url(re.compile(r"/doctor/bookings/[0-9a-f-]+/$"))
    expect(doctor.get_by_role("heading", level=1)).to_have_text(name)
