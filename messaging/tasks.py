"""What Celery runs for messaging."""

from celery import shared_task

from medai.common import broker
from messaging.services import claims, sending

# A worker that sends for longer lets the other tasks of the queue have their turn.
TURN_SECONDS = 5.0


@shared_task
def send_due_notifications() -> dict[str, int]:
    """Send what is due; where there is more than a batch, another worker is asked to help."""
    broker.begun("send-due")
    run = sending.send_due(seconds=TURN_SECONDS, on_backlog=wake_sender)
    if run.is_out_of_time:
        wake_sender()
    return dict(run.outcomes)


def wake_sender() -> None:
    """Have a worker send what is due, unless one is about to."""
    broker.send_once("send-due", send_due_notifications, queue="messages")


@shared_task
def mark_unknown_notifications() -> int:
    """Find the notifications whose sending was interrupted."""
    return claims.mark_unknown()
