"""The documents that prove a doctor's qualification."""

from pathlib import PurePosixPath
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from doctors.errors import (
    CredentialNotFound,
    CredentialReviewed,
    CredentialsTooMany,
    CredentialUploadedTwice,
)
from doctors.models import Credential
from doctors.models.credentials import CredentialReview, DocumentType
from doctors.services import practice
from medai.common.database import constraint_errors
from medai.common.errors import FieldError, InvalidInput
from medai.common.files import check_upload

MOST_DOCUMENTS = 20


@transaction.atomic
def upload_credential(*, doctor_id: UUID, document_type: str, upload: UploadedFile) -> Credential:
    """Keep a document for review: PDF, JPEG or PNG by its contents, at most 10 MB, each file once."""
    if document_type not in DocumentType.values:
        unknown = FieldError("document_type", "invalid_choice", _("Choose what kind of document it is."))
        raise InvalidInput(errors=[unknown])
    doctor = practice.locked(doctor_id)
    if Credential.objects.filter(doctor=doctor).count() >= MOST_DOCUMENTS:
        raise CredentialsTooMany(limit=MOST_DOCUMENTS)
    original_name = PurePosixPath((upload.name or "").replace("\\", "/")).name[:160]
    checked = check_upload(upload, field="file")
    if Credential.objects.filter(doctor=doctor, sha256=checked.sha256).exists():
        raise CredentialUploadedTwice(field="file")
    credential = Credential(
        doctor=doctor,
        document_type=document_type,
        file=checked.file,
        original_name=original_name,
        content_type=checked.content_type,
        size_bytes=checked.size,
        sha256=checked.sha256,
    )
    with constraint_errors({"credential_is_uploaded_once": CredentialUploadedTwice(field="file")}):
        credential.save(force_insert=True)
    return credential


@transaction.atomic
def remove_credential(*, credential_id: UUID) -> None:
    """Take back a document that nobody has reviewed yet."""
    found = Credential.objects.filter(pk=credential_id, doctor__in=practice.in_reach()).first()
    if found is None:
        raise CredentialNotFound
    practice.locked(found.doctor_id)
    credential = Credential.objects.filter(pk=credential_id).first()
    if credential is None:
        raise CredentialNotFound
    if credential.status != CredentialReview.PENDING:
        raise CredentialReviewed
    storage, name = credential.file.storage, str(credential.file.name)
    credential.delete()
    transaction.on_commit(lambda: storage.delete(name))
