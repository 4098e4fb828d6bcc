"""Sending: each message once, whatever breaks, and not at all where it is no longer wanted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core import mail
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Guardianship
from bookings import services as bookings
from bookings.models import Booking
from medai.common.identity import acting_as_system
from messaging import tasks
from messaging.channels.email import EmailChannel
from messaging.channels.in_app import InAppSession
from messaging.models import InboxNotice, Notification, NotificationPreferences
from messaging.services import claims, sending
from tests.factories import bookings as make
from tests.factories import messaging as told
from tests.smtp_sink import SmtpSink, smtp_sink

Status = Notification.Status


class Killed(BaseException):
    """What a `kill -9` looks like from the inside: nothing after it runs."""


@pytest.fixture
def sink(settings: Any) -> Iterator[SmtpSink]:
    with smtp_sink() as server:
        settings.EMAIL_BACKEND = "messaging.channels.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server


@pytest.fixture
def booking(mariana: Any, patient: Any, doctor: Any) -> Booking:
    return make.book(mariana, patient, doctor)


@pytest.fixture
def notification(mariana: Any, booking: Booking) -> Notification:
    return told.make_notification(mariana, booking)


def status_of(notification: Notification) -> Notification:
    with acting_as_system("test"):
        notification.refresh_from_db()
    return notification


def age_claims(**filters: Any) -> None:
    """As if the leases had run out."""
    with acting_as_system("test"):
        Notification.objects.filter(**filters).update(claimed_at=Now() - timedelta(hours=1))


def waiting_tasks() -> int:
    return redis.Redis.from_url(settings.REDIS_URL).llen("messages")


@pytest.mark.django_db
def test_one_sender_is_woken_until_it_looks() -> None:
    for _ in range(3):
        tasks.wake_sender()
    assert waiting_tasks() == 1
    with acting_as_system("test"):
        tasks.send_due_notifications()
    tasks.wake_sender()
    assert waiting_tasks() == 2


def test_a_sender_out_of_time_wakes_the_next(
    mariana: Any, patient: Any, doctor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.make_notification(mariana, make.book(mariana, patient, doctor))
    monkeypatch.setattr(tasks, "TURN_SECONDS", 0)
    before = waiting_tasks()
    with acting_as_system("test"):
        assert tasks.send_due_notifications() == {}
    assert waiting_tasks() == before + 1


def test_a_due_message_is_sent_once(notification: Notification, mariana: Any) -> None:
    assert told.send() == {"sent": 1}
    assert told.send() == {}
    [message] = mail.outbox
    assert message.to == [mariana.email]
    assert message.extra_headers["Message-ID"] == f"<{notification.pk}@medai.example>"
    row = status_of(notification)
    assert (row.status, row.error) == (Status.SENT, "")
    assert row.sent_at is not None
    assert row.provider_message_id == f"<{notification.pk}@medai.example>"


def test_a_message_waits_for_its_time(mariana: Any, booking: Booking) -> None:
    told.make_notification(mariana, booking, due_at=Now() + timedelta(minutes=1))
    assert told.send() == {}
    assert mail.outbox == []


def test_a_whole_booking_arrives_in_the_mailbox_and_in_the_centre(
    mariana: Any, booking: Booking, doctor: Any
) -> None:
    told.plan()
    told.make_due()
    sent = told.send()
    assert sent == {"sent": 8}
    assert sorted(to for message in mail.outbox for to in message.to) == sorted(
        [mariana.email] * 3 + [doctor.user.email]
    )
    with acting_as_system("test"):
        assert InboxNotice.objects.filter(user=mariana).count() == 3
        assert InboxNotice.objects.filter(user=doctor.user).count() == 1


# --- When a worker dies ---------------------------------------------------------------------------------


def test_dying_while_handing_over_leaves_the_outcome_unknown_and_is_never_repeated(
    notification: Notification, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("messaging.channels.email.EmailSession.deliver", die)
        with pytest.raises(Killed):
            told.send()
    assert status_of(notification).status == Status.SENDING
    assert told.send() == {}
    with acting_as_system("test"):
        assert claims.mark_unknown() == 0
        age_claims()
        assert claims.mark_unknown() == 1
        assert list(Notification.objects.needing_attention()) == [notification]
    assert told.send() == {}
    assert mail.outbox == []


def test_dying_before_the_hand_over_only_delays(
    notification: Notification, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(EmailChannel, "prepare", die)
        with pytest.raises(Killed):
            told.send()
    assert status_of(notification).status == Status.DUE
    assert told.send() == {}, "another worker may still be at it"
    age_claims()
    assert told.send() == {"sent": 1}
    assert len(mail.outbox) == 1


def test_a_worker_that_was_only_slow_settles_what_was_thought_unknown(notification: Notification) -> None:
    with acting_as_system("test"):
        [claim] = claims.claim(10)
        assert claims.begin(claim)
        assert claims.mark_unknown(lease=timedelta(0)) == 1
        claims.mark_sent(notification.pk, provider_message_id="late")
    assert status_of(notification).status == Status.SENT


def test_whoever_lost_the_claim_sends_nothing(notification: Notification) -> None:
    with acting_as_system("test"):
        [slow] = claims.claim(10)
        age_claims()
        [fast] = claims.claim(10)
        assert claims.begin(slow) is False
        assert claims.begin(fast) is True
        assert claims.begin(fast) is False


def test_a_message_dropped_after_it_was_claimed_is_not_sent(notification: Notification) -> None:
    with acting_as_system("test"):
        [claim] = claims.claim(10)
        Notification.objects.update(status=Status.DROPPED)
        assert claims.begin(claim) is False


def test_a_notice_in_the_centre_is_never_left_open(
    mariana: Any, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = told.make_notification(mariana, booking, channel="in_app")
    deliver = InAppSession.deliver

    def write_and_die(self: InAppSession, message: Any) -> str:
        deliver(self, message)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(InAppSession, "deliver", write_and_die)
        with pytest.raises(Killed):
            told.send()
    assert status_of(row).status == Status.DUE
    with acting_as_system("test"):
        assert not InboxNotice.objects.exists()
    age_claims()
    assert told.send() == {"sent": 1}
    with acting_as_system("test"):
        assert InboxNotice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work_and_send_nothing_twice(sink: SmtpSink) -> None:
    user = make.make_user()
    visit = make.book(user, make.make_patient(user), make.make_doctor())
    for number in range(60):
        told.make_notification(user, visit, occasion=str(number))

    def work(_: int) -> dict[str, int]:
        try:
            return told.send()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(work, range(3)))
    ids = [message["Message-ID"] for message in sink.messages]
    assert len(ids) == len(set(ids)) == 60
    assert sum(outcome.get("sent", 0) for outcome in outcomes) == 60


@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_two_workers_send_twice(
    sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the claim is for: with rows merely read, both workers send them all."""
    user = make.make_user()
    visit = make.book(user, make.make_patient(user), make.make_doctor())
    rows = [told.make_notification(user, visit, occasion=str(number)) for number in range(20)]
    now = timezone.now()
    monkeypatch.setattr(claims, "begin", lambda claim: True)

    def work(_: int) -> None:
        try:
            with acting_as_system("test"):
                sending._send_batch([claims.Claim(row.pk, now) for row in rows], sending.Run())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert len(sink.messages) == 40


