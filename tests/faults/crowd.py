"""Patients and doctors who use the API over HTTP, and try again when nobody answers, as a good client does."""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.town import Person, Town, sign_in

ATTEMPTS = 40
LONGEST_PAUSE = 1.5
ANSWER_WITHIN = 30


@dataclass(frozen=True)
class Promise:
    """What a 2xx answer said had been done: a move of a booking, to a start, that must be on record."""

    what: str
    booking: str
    starts_at: str = ""


@dataclass(frozen=True)
class Failure:
    moment: float
    what: str
    status: int
    code: str


@dataclass
class Journal:
    """What the crowd was told."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    outcomes: Counter[str] = field(default_factory=Counter)
    promises: list[Promise] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    resets: int = 0
    retries: int = 0
    replayed: int = 0
    gave_up: list[str] = field(default_factory=list)
    done: int = 0
    seconds: list[float] = field(default_factory=list)


class Client:
    """Sends to one web server or the other, as a balancer would, until an answer comes that means something."""

    def __init__(self, ports: list[int], journal: Journal, chance: random.Random) -> None:
        self.ports = ports
        self.journal = journal
        self.chance = chance

    def ask(self, person: Person, method: str, path: str, body: Any = None, *, what: str) -> tuple[int, Any]:
        """The status and data (or error code) of the answer; 0 where none came however often it was asked."""
        key = uuid.uuid4().hex
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(min(0.1 * 2**attempt, LONGEST_PAUSE) * self.chance.uniform(0.5, 1))
                with self.journal.lock:
                    self.journal.retries += 1
            try:
                status, headers, answer = self._send(person, method, path, body, key)
            except (OSError, http.client.HTTPException):
                with self.journal.lock:
                    self.journal.resets += 1
                continue
            if status < 300:
                with self.journal.lock:
                    self.journal.replayed += "Idempotent-Replayed" in headers
                return status, answer["data"]
            code = answer["errors"][0]["code"] if answer else "no JSON"
            if status == 401 and code == "token_expired":
                _patiently(lambda: sign_in(person))
                continue
            if status < 500:
                return status, code
            with self.journal.lock:
                self.journal.failures.append(Failure(time.monotonic(), what, status, code))
        with self.journal.lock:
            self.journal.gave_up.append(what)
        return 0, "no answer"

    def _send(
        self, person: Person, method: str, path: str, body: Any, key: str
    ) -> tuple[int, http.client.HTTPMessage, Any]:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.chance.choice(self.ports), timeout=ANSWER_WITHIN
        )
        headers = {
            "Authorization": f"Bearer {person.token}",
            "Content-Type": "application/json",
            "Accept-Language": "en",
            "X-Forwarded-For": person.address,
        }
        if method == "POST":
            headers["Idempotency-Key"] = key
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1/{path}", sent, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, answer.headers, json.loads(text) if is_json else None


def _patiently(action: Callable[[], None]) -> None:
    """Do something in this process that needs the database, which may be away."""
    from django.db import DatabaseError, connection

    for _ in range(ATTEMPTS):
        try:
            action()
            break
        except DatabaseError:
            time.sleep(LONGEST_PAUSE)
        finally:
            connection.close()


class Known:
    """The bookings that clients know of, by what can be done with them; several may act on one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_state: dict[str, dict[str, tuple[Person, Person]]] = {}

    def put(self, booking: str, state: str, patient: Person, doctor: Person) -> None:
        with self._lock:
            for bookings in self._by_state.values():
                bookings.pop(booking, None)
            self._by_state.setdefault(state, {})[booking] = (patient, doctor)

    def any(self, chance: random.Random, *states: str) -> tuple[str, Person, Person] | None:
        with self._lock:
            listed = [item for state in states for item in self._by_state.get(state, {}).items()]
        if not listed:
            return None
        booking, (patient, doctor) = chance.choice(listed)
        return booking, patient, doctor


