"""What Celery runs for messaging."""

from celery import shared_task

from medai.common import broker
from messaging.services import claims, sending


@shared_task
def send_due_notifications() -> dict[str, int]:
    """Send what is due; where there is more than a batch, a second worker is asked to help."""
    run = sending.send_due(on_backlog=lambda: broker.send(send_due_notifications, queue="messages"))
    return dict(run.outcomes)


@shared_task
def mark_unknown_notifications() -> int:
    """Find the notifications whose sending was interrupted."""
    return claims.mark_unknown()