# --- What the mail server says ---------------------------------------------------------------------------


def test_mail_goes_over_one_connection_for_a_batch(sink: SmtpSink, mariana: Any, booking: Booking) -> None:
    for number in range(5):
        told.make_notification(mariana, booking, occasion=str(number))
    assert told.send() == {"sent": 5}
    assert (len(sink.messages), sink.connections) == (5, 1)


@pytest.mark.parametrize(
    ("manner", "status", "attempts", "received"),
    [
        ("refuse", Status.FAILED, 0, 0),
        ("busy", Status.DUE, 1, 0),
        ("vanish_early", Status.DUE, 0, 0),
        ("vanish_late", Status.UNKNOWN, 0, 1),
    ],
)
def test_what_becomes_of_a_message_the_server_does_not_take(
    manner: Any, status: str, attempts: int, received: int, sink: SmtpSink, notification: Notification
) -> None:
    sink.manner = manner
    told.send()
    row = status_of(notification)
    assert (row.status, row.attempts) == (status, attempts)
    assert row.error
    assert len(sink.messages) == received
    if status == Status.DUE:
        assert row.due_at > timezone.now()
    sink.manner = "kind"
    told.send()
    assert len(sink.messages) == received, "nothing is repeated at once"


def test_a_message_refused_for_now_is_tried_again_and_given_up_in_the_end(
    sink: SmtpSink, notification: Notification
) -> None:
    sink.manner = "busy"
    pauses = []
    for _ in range(sending.ATTEMPTS):
        told.make_due()
        told.send()
        pauses.append(status_of(notification).due_at - timezone.now())
    assert status_of(notification).status == Status.FAILED
    assert pauses[2] > pauses[1] > pauses[0] > timedelta(seconds=40)


