"""The fault runs work, and what they count as wrong is counted."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bookings.models import Booking, BookingTransition, BusyPeriod
from medai.common import outbox
from medai.common.identity import acting_as_system
from medai.common.outbox.models import OutboxEvent
from messaging.models import Notification
from tests.factories import bookings as make
from tests.faults import ledger
from tests.faults.crowd import Promise

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_nothing_is_lost_when_a_worker_and_a_web_server_are_killed() -> None:
    faults = ["--worker-kills", "1", "--web-kills", "1", "--restarts", "0", "--wipes", "0"]
    command = [sys.executable, "-m", "tests.faults.mixed", "--operations", "150", *faults]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "150 operations" in run.stdout
    assert "a web server killed: 1" in run.stdout


def occupy_nobody(booking: Booking) -> None:
    BusyPeriod.objects.filter(booking=booking).delete()


def move_silently(booking: Booking) -> None:
    later = timedelta(hours=1)
    Booking.objects.filter(pk=booking.pk).update(
        starts_at=booking.starts_at + later, ends_at=booking.ends_at + later
    )


def confirm_again(booking: Booking) -> None:
    BookingTransition.objects.create(
        booking=booking,
        from_status="held",
        to_status="confirmed",
        actor_kind="system",
        starts_at=booking.starts_at,
    )


def forget_an_event(booking: Booking) -> None:
    event = OutboxEvent.objects.filter(subject_id=booking.pk).first()
    assert event is not None
    OutboxEvent.objects.filter(pk=event.pk).update(done_at=None)


def forget_a_mail(booking: Booking) -> None:
    mail = Notification.objects.filter(booking=booking, channel="email").first()
    assert mail is not None
    Notification.objects.filter(pk=mail.pk).update(status="sent")


WRONGS: dict[Callable[[Booking], None], set[str]] = {
    occupy_nobody: {"bookings whose status and busy periods disagree"},
    move_silently: {
        "bookings that are not as their last move left them",
        "bookings whose status and busy periods disagree",
    },
    confirm_again: {"moves made twice", "moves that do not follow the one before", "events lost or not done"},
    forget_an_event: {"events lost or not done"},
    forget_a_mail: {"mails recorded as sent that never were"},
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("go_wrong", WRONGS, ids=lambda function: function.__name__)
def test_each_wrong_is_counted(go_wrong: Callable[[Booking], None], tmp_path: Path) -> None:
    user = make.make_user()
    booking = make.book(user, make.make_patient(user), make.make_doctor())
    outbox.drain()
    kept = [Promise("confirm", str(booking.pk))]
    assert not any(ledger.must_be_zero(kept, tmp_path).values())
    with acting_as_system("test"):
        go_wrong(booking)
    counted = ledger.must_be_zero(kept, tmp_path)
    assert {name for name, number in counted.items() if number} == WRONGS[go_wrong]


@pytest.mark.django_db(transaction=True)
def test_a_broken_promise_and_a_mail_sent_twice_are_counted(tmp_path: Path) -> None:
    (tmp_path / "one.log").write_text(f"Message-ID: <{(pk := uuid4())}@medai.example>\n")
    (tmp_path / "two.log").write_text(f"Subject: again\nMessage-ID: <{pk}@medai.example>\n")
    counted = ledger.must_be_zero([Promise("hold", str(uuid4()))], tmp_path)
    wrong = {name: number for name, number in counted.items() if number}
    assert wrong == {"mails sent twice": 1, "answers 2xx that left nothing": 1}
