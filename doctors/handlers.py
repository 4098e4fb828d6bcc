"""What doctors do when something happened in the apps below."""

from doctors.services import verification
from medai.common import outbox
from medai.common.outbox.models import OutboxEvent


@outbox.handler("user.banned", "user.unbanned")
def follow_ban(event: OutboxEvent) -> None:
    verification.follow_ban(user_id=event.subject_id, is_banned=event.kind == "user.banned")