def test_while_the_server_is_down_nothing_is_lost_and_no_attempt_is_spent(
    sink: SmtpSink, settings: Any, mariana: Any, booking: Booking
) -> None:
    mails = [told.make_notification(mariana, booking, occasion=str(number)) for number in range(3)]
    notice = told.make_notification(mariana, booking, channel="in_app")
    settings.EMAIL_PORT = 1  # nobody listens there
    assert told.send() == {"due": 1, "sent": 1}
    assert [status_of(row).status for row in mails] == [Status.DUE] * 3
    assert {row.attempts for row in mails} == {0}
    assert status_of(notice).status == Status.SENT
    settings.EMAIL_PORT = sink.port
    told.make_due()
    assert told.send() == {"sent": 3}
    assert len(sink.messages) == 3


def test_a_connection_the_server_closed_meanwhile_is_opened_again(
    sink: SmtpSink, mariana: Any, booking: Booking
) -> None:
    sink.manner = "brief"
    for number in range(3):
        told.make_notification(mariana, booking, occasion=str(number))
    assert told.send() == {"sent": 3}
    assert (len(sink.messages), sink.connections) == (3, 3)


def test_a_message_that_cannot_be_made_does_not_hold_up_the_others(
    mariana: Any, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = told.make_notification(mariana, booking, occasion="broken")
    told.make_notification(mariana, booking, occasion="whole")
    prepare = EmailChannel.prepare

    def fail_for_one(self: Any, notification: Notification, content: Any) -> Any:
        if notification.pk == broken.pk:
            raise KeyError("template")
        return prepare(self, notification, content)

    monkeypatch.setattr(EmailChannel, "prepare", fail_for_one)
    assert told.send() == {"due": 1, "sent": 1}
    assert (status_of(broken).attempts, broken.error) == (1, "KeyError")


# --- What is no longer wanted ----------------------------------------------------------------------------


def dropped(notification: Notification) -> bool:
    assert told.send() == {"dropped": 1}
    assert mail.outbox == []
    return status_of(notification).status == Status.DROPPED


def test_a_late_reminder_is_dropped_instead_of_sent_after_the_visit(notification: Notification) -> None:
    with acting_as_system("test"):
        Notification.objects.update(not_after=Now() - timedelta(seconds=1))
    assert told.send() == {}
    assert (status_of(notification).status, notification.error) == (Status.DROPPED, "too late")
    assert mail.outbox == []


def test_a_confirmation_of_a_cancelled_visit_is_dropped(
    notification: Notification, mariana: Any, booking: Booking
) -> None:
    with make.as_user(mariana):
        bookings.cancel(booking_id=booking.pk)
    assert dropped(notification)


def test_a_reminder_of_another_time_is_dropped(mariana: Any, booking: Booking) -> None:
    row = told.make_notification(mariana, booking, kind="reminder_2_hours", occasion="2026-01-01T10:00Z")
    assert dropped(row)


def test_whoever_no_longer_cares_for_the_patient_is_not_told(notification: Notification) -> None:
    with acting_as_system("test"):
        Guardianship.objects.all().delete()
    assert dropped(notification)


def test_a_banned_account_is_not_told(notification: Notification, mariana: Any) -> None:
    with acting_as_system("test"):
        type(mariana).objects.filter(pk=mariana.pk).update(is_active=False)
    assert dropped(notification)


def test_a_channel_switched_off_meanwhile_is_not_used(notification: Notification, mariana: Any) -> None:
    told.make_preferences(mariana, email=False)
    assert dropped(notification)


def test_a_delayed_message_respects_the_quiet_hours_it_was_planned_around(
    notification: Notification, mariana: Any
) -> None:
    local = timezone.now() - timedelta(hours=5)  # Bogotá
    minute = local.hour * 60 + local.minute
    with acting_as_system("test"):
        Notification.objects.update(due_at=Now() - timedelta(hours=2))
    told.make_preferences(
        mariana, quiet_from_minute=(minute - 30) % 1440, quiet_until_minute=(minute + 30) % 1440
    )
    assert told.send() == {"due": 1}
    assert mail.outbox == []
    row = status_of(notification)
    assert timedelta(minutes=25) < row.due_at - timezone.now() <= timedelta(minutes=31)
    with acting_as_system("test"):
        NotificationPreferences.objects.update(quiet_from_minute=0, quiet_until_minute=0)
    told.make_due()
    assert told.send() == {"sent": 1}


def test_pressing_news_planned_for_quiet_hours_leaves_in_them(
    notification: Notification, mariana: Any
) -> None:
    local = timezone.now() - timedelta(hours=5)
    minute = local.hour * 60 + local.minute
    told.make_preferences(
        mariana, quiet_from_minute=(minute - 30) % 1440, quiet_until_minute=(minute + 30) % 1440
    )
    assert told.send() == {"sent": 1}
