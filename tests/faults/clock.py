"""A web server or worker whose clock is ten minutes wrong: holds run out by the database's clock all the same.

python -m tests.faults.clock [--minutes 10]
"""

import argparse
import email.utils
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from medai.local import processes
from medai.local.throw_away import ThrowAway
from tests.faults.plant import SETTINGS, answers
from tests.faults.stage import stage

MINUTES = 10
LIFETIME = 600
# Seconds that are left of a hold: long enough for what is asked meanwhile, short beside what the clock is wrong by.
SOON = 60
CSRF = "c" * 32
MODULE = "tests.faults.wrong_clock"


def main(arguments: list[str] | None = None) -> bool:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=MINUTES)
    options = parser.parse_args(arguments)
    with stage("clock") as services:
        fast = examine(services, options.minutes * 60)
        slow = examine(services, -options.minutes * 60)
    return fast and slow


def examine(services: ThrowAway, seconds: int) -> bool:
    """Everything that depends on when a hold runs out, with one clock wrong by so many seconds."""
    print(f"\na clock {abs(seconds) // 60} minutes {'fast' if seconds > 0 else 'slow'}")
    checks = Checks()
    with web_server(services, seconds) as port:
        site = Site(port)
        shown = site.clock() - time.time()
        checks.add(f"the web server's clock is wrong by {shown:.0f} s", abs(shown - seconds) < 30)
        lasts_as_long_as_it_should(site, checks)
        runs_out_when_it_should(site, checks)
        is_shown_as_it_is(site, checks)
        shows_slots_by_a_wrong_now_only(site, checks, seconds)
        takes_tokens_of_others(site, checks, seconds)
        refuses_a_late_confirmation(site, checks)
    is_swept_when_it_should_be(checks, seconds)
    waits_for_the_doctor_as_long_as_it_should(checks, seconds)
    return checks.passed


@dataclass
class Checks:
    passed: bool = True

    def add(self, what: str, is_right: bool) -> None:
        print(f"  {'ok   ' if is_right else 'WRONG'} {what}")
        self.passed = self.passed and is_right


@contextmanager
def web_server(services: ThrowAway, seconds: int) -> Iterator[int]:
    port = processes.free_port()
    process = processes.start(
        [sys.executable, "-m", MODULE, str(seconds), "web", str(port)],
        log=services.directory / "logs" / "web.log",
        environment={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, "DATABASE_POOL_SIZE": "5"},
    )
    try:
        if not processes.wait_until(lambda: answers(port), seconds=90, pause=0.2):
            raise RuntimeError(processes.last_lines(services.directory / "logs" / "web.log"))
        yield port
    finally:
        process.kill()
        process.wait()


def run_task(name: str, seconds: int) -> str:
    """Run a task in a process with a wrong clock; what it returned."""
    command = [sys.executable, "-m", MODULE, str(seconds), "task", name]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, "DATABASE_POOL_SIZE": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@dataclass
class Browser:
    """A signed-in person's cookies."""

    site: "Site"
    session: str

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        cookies = {"sessionid": self.session, "csrftoken": CSRF}
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": CSRF,
            "Content-Type": "application/json",
            "Accept-Language": "en",
        }
        return self.site.ask(method, path, headers, body)

    def hold(self, doctor: Any, patient: Any, start: datetime) -> tuple[int, Any]:
        from tests.factories import bookings as make

        wish = {
            "doctor": str(doctor.pk),
            "patient": str(patient.pk),
            "visit_type": str(make.visit_type_of(doctor).pk),
            "visit_mode": "in_person",
            "starts_at": start.isoformat(),
        }
        return self.ask("POST", "/api/v1/patient/holds/", wish)

    def confirm(self, booking_id: str) -> tuple[int, Any]:
        return self.ask("POST", "/api/v1/patient/bookings/", {"hold": booking_id})


