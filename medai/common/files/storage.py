"""Where private files lie: under names nobody can guess, with no address of their own."""

import secrets
from pathlib import PurePosixPath
from typing import Any, NoReturn

from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils import timezone
from django.utils.deconstruct import deconstructible


class NoAddress:
    """Links go through `signed_link`, which checks who is looking; a storage's own URL would not."""

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> NoReturn:
        raise ValueError("A private file has no address of its own; use files.signed_link.")


@deconstructible(path="medai.common.files.PrivateFileSystemStorage")
class PrivateFileSystemStorage(NoAddress, FileSystemStorage):
    """MEDIA_ROOT, readable by the product's own account only. It must not lie beneath what a server serves."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("file_permissions_mode", 0o600)
        options.setdefault("directory_permissions_mode", 0o700)
        super().__init__(**options)


@deconstructible(path="medai.common.files.PrivatePath")
class PrivatePath:
    """For `upload_to`: `PrivatePath("credentials")` stores as credentials/2026/11/<random>.pdf.

    Of the uploaded name only the extension is kept, and that only where `check_upload` has set it.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def __call__(self, instance: models.Model, filename: str) -> str:
        extension = PurePosixPath(filename).suffix.lower()
        extension = extension if extension[1:].isalnum() and len(extension) <= 6 else ""
        return f"{self.directory}/{timezone.now():%Y/%m}/{secrets.token_urlsafe(24)}{extension}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrivatePath) and other.directory == self.directory

    def __hash__(self) -> int:
        return hash(self.directory)
