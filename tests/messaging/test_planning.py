"""What is planned to be told when something happens to a booking: to whom, by what, and when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import Guardianship, Role
from accounts.models.patients import Relationship
from accounts.services import claims, people
from bookings import services as bookings
from bookings.links import booking_url
from bookings.models import Booking
from medai.common.identity import Identity, Kind, acting_as, acting_as_system
from messaging.models import Notification, NotificationKind
from messaging.services import planning
from tests.factories import bookings as make
from tests.factories import messaging as told
from tests.factories.accounts import make_user
from tests.factories.bookings import MONDAY_9

CONFIRMED = ["booking_confirmed/email", "booking_confirmed/in_app"]
REMINDERS = [f"reminder_{hours}_hours/{channel}" for hours in (24, 2) for channel in ("email", "in_app")]
NEW = ["new_booking/email", "new_booking/in_app"]


def confirm_as_doctor(doctor: Any, booking: Booking) -> None:
    with make.as_user(doctor.user):
        bookings.confirm(booking_id=booking.pk)
    told.plan()


def cancel_as(user: Any, booking: Booking, reason: str = "") -> None:
    with make.as_user(user):
        bookings.cancel(booking_id=booking.pk, reason=reason)
    told.plan()


def move_as(user: Any, booking: Booking, starts_at: datetime) -> None:
    with make.as_user(user):
        bookings.reschedule(booking_id=booking.pk, starts_at=starts_at)
    told.plan()


@pytest.fixture
def booking(mariana: Any, patient: Any, doctor: Any) -> Booking:
    booking = make.book(mariana, patient, doctor)
    told.plan()
    return booking


def test_a_booking_tells_both_sides_and_plans_two_reminders(
    booking: Booking, mariana: Any, doctor: Any
) -> None:
    assert told.kinds(user=mariana) == sorted(CONFIRMED + REMINDERS)
    assert told.kinds(user=doctor.user) == NEW
    due = {row.kind: row.due_at for row in told.planned(user=mariana, channel="email")}
    assert due[NotificationKind.REMINDER_24_HOURS] == MONDAY_9 - timedelta(hours=24)
    assert due[NotificationKind.REMINDER_2_HOURS] == MONDAY_9 - timedelta(hours=2)


def test_the_same_event_twice_tells_nobody_twice(booking: Booking) -> None:
    before = len(told.planned())
    for _ in range(3):
        with acting_as_system("test"):
            planning.booking_changed(event="booking.confirmed", booking_id=booking.pk)
    assert len(told.planned()) == before


def test_everybody_who_cares_for_the_patient_is_told(patient: Any, mariana: Any, doctor: Any) -> None:
    from accounts.models import Guardianship

    father, banned = make.make_user(), make.make_user(is_active=False)
    with acting_as_system("test"):
        for user in (father, banned):
            Guardianship.objects.create(user=user, patient=patient, relationship="child")
    make.book(mariana, patient, doctor)
    told.plan()
    assert told.kinds(user=father) == sorted(CONFIRMED + REMINDERS)
    assert told.kinds(user=banned) == []


def book_at_the_desk(patient: Any, doctor: Any) -> None:
    with acting_as(Identity(Kind.ADMIN, user_id=make.make_user(Role.ADMIN).pk)):
        visit = bookings.hold(
            doctor_id=doctor.pk,
            patient_id=patient.pk,
            visit_type_id=make.visit_type_of(doctor).pk,
            visit_mode="in_person",
            starts_at=MONDAY_9,
        )
        bookings.confirm(booking_id=visit.pk)
    told.plan()


def test_a_patient_without_an_account_is_told_by_their_own_address(doctor: Any) -> None:
    alone = make.make_patient(email="rosa@example.com", language="en")
    book_at_the_desk(alone, doctor)
    rows = told.planned(patient=alone)
    assert sorted(row.kind for row in rows) == sorted(
        ["booking_confirmed", "reminder_2_hours", "reminder_24_hours"]
    )
    assert {(row.channel, row.recipient_id, row.user_id) for row in rows} == {("email", alone.pk, None)}


def test_reminders_follow_who_cares_for_the_patient(doctor: Any) -> None:
    rosa = make.make_patient(email="nadia@example.com")
    book_at_the_desk(rosa, doctor)
    nadia = make_user(email="nadia@example.com")
    by_mail = {"kind": NotificationKind.REMINDER_24_HOURS, "status": "due", "channel": "email"}
    assert [row.recipient_id for row in told.planned(**by_mail)] == [rosa.pk]
    claims.claim(user=nadia, patient_id=rosa.pk, relationship=Relationship.PARENT)
    told.plan()
    assert [row.recipient_id for row in told.planned(**by_mail)] == [nadia.pk]
    people.remove_dependent(user=nadia, patient_id=rosa.pk)
    told.plan()
    assert [row.recipient_id for row in told.planned(**by_mail)] == [rosa.pk]


def test_nobody_is_told_where_there_is_no_address(doctor: Any) -> None:
    alone = make.make_patient()
    with acting_as_system("test"):
        visit = bookings.hold(
            doctor_id=doctor.pk,
            patient_id=alone.pk,
            visit_type_id=make.visit_type_of(doctor).pk,
            visit_mode="in_person",
            starts_at=MONDAY_9,
        )
        bookings.confirm(booking_id=visit.pk)
    told.plan()
    assert told.planned(patient=alone) == []
    assert told.kinds() == NEW


def test_a_doctor_who_confirms_by_hand_is_asked_and_not_told_again(mariana: Any, patient: Any) -> None:
    doctor = make.make_doctor(confirmation_mode="by_hand")
    booking = make.book(mariana, patient, doctor)
    told.plan()
    asked = ["booking_to_confirm/email", "booking_to_confirm/in_app"]
    assert told.kinds(user=doctor.user) == asked
    assert told.kinds(user=mariana) == ["booking_pending/email", "booking_pending/in_app"]
    confirm_as_doctor(doctor, booking)
    assert told.kinds(user=doctor.user) == asked
    assert set(CONFIRMED + REMINDERS) <= set(told.kinds(user=mariana))


@pytest.mark.parametrize("who", ["patient", "doctor", "admin"])
def test_a_cancellation_tells_everybody_but_the_doctor_who_did_it(
    who: str, booking: Booking, mariana: Any, doctor: Any
) -> None:
    by = {"patient": mariana, "doctor": doctor.user, "admin": make.make_user(Role.ADMIN)}[who]
    cancel_as(by, booking)
    cancelled = ["booking_cancelled/email", "booking_cancelled/in_app"]
    assert set(cancelled) <= set(told.kinds(user=mariana))
    assert [kind for kind in told.kinds(user=doctor.user) if "cancelled" in kind] == (
        [] if who == "doctor" else cancelled
    )


def test_a_cancellation_drops_the_reminders(booking: Booking, mariana: Any) -> None:
    cancel_as(mariana, booking)
    reminders = told.planned(kind__in=["reminder_24_hours", "reminder_2_hours"])
    assert len(reminders) == 4
    assert {row.status for row in reminders} == {Notification.Status.DROPPED}


def test_leaving_a_hold_tells_nobody(mariana: Any, patient: Any, doctor: Any) -> None:
    held = make.hold(mariana, patient, doctor)
    cancel_as(mariana, held)
    assert told.planned() == []


def test_a_move_tells_both_sides_and_plans_the_reminders_anew(
    booking: Booking, mariana: Any, doctor: Any
) -> None:
    moved_to = MONDAY_9 + timedelta(days=1, hours=1)
    move_as(mariana, booking, moved_to)
    assert "booking_rescheduled/email" in told.kinds(user=mariana)
    assert "booking_rescheduled/email" in told.kinds(user=doctor.user)
    reminders = told.planned(kind="reminder_24_hours", channel="email")
    assert sorted((row.status, row.due_at) for row in reminders) == [
        ("dropped", MONDAY_9 - timedelta(hours=24)),
        ("due", moved_to - timedelta(hours=24)),
    ]


def test_a_visit_moved_away_and_back_has_its_reminders_once(booking: Booking, mariana: Any) -> None:
    move_as(mariana, booking, MONDAY_9 + timedelta(days=1))
    move_as(mariana, booking, MONDAY_9)
    due = told.planned(kind="reminder_24_hours", channel="email", status="due")
    assert [row.due_at for row in due] == [MONDAY_9 - timedelta(hours=24)]
    # Two moves are two messages, each with its time.
    assert len(told.planned(kind="booking_rescheduled", channel="email", user=mariana)) == 2


def test_a_reminder_that_was_sent_is_not_planned_again_for_the_same_time(
    booking: Booking, mariana: Any
) -> None:
    with acting_as_system("test"):
        Notification.objects.reminders().update(status=Notification.Status.SENT)
    move_as(mariana, booking, MONDAY_9 + timedelta(days=1))
    move_as(mariana, booking, MONDAY_9)
    at_nine = told.planned(
        kind="reminder_24_hours", channel="email", occasion__contains="T14:00Z", status="sent"
    )
    assert len(at_nine) == 1
    assert told.planned(kind="reminder_24_hours", channel="email", status="due") == []


def test_a_doctor_who_moves_a_visit_is_not_told_about_it(booking: Booking, mariana: Any, doctor: Any) -> None:
    move_as(doctor.user, booking, MONDAY_9 + timedelta(days=1))
    assert "booking_rescheduled/email" in told.kinds(user=mariana)
    assert told.kinds(user=doctor.user) == NEW


def test_preferences_decide_about_channels_and_reminders(mariana: Any, patient: Any, doctor: Any) -> None:
    told.make_preferences(mariana, email=False, reminder_24_hours=False)
    make.book(mariana, patient, doctor)
    told.plan()
    assert told.kinds(user=mariana) == ["booking_confirmed/in_app", "reminder_2_hours/in_app"]


@pytest.mark.parametrize(
    ("hours_before", "expected"),
    [(25, ["reminder_24_hours", "reminder_2_hours"]), (23, ["reminder_2_hours"]), (1, [])],
)
def test_only_reminders_that_lie_ahead_are_planned(
    hours_before: int,
    expected: list[str],
    mariana: Any,
    patient: Any,
    doctor: Any,
    planned_at: Callable[[datetime], None],
) -> None:
    told.never_quiet(mariana)
    planned_at(MONDAY_9 - timedelta(hours=hours_before))
    make.book(mariana, patient, doctor)
    told.plan()
    due = [row for row in told.planned(channel="email", user=mariana) if "reminder" in row.kind]
    assert sorted(row.kind for row in due) == sorted(expected)


def test_quiet_hours_hold_back_news_from_others_but_not_an_answer(
    mariana: Any, patient: Any, planned_at: Callable[[datetime], None]
) -> None:
    doctor = make.make_doctor(confirmation_mode="by_hand")
    late_evening = (MONDAY_9 - timedelta(days=5)).replace(hour=4)  # 23:00 in Bogotá
    morning = late_evening.replace(hour=12)
    planned_at(late_evening)
    booking = make.book(mariana, patient, doctor)
    with acting_as_system("test"):
        Booking.objects.update(confirm_by=late_evening + timedelta(days=1))
    told.plan()
    due = {(row.kind, row.channel): row.due_at for row in told.planned()}
    assert due["booking_pending", "email"] == late_evening
    assert due["booking_to_confirm", "email"] == morning
    assert due["booking_to_confirm", "in_app"] == late_evening
    confirm_as_doctor(doctor, booking)
    due = {(row.kind, row.channel): row.due_at for row in told.planned(user=mariana)}
    assert due["booking_confirmed", "email"] == morning


def test_what_is_done_by_the_link_of_a_mail_is_answered_at_once(
    client: Client, mariana: Any, patient: Any, doctor: Any, planned_at: Callable[[datetime], None]
) -> None:
    """To the account the link was sent to; the child's father learns of it in the morning."""
    father = make.make_user()
    with acting_as_system("test"):
        Guardianship.objects.create(user=father, patient=patient, relationship=Relationship.CHILD)
    booking = make.book(mariana, patient, doctor)
    told.plan()
    late_evening = (MONDAY_9 - timedelta(days=5)).replace(hour=4)  # 23:00 in Bogotá
    planned_at(late_evening)
    url = urlsplit(booking_url(booking, "cancel", user_id=mariana.pk)).path
    assert client.post(url, {"do": "cancel"}).status_code == 302
    told.plan()
    due = {
        row.user_id: row.due_at for row in told.planned(channel="email") if row.kind == "booking_cancelled"
    }
    assert due[mariana.pk] == late_evening
    assert due[father.pk] == late_evening.replace(hour=12)
    with acting_as_system("test"):
        assert Booking.objects.get(pk=booking.pk).cancelled_by_id == mariana.pk


