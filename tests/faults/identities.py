"""Requests of mixed identities over shared connections, many of them failing: nobody sees a foreign row.

Threads play people who share a psycopg pool, and then PgBouncer in transaction mode (where it is installed). Most
requests read whole tables without any filter, as a forgotten scope would, so only what the identity lets through can
come back; a fifth raise in the middle, in their own code or in the database. Some go through the product's pages and
API. The control sets the identity for the session instead of the transaction, as the usual middleware does, and leaks.
"""

import argparse
import os
import random
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from medai.local import processes
from medai.local.throw_away import ThrowAway
from tests.faults.stage import stage

REQUESTS = 50_000
THREADS = 16
DOCTORS, PATIENTS, VISITS = 100, 900, 4_500
SIGNED_IN = 60


class Boom(Exception):
    """What a view raises."""


@dataclass
class Count:
    """What one run saw."""

    numbers: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, numbers: Counter[str], problems: Counter[str]) -> None:
        with self.lock:
            self.numbers += numbers
            self.problems += problems


def main(arguments: list[str] | None = None) -> bool:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="for each way to the database")
    parser.add_argument("--threads", type=int, default=THREADS)
    options = parser.parse_args(arguments)
    with stage("identities") as services:
        populate()
        held = [measure("psycopg pool", options.requests, options.threads)]
        with pgbouncer(services) as is_there:
            if is_there:
                held.append(measure("PgBouncer, transaction mode", options.requests, options.threads))
            else:
                print("\nPgBouncer is not installed (apt-get install pgbouncer): not tried.")
    return all(held)


def populate() -> None:
    from django.db import connection, transaction

    from tests.access import town

    with transaction.atomic():
        town.fill(doctors=DOCTORS, patients=PATIENTS, visits=VISITS)
    connection.close()


def measure(way: str, requests: int, threads: int) -> bool:
    """The product's way, which must not leak, and the control, which must."""
    count, seconds = run(Person.request, requests, threads)
    show(f"{way}: {requests} requests by {threads} threads, {requests / seconds:.0f} a second", count)
    control, _ = run(Person.careless_request, min(requests, 2_000), threads)
    show(f"{way}, control: identity set for the session", control)
    wrong = count.numbers["foreign rows seen"] + count.numbers["own rows missing"]
    return wrong == 0 and not count.problems and control.numbers["foreign rows seen"] > 0


def show(title: str, count: Count) -> None:
    print(f"\n{title}")
    for name in sorted({*count.numbers, "foreign rows seen", "own rows missing"}):
        print(f"  {name}: {count.numbers[name]}")
    for problem, number in count.problems.most_common(10):
        print(f"  UNEXPECTED {problem}: {number}")


