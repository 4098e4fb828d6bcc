"""Addresses of doctors' photos, which are public while the storage is not."""

from pathlib import PurePosixPath
from uuid import UUID

from django.urls import reverse


def photo_url(doctor_id: UUID, stored_name: str | None) -> str:
    """Where browsers find the photo; its name changes with its contents, so they may keep it for ever."""
    if not stored_name:
        return ""
    return reverse("doctors:photo", args=[doctor_id, PurePosixPath(stored_name).name])
