"""A repeated request has one effect and one answer."""

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, connection
from django.db.models.functions import Now
from django.test import Client, RequestFactory

from accounts.models import Role, User
from medai.common import idempotency
from medai.common.errors import Busy, DomainError, StaleVersion
from medai.common.idempotency import Answer, fingerprint, run_once
from medai.common.identity import ANONYMOUS, acting_as, acting_as_system
from medai.common.models import IdempotencyKey, OutboxEvent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.common.kernel_urls")]


def order(name: str = "a", key: str | None = "key-1", client: Client | None = None) -> Any:
    client = client or Client(raise_request_exception=False)
    headers = {"Idempotency-Key": key} if key else {}
    body = json.dumps({"name": name, "lines": []})
    return client.post("/api/v1/orders", body, content_type="application/json", headers=headers)


def orders() -> int:
    with acting_as_system("test"):
        return OutboxEvent.objects.filter(kind="order.made").count()


def keys() -> list[IdempotencyKey]:
    with acting_as_system("test"):
        return list(IdempotencyKey.objects.all())


def together(count: int, function: Any) -> list[Any]:
    """Call a function in threads released at once; what they returned or raised."""
    barrier, results = threading.Barrier(count), []

    def work() -> None:
        barrier.wait()
        try:
            results.append(function())
        except DomainError as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_answer_is_replayed_word_for_word():
    first, second = order(), order()
    assert (first.status_code, orders()) == (201, 1)
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert (second.status_code, second.content, second["Location"]) == (201, first.content, first["Location"])


def test_without_a_key_each_request_counts():
    assert [order(key=None).json()["data"]["number"] for _ in range(2)] == [1, 2]


def test_the_same_key_with_another_body_is_refused():
    order("a")
    refused = order("b")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "idempotency_key_reused"
    assert orders() == 1


@pytest.mark.parametrize("key", ["", " ", "with space", "ñ", "x" * 201])
def test_a_malformed_key_is_refused(key):
    key_in_latin = key.encode().decode("latin-1")
    answer = Client().post(
        "/api/v1/orders", "{}", content_type="application/json", headers={"Idempotency-Key": key_in_latin}
    )
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("Idempotency-Key", "idempotency_key_malformed")
    assert keys() == []


def test_a_refusal_by_the_state_of_things_is_replayed_without_its_effects():
    first, second = order("taken"), order("taken")
    assert (first.status_code, second.status_code, orders()) == (409, 409, 0)
    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"


def test_bad_input_and_our_own_failures_leave_the_key_free():
    assert order("whole").status_code == 400
    assert order("broken").status_code == 500
    assert (orders(), keys()) == (0, [])
    assert order("a").status_code == 201


def test_keys_of_two_people_do_not_meet():
    clients = []
    for name in ("ana", "bea"):
        client = Client()
        with acting_as_system("test"):
            client.force_login(User.objects.create(email=f"{name}@example.com", role=Role.PATIENT))
        clients.append(client)
    with pytest.MonkeyPatch.context() as patch:
        # The test is not about CSRF, which sessions need and tokens do not.
        patch.setattr("rest_framework.authentication.SessionAuthentication.enforce_csrf", lambda *_: None)
        answers = [order("a", client=client) for client in clients]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({key.scope for key in keys()}) == 2
    assert all(key.scope == f"user:{key.user_id}" for key in keys())


def test_what_is_kept_is_encrypted_and_gone_after_a_day():
    order()
    with acting_as_system("test"), connection.cursor() as cursor:
        cursor.execute("SELECT answer_body FROM common_idempotencykey")
        assert "Ordered" not in cursor.fetchone()[0]
        assert idempotency.clean() == 0
        IdempotencyKey.objects.update(created_at=Now() - timedelta(hours=25))
    assert order("b").status_code == 201, "the promise was for a day, cleaned up or not"
    with acting_as_system("test"):
        IdempotencyKey.objects.update(created_at=Now() - timedelta(hours=25))
    assert idempotency.clean() == 1
    assert keys() == []


def test_only_the_system_sees_keys():
    order()
    with acting_as(ANONYMOUS):
        for attempt in (lambda: IdempotencyKey.objects.update(answer_status=0), IdempotencyKey.objects.count):
            with pytest.raises(ProgrammingError, match="permission denied"):
                attempt()


def test_ten_at_once_have_one_effect_and_one_answer():
    answers = together(10, order)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer for answer in answers) == 9
    assert orders() == 1


def test_control_without_the_key_ten_at_once_have_ten_effects():
    together(10, lambda: order(key=None))
    assert orders() == 10


def test_when_the_first_fails_the_one_that_waited_takes_over():
    calls = []
    first_is_in = threading.Event()

    def act() -> Answer:
        calls.append(1)
        if len(calls) == 1:
            first_is_in.set()
            time.sleep(0.2)
            raise StaleVersion
        return Answer(200, "second")

    def run() -> Any:
        with acting_as(ANONYMOUS):
            if not first_is_in.is_set() and calls:
                first_is_in.wait(5)
            return run_once(scope="s", key="k", route="r", request_hash="h", user_id=None, function=act)

    results = together(2, run)
    assert {type(result) for result in results} == {StaleVersion, Answer}
    assert len(calls) == 2
    assert [key.answer_body for key in keys()] == ["second"]


def test_waiting_for_a_running_request_is_bounded(monkeypatch):
    monkeypatch.setattr(idempotency, "LONGEST_WAIT", "100ms")

    def slowly() -> Answer:
        time.sleep(0.6)
        return Answer(200, "done")

    def run() -> Answer:
        with acting_as(ANONYMOUS):
            return run_once(scope="s", key="k", route="r", request_hash="h", user_id=None, function=slowly)

    results = together(2, run)
    assert {type(result) for result in results} == {Busy, Answer}


def test_a_fingerprint_is_of_the_contents():
    assert fingerprint("/a", {"x": 1, "y": 2}) == fingerprint("/a", {"y": 2, "x": 1})
    assert fingerprint("/a", {"x": 1}) != fingerprint("/b", {"x": 1})
    several = RequestFactory().post("/", {"x": ["1", "2"]}).POST
    assert fingerprint("/", several) != fingerprint("/", RequestFactory().post("/", {"x": ["3", "2"]}).POST)
    files = [SimpleUploadedFile("a.txt", contents) for contents in (b"one", b"one", b"two")]
    prints = [fingerprint("/", {"file": file}) for file in files]
    assert prints[0] == prints[1] != prints[2]
    assert files[0].read() == b"one", "it is still there to be read"