def run(request: Callable[["Person"], None], requests: int, threads: int) -> tuple[Count, float]:
    count = Count()
    each = [requests // threads + (place < requests % threads) for place in range(threads)]
    people = [Person(seed, count) for seed in range(threads)]
    workers = [
        threading.Thread(target=person.go, args=(request, number))
        for person, number in zip(people, each, strict=True)
    ]
    started = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return count, time.monotonic() - started


# --- What people do -----------------------------------------------------------------------------------------


class Person:
    """One thread: another person in each request, yet always the same connections."""

    def __init__(self, seed: int, count: Count) -> None:
        self.random = random.Random(seed)
        self.count = count
        self.numbers: Counter[str] = Counter()
        self.problems: Counter[str] = Counter()

    def go(self, request: Callable[["Person"], None], number: int) -> None:
        from django.core import signals
        from django.db import connections

        for _ in range(number):
            signals.request_started.send(sender=Person)
            self.numbers["requests"] += 1
            try:
                request(self)
            except Boom:
                self.numbers["requests that raised"] += 1
            except Exception as error:  # noqa: BLE001  # counted and shown
                self.problems[f"{type(error).__name__}: {str(error)[:120]}"] += 1
            signals.request_finished.send(sender=Person)
        connections.close_all()
        self.count.add(self.numbers, self.problems)

    # --- The product's way ---

    def request(self) -> None:
        identity = self.someone()
        choose = self.random.random()
        if choose < 0.10:
            self.over_http()
        elif choose < 0.30:
            self.in_a_failing_request(identity)
        elif choose < 0.45:
            self.alone(identity)
        elif choose < 0.60:
            self.beside_the_system(identity)
        else:
            self.in_one_transaction(identity)

    def someone(self) -> Any:
        from medai.common.identity import ANONYMOUS
        from tests.access import town

        chosen = self.random.random()
        if chosen < 0.1:
            return None
        if chosen < 0.2:
            return ANONYMOUS
        if chosen < 0.4:
            return town.doctor(self.random.randint(1, DOCTORS))
        return town.patient(self.random.randint(1, PATIENTS))

    def in_one_transaction(self, identity: Any) -> None:
        """A GET: the middleware opens one transaction for all it reads."""
        from django.db import transaction

        from medai.common.identity import acting_as

        with acting_as(identity), transaction.atomic():
            for _ in range(self.random.randint(1, 3)):
                self.look(identity)

    def alone(self, identity: Any) -> None:
        """Statements outside of any transaction."""
        from medai.common.identity import acting_as

        with acting_as(identity):
            self.look(identity)

    def beside_the_system(self, identity: Any) -> None:
        """The system acts in the same transaction, and what it did is undone or stays."""
        from django.db import transaction

        from bookings.models import Booking
        from medai.common.identity import acting_as, acting_as_system

        with acting_as(identity), transaction.atomic():
            with transaction.atomic(), acting_as_system("fault run"):
                if Booking.objects.order_by("reference")[:5].count() != 5:
                    self.numbers["own rows missing"] += 1
                transaction.set_rollback(self.random.random() < 0.5)
            self.look(identity)

    def in_a_failing_request(self, identity: Any) -> None:
        """Raise before or after reading, in a savepoint, or because the database did."""
        from django.db import DatabaseError, connection, transaction

        from medai.common.identity import acting_as, acting_as_system

        with acting_as(identity), transaction.atomic():
            self.look(identity)
            way = self.random.randint(1, 4)
            if way == 1:
                raise Boom
            try:
                with transaction.atomic(), connection.cursor() as cursor, acting_as_system("fault run"):
                    cursor.execute("SELECT 1 / 0" if way == 2 else "SELECT 1")
                    if way == 3:
                        raise Boom
            except DatabaseError:
                self.look(identity)
            with connection.cursor() as cursor:
                try:
                    cursor.execute("SELECT 1 / 0")
                except DatabaseError as error:
                    raise Boom from error

    def look(self, identity: Any) -> None:
        """Read a table from end to end, and count what is not the reader's."""
        from accounts.models import Patient, PatientInsurance
        from bookings.models import Booking
        from messaging.models import InboxNotice

        tables: list[tuple[Any, str, tuple[Any, ...]]] = []
        if identity is None or identity.kind == "patient":
            of_patients = identity.patient_ids if identity else ()
            tables = [
                (Booking, "patient_id", of_patients),
                (Patient, "pk", of_patients),
                (PatientInsurance, "patient_id", of_patients),
                (InboxNotice, "user_id", (identity.user_id,) if identity else ()),
            ]
        elif identity.kind == "doctor":
            tables = [(Booking, "doctor_id", identity.doctor_ids)]
        if not tables:
            return self.look_at_public_things()
        model, owner, own = self.random.choice(tables)
        owners = model.objects.values_list(owner, flat=True)
        # Every other time through a cursor of the server's, where those are to be had.
        found = list(owners.iterator(chunk_size=50) if self.random.random() < 0.5 else owners)
        self.numbers["reads without a filter"] += 1
        self.numbers["foreign rows seen"] += sum(each not in own for each in found)
        self.numbers["own rows missing"] += bool(own) and not found
        return None

    def look_at_public_things(self) -> None:
        from bookings.models import BusyPeriod
        from doctors.models import Doctor

        self.numbers["reads of public things"] += 1
        self.numbers["own rows missing"] += not Doctor.objects.exists()
        self.numbers["foreign rows seen"] += BusyPeriod.objects.exclude(patient=None).count()

    def over_http(self) -> None:
        """The pages and the API themselves, for people with a session."""
        from django.test import Client

        from tests.access import town

        client = getattr(self, "client", None) or Client(raise_request_exception=False)
        self.client = client
        client.cookies.clear()
        if self.random.random() < 0.3:
            answer = client.get("/api/v1/patient/bookings/")
            self.numbers[f"over HTTP as nobody: {answer.status_code}"] += 1
            return
        number = self.random.randint(1, SIGNED_IN)
        client.cookies["sessionid"] = session_of(number)
        path = self.random.choice(["/api/v1/patient/bookings/", "/patient/bookings/", "/settings/people/"])
        answer = client.get(path)
        text = answer.content.decode()
        own = {str(each) for each in town.patient(number).patient_ids}
        others = {text[place : place + 36] for place in places(text, f"{town.PATIENT}-")} - own
        self.numbers[f"over HTTP: {answer.status_code}"] += 1
        self.numbers["foreign rows seen"] += len(others)

    # --- The usual way, as a control ---

    def careless_request(self) -> None:
        """The identity is set for the session before the view and taken back after it, unless the view raises."""
        from django.db import connection

        identity = self.someone()
        if identity is not None and not identity.user_id:
            identity = None
        own = [str(each) for each in identity.patient_ids] if identity else []
        connection.ensure_connection()
        raw = connection.connection
        if identity is not None:
            raw.execute(
                _FOR_THE_SESSION,
                [identity.database_role, _array(identity.patient_ids), _array(identity.doctor_ids)],
            )
        found = [str(row[0]) for row in raw.execute("SELECT patient_id FROM bookings_booking").fetchall()]
        if identity is None or identity.kind != "doctor":
            self.numbers["foreign rows seen"] += sum(each not in own for each in found)
        if self.random.random() < 0.2:
            raise Boom
        raw.execute(_FOR_THE_SESSION, ["none", "", ""])


_FOR_THE_SESSION = """SELECT set_config('role', %s, false), set_config('app.patient_ids', %s, false),
set_config('app.doctor_ids', %s, false)"""


def _array(ids: tuple[Any, ...]) -> str:
    return "{" + ",".join(map(str, ids)) + "}"


def places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


_sessions: dict[int, str] = {}
_sign_in = threading.Lock()


def session_of(number: int) -> str:
    """The session of a patient's account, opened once."""
    from accounts.models import User
    from medai.common.identity import acting_as_system
    from tests.access import town
    from tests.factories.accounts import signed_in

    with _sign_in:
        if number not in _sessions:
            with acting_as_system("fault run"):
                user = User.objects.get(pk=town.id_of(town.USER_OF_PATIENT, number))
            _sessions[number] = signed_in(user).cookies["sessionid"].value
    return _sessions[number]


# --- PgBouncer ----------------------------------------------------------------------------------------------


@contextmanager
def pgbouncer(services: ThrowAway) -> Iterator[bool]:
    """The same database through PgBouncer in transaction mode, where its program is found; else False."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        yield False
        return
    from django.db import connections

    folder, port = services.directory / "pgbouncer", processes.free_port()
    server = urlsplit(os.environ["DATABASE_URL"])
    write_configuration(folder, port, server)
    # It refuses to run as root.
    user = ["--user=nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, "--quiet", *user, str(folder / "pgbouncer.ini")]) as bouncer:
        try:
            wait_for(port)
            connections.close_all()
            settings = connections.settings["default"]
            before = dict(settings)
            settings.update(HOST="127.0.0.1", PORT=str(port), DISABLE_SERVER_SIDE_CURSORS=True, OPTIONS={})
            yield True
            settings.update(before)
        finally:
            bouncer.terminate()


def write_configuration(folder: Path, port: int, server: Any) -> None:
    folder.mkdir()
    (folder / "users.txt").write_text(f'"{server.username}" "{server.password}"\n')
    # Fewer connections than threads, so that each serves many people.
    (folder / "pgbouncer.ini").write_text(
        f"""[databases]
{server.path.strip("/")} = host={server.hostname} port={server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {folder / "users.txt"}
pool_mode = transaction
default_pool_size = 6
max_client_conn = 100
"""
    )
    for path in (folder, folder / "users.txt", folder / "pgbouncer.ini"):
        path.chmod(0o755)


def wait_for(port: int) -> None:
    import socket

    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("PgBouncer does not listen.")


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
