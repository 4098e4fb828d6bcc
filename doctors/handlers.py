"""What doctors do when something happened in the apps below."""

from doctors.services import verification
from medai.common import outbox
from medai.common.outbox.models import OutboxEvent


@outbox.handler("user.banned", "user.unbanned", "user.role_changed")
def follow_account(event: OutboxEvent) -> None:
    verification.follow_account(user_id=event.subject_id)
