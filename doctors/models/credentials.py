from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medai.common.files import PrivatePath
from medai.common.models import BaseModel


class DocumentType(models.TextChoices):
    MEDICAL_DEGREE = "medical_degree", _("Medical degree")
    MEDICAL_LICENSE = "medical_license", _("Medical licence")
    SPECIALTY_CERTIFICATE = "specialty_certificate", _("Specialty certificate")
    IDENTITY_DOCUMENT = "identity_document", _("Identity document")


class CredentialReview(models.TextChoices):
    PENDING = "pending", _("Pending")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


class Credential(BaseModel):
    """A document that proves a doctor's qualification; the file is private and its type was sniffed from its bytes."""

    doctor = models.ForeignKey("doctors.Doctor", on_delete=models.PROTECT, related_name="credentials")
    document_type = models.CharField(_("document"), max_length=24, choices=DocumentType.choices)
    file = models.FileField(_("file"), upload_to=PrivatePath("credentials"))
    original_name = models.CharField(_("file name"), max_length=160)
    content_type = models.CharField(_("content type"), max_length=40)
    size_bytes = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    status = models.CharField(
        _("status"), max_length=12, choices=CredentialReview.choices, default=CredentialReview.PENDING
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewer"),
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["doctor", "sha256"], name="credential_is_uploaded_once"),
        ]
