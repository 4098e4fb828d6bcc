"""What a person does in their notification centre."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from medai.common import realtime
from messaging.errors import NoticeNotFound
from messaging.models import InboxNotice


@transaction.atomic
def mark_read(*, user_id: UUID, notice_id: UUID) -> InboxNotice:
    """Mark one notice read; `NoticeNotFound` where it is not this person's. Reading twice changes nothing."""
    notice = InboxNotice.objects.of(user_id).for_listing().filter(pk=notice_id).first()
    if notice is None:
        raise NoticeNotFound
    if _mark(user_id, pk=notice_id):
        notice.refresh_from_db(fields=["read_at"])
    return notice


@transaction.atomic
def mark_all_read(*, user_id: UUID) -> int:
    """Mark all that is unread; how many there were."""
    return _mark(user_id)


def _mark(user_id: UUID, **filters: object) -> int:
    unread = InboxNotice.objects.of(user_id).unread().filter(**filters)
    count: int = unread.update(read_at=Now(), updated_at=Now())
    if count:
        realtime.changed(f"user-notices:{user_id}")
    return count
