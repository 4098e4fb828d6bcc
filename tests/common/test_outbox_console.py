"""Events that could not be handled: staff find them, see why, and have them tried again; old ones are forgotten."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client

from accounts.models import AdminAuditLog, Role
from medai.common import outbox, tasks
from medai.common.identity import acting_as_system
from medai.common.models import OutboxEvent
from medai.common.outbox import delivery, registry, retention
from tests.factories.accounts import make_staff, signed_in
from tests.races import race

pytestmark = pytest.mark.django_db
LIST = "/admin/common/outboxevent/"
SECRET = "Ana Torres, ana@example.com"


def event(kind: str = "console.tried", **fields: Any) -> OutboxEvent:
    values = {
        "id": uuid.uuid4(),
        "kind": kind,
        "handler": "tests.nobody",
        "subject_type": "bookings.booking",
        "subject_id": uuid.uuid4(),
        "available_at": Now(),
        "sequence": (
            OutboxEvent.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
        )
        + 1,
    }
    with acting_as_system("test"):
        return OutboxEvent.objects.create(**{**values, **fields})


@pytest.fixture
def staff(db: None) -> Client:
    return signed_in(make_staff(Role.ADMIN))


@pytest.fixture
def four(db: None) -> dict[str, OutboxEvent]:
    with acting_as_system("test"):
        return {
            "given-up": event(
                "kind.given-up", failed_at=Now(), attempts=12, last_error="ValueError at x.py:7"
            ),
            "late": event("kind.late", available_at=Now() - timedelta(minutes=6)),
            "waiting": event("kind.waiting", available_at=Now() + timedelta(minutes=1), attempts=2),
            "done": event("kind.done", done_at=Now(), attempts=1),
        }


def try_again(client: Client, *events: OutboxEvent) -> str:
    body = {"action": "try_again", "_selected_action": [str(each.pk) for each in events]}
    return client.post(f"{LIST}?state=all", body, follow=True).content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"given-up", "late"}),
        ("?state=waiting", {"late", "waiting"}),
        ("?state=done", {"done"}),
        ("?state=all", {"given-up", "late", "waiting", "done"}),
    ],
)
def test_the_list_begins_with_what_needs_somebody(staff: Client, four: Any, query: str, shown: Any) -> None:
    page = staff.get(LIST + query).content.decode()
    assert {name for name in four if f">kind.{name}</td>" in page} == shown


def test_showing_all_shows_all_and_nothing_offers_to_show_fewer(staff: Client, four: Any) -> None:
    everything = staff.get(f"{LIST}?state=all").content.decode()
    assert "Borrar todos los filtros" not in everything
    assert "resultados" not in everything
    searched = staff.get(f"{LIST}?state=done&q=kind.done").content.decode()
    assert 'href="?state=all"' in searched.partition("resultado")[2]


def test_only_what_will_be_tried_says_when(staff: Client, four: Any) -> None:
    for name, event in four.items():
        page = staff.get(f"{LIST}{event.pk}/change/").content.decode()
        shown = (
            page.partition("field-next_attempt")[2].partition('class="readonly">')[2].partition("</div>")[0]
        )
        assert (shown == "–") == (name in {"given-up", "done"}), (name, shown)


def test_staff_see_why_without_what_people_typed(staff: Client) -> None:
    def handle(event: OutboxEvent) -> None:
        raise ValueError(SECRET)

    outbox.handler("console.fails")(handle)
    name = f"{handle.__module__}.{handle.__qualname__}"
    try:
        failing = event("console.fails", handler=name, attempts=delivery.ATTEMPTS - 1)
        outbox.drain(reraise=False)
    finally:
        registry.forget(name)
    for path in (LIST, f"{LIST}{failing.pk}/change/"):
        page = staff.get(path).content.decode()
        assert "ValueError at test_outbox_console.py:" in page
        assert SECRET not in page


def test_trying_again_gives_new_attempts_and_is_on_record(staff: Client, four: Any) -> None:
    assert "3 tareas" in try_again(staff, *four.values())
    with acting_as_system("test"):
        for name in ("given-up", "late", "waiting"):
            four[name].refresh_from_db()
            assert (four[name].failed_at, four[name].attempts) == (None, 0)
        assert OutboxEvent.objects.due().filter(handler="tests.nobody").count() == 3
        logged = list(AdminAuditLog.objects.filter(action="retried_event").order_by("sequence"))
    assert {row.target_id for row in logged} == {
        str(four[name].pk) for name in ("given-up", "late", "waiting")
    }
    given_up = next(row for row in logged if row.target_id == str(four["given-up"].pk))
    assert given_up.details == {
        "kind": "kind.given-up",
        "handler": "tests.nobody",
        "attempts": [12, 0],
        "was_given_up": True,
    }


def retried() -> int:
    with acting_as_system("test"):
        return AdminAuditLog.objects.filter(action="retried_event").count()


def test_a_second_click_finds_it_retried_already(staff: Client, four: Any) -> None:
    assert "1 tarea se intentará de nuevo" in try_again(staff, four["given-up"])
    second = try_again(staff, four["given-up"], four["waiting"])
    assert "1 tarea ya está hecha o ya se está intentando de nuevo" in second
    assert "1 tarea se intentará de nuevo" in second
    assert retried() == 2
    with acting_as_system("test"):
        OutboxEvent.objects.filter(pk=four["given-up"].pk).update(attempts=1)
    try_again(staff, four["given-up"])
    assert retried() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_is_on_record() -> None:
    given_up = event("kind.given-up", failed_at=Now(), attempts=12)
    clicks = [signed_in(make_staff(Role.ADMIN)) for _ in range(4)]
    pages = race([lambda client=client: try_again(client, given_up) for client in clicks])
    assert sorted("1 tarea se intentará de nuevo" in page for page in pages) == [False, False, False, True]
    assert retried() == 1


def test_what_is_done_is_not_done_again(staff: Client, four: Any) -> None:
    assert "1 tarea ya está hecha" in try_again(staff, four["done"])
    with acting_as_system("test"):
        assert OutboxEvent.objects.get(pk=four["done"].pk).done_at is not None
        assert not AdminAuditLog.objects.filter(action="retried_event").exists()


def test_not_too_many_at_a_time(staff: Client, four: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medai.administration.outbox.AT_ONCE", 2)
    assert "Elija 2 como máximo" in try_again(staff, *four.values())
    with acting_as_system("test"):
        assert OutboxEvent.objects.get(pk=four["given-up"].pk).failed_at is not None
        assert not AdminAuditLog.objects.filter(action="retried_event").exists()


def test_staff_change_nothing_else(staff: Client, four: Any) -> None:
    path = f"{LIST}{four['given-up'].pk}/"
    assert staff.post(f"{path}change/", {"kind": "other"}).status_code == 403
    assert staff.post(f"{path}delete/", {"post": "yes"}).status_code == 403
    assert staff.get(f"{LIST}add/").status_code == 403


def test_what_was_done_long_ago_is_forgotten(
    four: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    settings.OUTBOX_KEPT = timedelta(days=30)
    with acting_as_system("test"):
        younger = event("kind.younger", done_at=Now() - timedelta(days=29))
        old = timedelta(days=31)
        OutboxEvent.objects.exclude(pk=younger.pk).update(created_at=F("created_at") - old)
        OutboxEvent.objects.filter(pk=four["done"].pk).update(done_at=F("done_at") - old)
        # Made long ago, done lately, by the second attempt of staff.
        late = event("kind.late-done", done_at=Now())
        OutboxEvent.objects.filter(pk=late.pk).update(created_at=F("created_at") - old)
        before = set(OutboxEvent.objects.values_list("kind", flat=True))
        assert tasks.clean_outbox() == 1
        assert before - set(OutboxEvent.objects.values_list("kind", flat=True)) == {"kind.done"}
        assert tasks.clean_outbox() == 0


def test_forgetting_stops_where_time_that_is_kept_begins(
    django_assert_num_queries: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    with acting_as_system("test"):
        for _ in range(10):
            event(done_at=Now())
        with django_assert_num_queries(3):  # one batch, in its savepoint
            assert retention.forget_done() == 0


def test_a_row_ticked_by_what_is_no_key_is_a_bad_request(staff: Client) -> None:
    answer = staff.post(LIST, {"action": "try_again", "_selected_action": ["nobody"]})
    assert answer.status_code == 400
