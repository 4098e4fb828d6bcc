"""Private files: what is uploaded is looked into, stored out of reach, and served by short-lived links only."""

from medai.common.files.links import public_image, serve_file, signed_link
from medai.common.files.storage import PrivateFileSystemStorage, PrivatePath
from medai.common.files.uploads import (
    CheckedUpload,
    FileEmpty,
    FileInfected,
    FileTooLarge,
    FileTypeMismatch,
    check_upload,
    safe_image,
    upright,
)

__all__ = [
    "CheckedUpload",
    "FileEmpty",
    "FileInfected",
    "FileTooLarge",
    "FileTypeMismatch",
    "PrivateFileSystemStorage",
    "PrivatePath",
    "check_upload",
    "public_image",
    "safe_image",
    "serve_file",
    "signed_link",
    "upright",
]