class Crowd:
    """Mixed operations until so many are done, with so many at the same time."""

    def __init__(self, town: Town, ports: list[int], journal: Journal, *, operations: int, seed: int) -> None:
        self.town, self.ports, self.journal = town, ports, journal
        self.operations, self.seed = operations, seed
        self.known = Known()
        self.begun = list(town.begun)
        self.begun_lock = threading.Lock()
        self.stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._left = operations

    def start(self, at_once: int) -> None:
        self._threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(at_once)]
        for thread in self._threads:
            thread.start()

    @property
    def is_busy(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        self.stopped.set()
        for thread in self._threads:
            thread.join(timeout=ANSWER_WITHIN)

    def _work(self, number: int) -> None:
        chance = random.Random(f"{self.seed} {number}")
        client = Client(self.ports, self.journal, chance)
        names, weights = zip(*OPERATIONS.items(), strict=True)
        while not self.stopped.is_set():
            with self.journal.lock:
                if not self._left:
                    return
                self._left -= 1
            operation = chance.choices(names, weights)[0]
            began = time.monotonic()
            what, status, code = operation(self, client, chance)
            with self.journal.lock:
                self.journal.seconds.append(time.monotonic() - began)
                self.journal.outcomes[f"{what}: {status} {code}".strip()] += 1
                self.journal.done += 1

    def promise(self, what: str, answer: Any, *, starts_at: str = "") -> None:
        with self.journal.lock:
            self.journal.promises.append(Promise(what, answer["id"], starts_at))


Outcome = tuple[str, int, str]


def hold(crowd: Crowd, client: Client, chance: random.Random) -> Outcome:
    patient, doctor = chance.choice(crowd.town.patients), chance.choice(crowd.town.doctors)
    body = {
        "doctor": str(doctor.subject),
        "patient": str(patient.subject),
        "visit_type": str(doctor.visit_type),
        "visit_mode": "in_person",
        "starts_at": chance.choice(crowd.town.starts).isoformat(),
        # No two holds that were asked for have the same: a repetition that took effect twice would show.
        "patient_notes": f"request {uuid.uuid4()}",
    }
    status, answer = client.ask(patient, "POST", "patient/holds/", body, what="hold")
    if status != 201:
        return "hold", status, answer
    crowd.promise("hold", answer, starts_at=body["starts_at"])
    crowd.known.put(answer["id"], "held", patient, doctor)
    return "hold", status, ""


def confirm(crowd: Crowd, client: Client, chance: random.Random) -> Outcome:
    found = crowd.known.any(chance, "held")
    if found is None:
        return hold(crowd, client, chance)
    booking, patient, doctor = found
    body = {"hold": booking}
    status, answer = client.ask(patient, "POST", "patient/bookings/", body, what="confirm")
    return _done(crowd, "confirm", status, answer, booking, patient, doctor)


def cancel(crowd: Crowd, client: Client, chance: random.Random) -> Outcome:
    found = crowd.known.any(chance, "confirmed", "pending_confirmation", "held")
    if found is None:
        return hold(crowd, client, chance)
    booking, patient, doctor = found
    path = f"patient/bookings/{booking}/cancel/"
    status, answer = client.ask(patient, "POST", path, {"reason": "changed plans"}, what="cancel")
    return _done(crowd, "cancel", status, answer, booking, patient, doctor)


def reschedule(crowd: Crowd, client: Client, chance: random.Random) -> Outcome:
    found = crowd.known.any(chance, "confirmed", "pending_confirmation")
    if found is None:
        return hold(crowd, client, chance)
    booking, patient, doctor = found
    path = f"patient/bookings/{booking}/reschedule/"
    body = {"starts_at": chance.choice(crowd.town.starts).isoformat()}
    status, answer = client.ask(patient, "POST", path, body, what="reschedule")
    return _done(crowd, "reschedule", status, answer, booking, patient, doctor, **body)


def doctor_confirm(crowd: Crowd, client: Client, chance: random.Random) -> Outcome:
    found = crowd.known.any(chance, "pending_confirmation")
    if found is None:
        return confirm(crowd, client, chance)
    booking, patient, doctor = found
    path = f"doctor/bookings/{booking}/confirm/"
    status, answer = client.ask(doctor, "POST", path, what="doctor confirms")
    return _done(crowd, "doctor confirms", status, answer, booking, patient, doctor)


def doctor_cancel(crowd: Crowd, client: Client, chance: random.Random) -> Outcome:
    found = crowd.known.any(chance, "confirmed", "pending_confirmation")
    if found is None:
        return hold(crowd, client, chance)
    booking, patient, doctor = found
    path = f"doctor/bookings/{booking}/cancel/"
    status, answer = client.ask(doctor, "POST", path, {"reason": "ill"}, what="doctor cancels")
    return _done(crowd, "doctor cancels", status, answer, booking, patient, doctor)


def complete(crowd: Crowd, client: Client, chance: random.Random) -> Outcome:
    with crowd.begun_lock:
        begun = crowd.begun.pop() if crowd.begun else None
    if begun is None:
        return patient_lists(crowd, client, chance)
    doctor, booking = begun
    status, answer = client.ask(doctor, "POST", f"doctor/bookings/{booking}/complete/", what="complete")
    if status == 200:
        crowd.promise("complete", answer)
    return "complete", status, "" if status == 200 else answer


def patient_lists(crowd: Crowd, client: Client, chance: random.Random) -> Outcome:
    patient = chance.choice(crowd.town.patients)
    status, answer = client.ask(patient, "GET", "patient/bookings/", what="patient lists")
    return "patient lists", status, "" if status == 200 else answer


def doctor_lists(crowd: Crowd, client: Client, chance: random.Random) -> Outcome:
    doctor = chance.choice(crowd.town.doctors)
    status, answer = client.ask(doctor, "GET", "doctor/bookings/?status=confirmed", what="doctor lists")
    return "doctor lists", status, "" if status == 200 else answer


def _done(
    crowd: Crowd,
    what: str,
    status: int,
    answer: Any,
    booking: str,
    patient: Person,
    doctor: Person,
    starts_at: str = "",
) -> Outcome:
    if status not in (200, 201):
        if status == 409 and answer in ("hold_expired", "transition_not_allowed"):
            crowd.known.put(booking, "over", patient, doctor)
        return what, status, answer
    crowd.promise(what, answer, starts_at=starts_at)
    crowd.known.put(booking, answer["status"], patient, doctor)
    return what, status, ""


OPERATIONS: dict[Callable[[Crowd, Client, random.Random], Outcome], int] = {
    hold: 30,
    confirm: 22,
    cancel: 9,
    reschedule: 11,
    doctor_confirm: 8,
    doctor_cancel: 3,
    complete: 4,
    patient_lists: 8,
    doctor_lists: 5,
}