@dataclass
class Site:
    port: int
    people: list[Any] = field(default_factory=list)

    def ask(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if is_json else text

    def clock(self) -> float:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/healthz")
        said = connection.getresponse().headers["Date"]
        connection.close()
        return email.utils.parsedate_to_datetime(said).timestamp()

    def browser_of(self, user: Any) -> Browser:
        from django.test import Client

        from tests.factories import bookings as make

        return Browser(self, make.sign_in(Client(), user).cookies["sessionid"].value)

    def patient(self) -> tuple[Browser, Any]:
        from tests.factories import bookings as make

        user = make.make_user()
        return self.browser_of(user), make.make_patient(user)


def lasts_as_long_as_it_should(site: Site, checks: Checks) -> None:
    from tests.factories import bookings as make

    doctor = make.make_doctor()
    browser, patient = site.patient()
    status, answer = browser.hold(doctor, patient, make.MONDAY_9)
    booking = answer["data"]["id"]
    left = seconds_left(booking)
    checks.add(
        f"a hold lasts {left:.0f} s by the database's clock", status == 201 and abs(left - LIFETIME) < 15
    )
    # As if nine minutes had passed.
    set_left(booking, SOON)
    rival, other = site.patient()
    status, answer = rival.hold(doctor, other, make.MONDAY_9)
    checks.add(
        f"with a minute left nobody else gets the time: {status} {code(answer)}",
        (status, code(answer)) == (409, "slot_taken"),
    )
    status, page = browser.ask("GET", f"/book/holds/{booking}/")
    checks.add(
        f"with a minute left its page lets one confirm: {status}", status == 200 and "data-countdown" in page
    )
    status, answer = browser.confirm(booking)
    checks.add(
        f"with a minute left it can be confirmed: {status}",
        status == 201 and status_of(booking) == "confirmed",
    )


def runs_out_when_it_should(site: Site, checks: Checks) -> None:
    from tests.factories import bookings as make

    doctor = make.make_doctor()
    browser, patient = site.patient()
    booking = browser.hold(doctor, patient, make.MONDAY_9)[1]["data"]["id"]
    set_left(booking, -1)
    status, _ = browser.ask("GET", f"/book/holds/{booking}/")
    checks.add(f"a second too late its page says so: {status}", status == 409)
    status, answer = browser.confirm(booking)
    checks.add(
        f"a second too late it cannot be confirmed: {status} {code(answer)}",
        (status, code(answer)) == (409, "hold_expired") and status_of(booking) == "held",
    )
    rival, other = site.patient()
    status, answer = rival.hold(doctor, other, make.MONDAY_9)
    checks.add(f"a second too late somebody else gets the time: {status}", status == 201)


def is_shown_as_it_is(site: Site, checks: Checks) -> None:
    """In the slots that are offered, on the patient's home and in the doctor's calendar."""
    from tests.factories import bookings as make

    doctor = make.make_doctor()
    doctors_browser = site.browser_of(doctor.user)
    browser, patient = site.patient()
    booking = browser.hold(doctor, patient, make.MONDAY_9)[1]["data"]["id"]
    for left, is_running in ((SOON, True), (-1, False)):
        set_left(booking, left)
        when = "with a minute left" if is_running else "a second too late"
        offered = make.MONDAY_9 in slots(site, doctor, make.MONDAY_9)
        checks.add(f"{when} the time is {'' if offered else 'not '}offered to others", offered != is_running)
        is_on_home = booking in browser.ask("GET", "/patient/")[1]
        checks.add(
            f"{when} the patient's home {'shows' if is_on_home else 'omits'} it", is_on_home == is_running
        )
        day = make.MONDAY_9.date()
        span = urlencode({"start": day.isoformat(), "end": (day + timedelta(days=1)).isoformat()})
        events = json.dumps(doctors_browser.ask("GET", f"/doctor/calendar/events/?{span}")[1])
        in_calendar = booking in events
        checks.add(
            f"{when} the doctor's calendar {'shows' if in_calendar else 'omits'} it",
            in_calendar == is_running,
        )


def shows_slots_by_a_wrong_now_only(site: Site, checks: Checks, seconds: int) -> None:
    """What is offered may differ in the minutes that the clock is wrong by; the database decides who gets it."""
    from medai.common.database import database_now
    from tests.factories import bookings as make

    doctor = make.make_doctor(slot_minutes=5)
    with make.changing_practice(doctor):
        doctor.weekly_hours.all().delete()
        for day in range(7):
            doctor.weekly_hours.create(
                day_of_week=day, start_minute=0, end_minute=1440, office=doctor.offices.first()
            )
    now = database_now()
    first = min(slots(site, doctor, now))
    wrong_now = now + timedelta(seconds=seconds)
    checks.add(
        f"the first time offered is {(first - now).total_seconds() / 60:.1f} minutes from now",
        abs((first - wrong_now).total_seconds()) <= 6 * 60,
    )
    browser, patient = site.patient()
    status, answer = browser.hold(doctor, patient, first)
    expected = (201, "") if first > now else (400, "slot_in_the_past")
    checks.add(
        f"asking for it is decided by the database: {status} {code(answer)}",
        (status, code(answer)) == expected,
    )


def takes_tokens_of_others(site: Site, checks: Checks, seconds: int) -> None:
    """Of another server, whose clock is right. A fast clock must refuse those that have run out by it."""
    from accounts.services import sessions
    from tests.factories import bookings as make

    user = make.make_user()
    make.make_patient(user)
    token = sessions.open_api_session(user=user).access
    status, answer = site.ask("GET", "/api/v1/patient/bookings/", {"Authorization": f"Bearer {token}"})
    is_right = status == 200 if seconds < 0 else (status, code(answer)) in ((200, ""), (401, "token_expired"))
    checks.add(f"an access token that another server issued just now: {status} {code(answer)}", is_right)


def refuses_a_late_confirmation(site: Site, checks: Checks) -> None:
    from tests.factories import bookings as make

    doctor = make.make_doctor(confirmation_mode="by_hand")
    browser = site.browser_of(doctor.user)
    for hour, (left, expected) in enumerate(((SOON, (200, "")), (-1, (409, "confirmation_overdue")))):
        user = make.make_user()
        start = make.MONDAY_9 + timedelta(hours=hour)
        booking = str(make.book(user, make.make_patient(user), doctor, start).pk)
        set_deadline(booking, left)
        status, answer = browser.ask("POST", f"/api/v1/doctor/bookings/{booking}/confirm/")
        when = "with a minute left" if left > 0 else "a second too late"
        checks.add(f"{when} the doctor confirms: {status} {code(answer)}", (status, code(answer)) == expected)


def is_swept_when_it_should_be(checks: Checks, seconds: int) -> None:
    from tests.factories import bookings as make

    doctor = make.make_doctor()
    running, over = (
        str(make.hold(user, make.make_patient(user), doctor, make.MONDAY_9 + timedelta(hours=hour)).pk)
        for hour, user in enumerate((make.make_user(), make.make_user()))
    )
    set_left(running, SOON)
    set_left(over, -1)
    run_task("bookings.tasks.expire_holds", seconds)
    checks.add(
        f"the sweeper leaves a hold with a minute left: {status_of(running)}", status_of(running) == "held"
    )
    checks.add(f"the sweeper ends one a second too late: {status_of(over)}", status_of(over) == "expired")


def waits_for_the_doctor_as_long_as_it_should(checks: Checks, seconds: int) -> None:
    from tests.factories import bookings as make

    doctor = make.make_doctor(confirmation_mode="by_hand")
    running, over = (
        str(make.book(user, make.make_patient(user), doctor, make.MONDAY_9 + timedelta(hours=hour)).pk)
        for hour, user in enumerate((make.make_user(), make.make_user()))
    )
    set_deadline(running, SOON)
    set_deadline(over, -1)
    run_task("bookings.tasks.cancel_unconfirmed", seconds)
    checks.add(
        f"with a minute left for the doctor to confirm: {status_of(running)}",
        status_of(running) == "pending_confirmation",
    )
    checks.add(f"a second too late for it: {status_of(over)}", status_of(over) == "cancelled_by_doctor")


def slots(site: Site, doctor: Any, since: datetime) -> list[datetime]:
    query = urlencode({"doctor": str(doctor.pk), "date_from": (since - timedelta(days=1)).date(), "days": 3})
    answer = site.ask("GET", f"/api/v1/public/slots/?{query}", {})[1]
    return [datetime.fromisoformat(start) for day in answer["data"]["days"] for start in day["starts_at"]]


def seconds_left(booking: str) -> float:
    from bookings.models import Booking
    from medai.common.database import database_now
    from medai.common.identity import acting_as_system

    with acting_as_system("fault run"):
        expires_at = Booking.objects.values_list("hold_expires_at", flat=True).get(pk=booking)
        return (expires_at - database_now()).total_seconds()


def set_left(booking: str, seconds: int) -> None:
    """Put the end of a hold so far from now, by the database's clock, in both places where it stands."""
    from bookings.models import Booking, BusyPeriod
    from medai.common.database import database_now
    from medai.common.identity import acting_as_system

    with acting_as_system("fault run"):
        expires_at = database_now() + timedelta(seconds=seconds)
        Booking.objects.filter(pk=booking).update(hold_expires_at=expires_at)
        BusyPeriod.objects.filter(booking=booking).update(hold_expires_at=expires_at)


def set_deadline(booking: str, seconds: int) -> None:
    """Put the doctor's deadline so far from now, by the database's clock."""
    from bookings.models import Booking
    from medai.common.database import database_now
    from medai.common.identity import acting_as_system

    with acting_as_system("fault run"):
        Booking.objects.filter(pk=booking).update(confirm_by=database_now() + timedelta(seconds=seconds))


def status_of(booking: str) -> str:
    from bookings.models import Booking
    from medai.common.identity import acting_as_system

    with acting_as_system("fault run"):
        return str(Booking.objects.values_list("status", flat=True).get(pk=booking))


def code(answer: Any) -> str:
    return answer["errors"][0]["code"] if isinstance(answer, dict) and "errors" in answer else ""


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
