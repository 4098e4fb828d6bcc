"""Uploads: the photo and the documents that prove a qualification."""

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.models.credentials import DocumentType


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP, up to 10 MB. Your face from the front, in good light."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"required": _("Choose a photo first."), "empty": _("This file is empty.")},
    )


class CredentialForm(forms.Form):
    document_type = forms.ChoiceField(label=_("Which document is it?"), choices=DocumentType.choices)
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, JPEG or PNG, up to 10 MB. Everything on it must be readable."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        error_messages={"required": _("Choose a file first."), "empty": _("This file is empty.")},
    )
