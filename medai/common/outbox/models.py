from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from medai.common.database import ClockTimestamp
from medai.common.models import BaseModel

PENDING = Q(done_at=None, failed_at=None)
LATE = timedelta(minutes=5)


class OutboxEventQuerySet(models.QuerySet[Any]):
    def pending(self) -> Self:
        return self.filter(PENDING)

    def failed(self) -> Self:
        """Given up after too many attempts; staff decide."""
        return self.exclude(failed_at=None)

    def done(self) -> Self:
        return self.exclude(done_at=None)

    def needing_attention(self) -> Self:
        """Given up, or due for so long that nobody seems to be at it."""
        late = PENDING & Q(available_at__lt=Now() - LATE)
        return self.filter((~Q(failed_at=None) & Q(done_at=None)) | late)

    def worth_requeueing(self) -> Self:
        """Not done, and not on its way already with all its attempts, as after it was requeued a moment ago.

        By the clock of this very moment: an update that waited for another one sees what that one wrote.
        """
        now = ClockTimestamp()
        is_on_its_way = Q(failed_at=None, attempts=0, available_at__range=(now - LATE, now))
        return self.filter(~is_on_its_way, done_at=None)

    def due(self) -> Self:
        return self.pending().filter(available_at__lte=Now())


class OutboxEvent(BaseModel):
    """One thing that happened, to be handled by one handler; without a handler it is kept as a log entry.

    Rows are written by `outbox.record` only. `data` holds ids and codes, no names, contacts or clinical text.
    """

    kind = models.CharField(max_length=100)
    handler = models.CharField(max_length=200, blank=True)
    subject_type = models.CharField(max_length=100)
    subject_id = models.UUIDField()
    data = models.JSONField(default=dict)
    # An identity column (see the migration): any role that may insert can use it, unlike a bare sequence.
    sequence = models.BigIntegerField(unique=True, editable=False)
    available_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)

    objects = OutboxEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("background event")
        verbose_name_plural = _("background events")
        ordering = ["sequence"]
        indexes = [
            models.Index(
                fields=["handler", "available_at", "sequence"], name="outboxevent_due", condition=PENDING
            ),
            models.Index(
                fields=["subject_id", "handler", "sequence"], name="outboxevent_line", condition=PENDING
            ),
            models.Index(F("failed_at").desc(), name="outboxevent_failed", condition=~Q(failed_at=None)),
            models.Index(fields=["subject_id", "sequence"], name="outboxevent_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
