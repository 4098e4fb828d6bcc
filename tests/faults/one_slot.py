"""Many people ask for one slot at the same moment, over HTTP: one gets it, the others are told so."""

import argparse
import threading
from collections import Counter
from datetime import timedelta

from tests.faults.stage import stage

ATTEMPTS = 200
ROUNDS = 50


def main(arguments: list[str] | None = None) -> bool:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=ATTEMPTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args(arguments)
    with stage("one-slot"):
        _unlimited()
        doctors = contend(options.attempts, options.rounds, "one slot, many patients", by_doctor=True)
        # Fewer rounds than an account may make holds in an hour.
        pairs = contend(2, min(options.rounds, 25), "one patient, two doctors", by_doctor=False)
        patients = contend(20, min(options.rounds, 25), "one patient, many doctors", by_doctor=False)
        control = without_guards(8)
    return doctors and pairs and patients and control


def _unlimited() -> None:
    """How often somebody may ask is not what is tried here."""
    from django.conf import settings

    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "api_user": "1000000/minute"}


def contend(attempts: int, rounds: int, title: str, *, by_doctor: bool) -> bool:
    """Rounds of simultaneous holds; with `by_doctor` patients differ, else the doctors do."""
    from django.db import connection

    from tests.factories import bookings as make

    if by_doctor:
        doctors = [make.make_doctor()] * attempts
        users = [make.make_user() for _ in range(attempts)]
        people = [(user, make.make_patient(user)) for user in users]
    else:
        doctors = [make.make_doctor() for _ in range(attempts)]
        user = make.make_user()
        people = [(user, make.make_patient(user))] * attempts
    clients = [signed_in(user) for user, _ in people]
    bodies = [body(doctor, patient) for doctor, (_, patient) in zip(doctors, people, strict=True)]
    counts: Counter[str] = Counter()
    for turn in range(rounds):
        start = make.MONDAY_9 + timedelta(days=turn // 14 * 1, minutes=30 * (turn % 14))
        outcomes = all_at_once(clients, [{**each, "starts_at": start.isoformat()} for each in bodies])
        counts.update(outcomes)
        counts["winners in a round: " + str(outcomes.count("201"))] += 1
        counts["confirmed"] += confirm_all()
    overlaps = overlapping()
    connection.close()
    print(f"\n{title}: {rounds} rounds of {attempts}")
    for name, number in sorted(counts.items()):
        print(f"  {name}: {number}")
    print(f"  overlapping periods: {overlaps}")
    errors = sum(number for name, number in counts.items() if name.startswith("5"))
    won = counts["winners in a round: 1"] == counts["confirmed"] == rounds
    return won and overlaps == 0 and errors == 0


def confirm_all() -> int:
    """Confirm what is held, so that a winner of one round is as free as the others in the next."""
    from bookings import services
    from bookings.models import Booking
    from medai.common.identity import acting_as_system

    with acting_as_system("fault run"):
        held = list(Booking.objects.on_hold().values_list("pk", flat=True))
        return sum(services.confirm(booking_id=pk).status == Booking.Status.CONFIRMED for pk in held)


def signed_in(user):
    from django.test import Client

    from tests.factories import bookings as make

    return make.sign_in(Client(raise_request_exception=False), user)


def body(doctor, patient):
    from tests.factories import bookings as make

    return {
        "doctor": str(doctor.pk),
        "patient": str(patient.pk),
        "visit_type": str(make.visit_type_of(doctor).pk),
        "visit_mode": "in_person",
    }


def all_at_once(clients, bodies) -> list[str]:
    from django.db import connection

    barrier = threading.Barrier(len(clients))
    outcomes = [""] * len(clients)

    def ask(index: int) -> None:
        # Each from an address of their own, as the limit for one address is not what is tried here.
        address = f"10.0.{index // 250}.{index % 250 + 1}"
        barrier.wait()
        answer = clients[index].post(
            "/api/v1/patient/holds/", bodies[index], content_type="application/json", REMOTE_ADDR=address
        )
        outcome = str(answer.status_code)
        if answer.status_code != 201:
            outcome += " " + _code(answer)
        outcomes[index] = outcome
        connection.close()

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _code(answer) -> str:
    if not answer.headers["Content-Type"].startswith("application/json"):
        return "no JSON"
    return answer.json()["errors"][0]["code"]


def overlapping() -> int:
    from django.db import connection

    from medai.common.identity import acting_as_system

    with acting_as_system("fault run"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_busyperiod a JOIN bookings_busyperiod b"
            " ON a.person = b.person AND a.id < b.id AND a.period && b.period"
        )
        return cursor.fetchone()[0]


def without_guards(attempts: int) -> bool:
    """The control: without lock and constraint the same attempts sell one slot many times."""
    import os

    import psycopg

    from bookings.services import occupancy
    from medai.common.database import CLOCK
    from tests.factories import bookings as make

    everybody_looked = threading.Barrier(attempts)
    take, locking = occupancy.take, occupancy.locking

    def take_together(*args, **kwargs):
        everybody_looked.wait(timeout=60)
        return take(*args, **kwargs)

    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("ALTER TABLE bookings_busyperiod DROP CONSTRAINT busy_period_no_overlap")
    occupancy.take, occupancy.locking = take_together, lambda *keys: [CLOCK]
    try:
        doctor = make.make_doctor()
        users = [make.make_user() for _ in range(attempts)]
        bodies = [
            {**body(doctor, make.make_patient(user)), "starts_at": make.MONDAY_9.isoformat()}
            for user in users
        ]
        outcomes = all_at_once([signed_in(user) for user in users], bodies)
    finally:
        occupancy.take, occupancy.locking = take, locking
    sold = outcomes.count("201")
    print(
        f"\ncontrol without lock and constraint: one slot sold {sold} times, {overlapping()} overlapping pairs"
    )
    return sold > 1


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
