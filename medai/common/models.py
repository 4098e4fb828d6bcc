"""Abstract models that every app builds on."""

import uuid
from typing import Any, Self

from django.db import models
from django.utils import timezone


class BaseModel(models.Model):
    """A UUID key and the times of creation and last change (UTC)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


class SoftDeleteQuerySet(models.QuerySet[Any]):
    def kept(self) -> Self:
        return self.filter(deleted_at=None)

    def soft_delete(self) -> int:
        return self.kept().update(deleted_at=timezone.now())


class SoftDeleteModel(BaseModel):
    """A row that is hidden instead of deleted: `deleted_at` is when."""

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


# The kernel's own tables; at the end because they build on the classes above.
from medai.common.idempotency import IdempotencyKey  # noqa: E402, F401
from medai.common.outbox.models import OutboxEvent  # noqa: E402, F401