def test_a_reminder_in_the_quiet_hours_leaves_when_they_end(mariana: Any, patient: Any, doctor: Any) -> None:
    told.make_preferences(mariana, quiet_from_minute=20 * 60, quiet_until_minute=8 * 60)
    make.book(mariana, patient, doctor)
    told.plan()
    due = {(row.kind, row.channel): row.due_at for row in told.planned(user=mariana)}
    # 7:00 is quiet; 8:00 still is an hour before the visit at 9:00.
    assert due["reminder_2_hours", "email"] == MONDAY_9 - timedelta(hours=1)
    assert due["reminder_2_hours", "in_app"] == MONDAY_9 - timedelta(hours=2)


def test_plan_reminders_repairs_what_is_missing_and_keeps_what_is_there(booking: Booking) -> None:
    before = {row.pk: row.due_at for row in told.planned()}
    with acting_as_system("test"):
        assert planning.plan_reminders(booking_ids=[booking.pk]) == 0
        Notification.objects.reminders().delete()
        assert planning.plan_reminders(booking_ids=[booking.pk]) == 4
    assert len(told.planned()) == len(before)


def test_a_doctor_is_told_of_each_decision_about_them(doctor: Any) -> None:
    from django.db import transaction

    from doctors.models import Doctor
    from medai.common import outbox

    def decide(status: str, event: str) -> None:
        with acting_as_system("test"), transaction.atomic():
            Doctor.objects.filter(pk=doctor.pk).update(credential_status=status)
            outbox.record(event, doctor)
        told.plan()

    decide("pending_review", "doctor.submitted")
    decide("rejected", "doctor.rejected")
    decide("rejected", "doctor.rejected")
    decide("verified", "doctor.verified")
    assert told.kinds(user=doctor.user, channel="email") == [
        "doctor_rejected/email",
        "doctor_rejected/email",
        "doctor_submitted/email",
        "doctor_verified/email",
    ]
