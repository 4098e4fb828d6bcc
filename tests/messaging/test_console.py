"""Notifications in the staff's console, and on the command line."""

from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.models import Role
from bookings.models import Booking
from medai.common.identity import acting_as_system
from messaging.models import Notification
from tests.factories import bookings as make
from tests.factories import messaging as told
from tests.factories.accounts import make_staff, signed_in
from tests.factories.bookings import MONDAY_9
from tests.factories.visits import make_many_visits

LIST = "/admin/messaging/notification/"
Status = Notification.Status


@pytest.fixture
def booking(mariana: Any, patient: Any, doctor: Any) -> Booking:
    return make.book(mariana, patient, doctor)


@pytest.fixture
def staff(db: None) -> Client:
    return signed_in(make_staff(Role.ADMIN))


def test_staff_find_what_did_not_arrive(staff: Client, mariana: Any, booking: Booking) -> None:
    for number, status in enumerate([Status.SENT, Status.FAILED, Status.UNKNOWN]):
        told.make_notification(
            mariana, booking, status=status, error=f"reason-{number}", occasion=str(number)
        )
    everything = staff.get(LIST).content.decode()
    assert "reason-0" in everything
    page = staff.get(f"{LIST}?attention=needed").content.decode()
    assert "reason-0" not in page
    assert "reason-1" in page
    assert "reason-2" in page
    assert booking.reference in page


def test_staff_read_a_notification_and_change_nothing(staff: Client, mariana: Any, booking: Booking) -> None:
    row = told.make_notification(mariana, booking, status=Status.UNKNOWN)
    page = staff.get(f"{LIST}{row.pk}/change/")
    assert page.status_code == 200
    assert mariana.email in page.content.decode()
    assert (
        f'<a href="/admin/bookings/booking/{booking.pk}/change/">{booking.reference}</a>'
        in page.content.decode()
    )
    assert staff.post(f"{LIST}{row.pk}/change/", {"status": "due"}).status_code == 403
    assert staff.get(f"{LIST}add/").status_code == 403
    assert staff.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    with acting_as_system("test"):
        row.refresh_from_db()
    assert row.status == Status.UNKNOWN


def test_the_command_sends_what_is_due(mariana: Any, booking: Booking) -> None:
    told.make_notification(mariana, booking)
    output = StringIO()
    call_command("send_due_notifications", stdout=output)
    assert output.getvalue().strip() == "1 sent"
    assert len(mail.outbox) == 1
    output = StringIO()
    call_command("send_due_notifications", stdout=output)
    assert output.getvalue().strip() == "Nothing was due."


def test_the_command_plans_the_reminders_of_visits_made_elsewhere(db: None, monkeypatch: Any) -> None:
    from messaging.services import planning

    monkeypatch.setattr(planning, "BATCH", 3)
    make_many_visits(7, starts_at=MONDAY_9)
    output = StringIO()
    call_command("plan_reminders", stdout=output)
    assert output.getvalue().splitlines()[-1] == "28 reminders planned."
    assert len(told.planned()) == 28
    output = StringIO()
    call_command("plan_reminders", stdout=output)
    assert output.getvalue().splitlines()[-1] == "0 reminders planned."


def test_the_claim_reads_what_is_due_by_its_index(db: None) -> None:
    """However many reminders are planned for later: a poll must not read them."""
    from django.db import connection, transaction

    from messaging.services import claims, planning

    visits = make_many_visits(300, starts_at=MONDAY_9)
    with acting_as_system("test"), transaction.atomic(), connection.cursor() as cursor:
        planning.plan_reminders(booking_ids=visits)
        cursor.execute("ANALYZE messaging_notification")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {claims._CLAIM}", [[], 60, 20])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "notification_due" in plan
    assert "Index Cond: (due_at <= statement_timestamp())" in plan
