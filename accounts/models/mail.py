"""Mail about signing in, on its way."""

from django.utils.translation import gettext_lazy as _

from medai.common.encryption import EncryptedTextField
from medai.common.models import BaseModel


class SignInMail(BaseModel):
    """A rendered message that waits for a worker; deleted once it is sent. It may hold a code, so it is encrypted."""

    recipient = EncryptedTextField()
    subject = EncryptedTextField()
    text = EncryptedTextField()
    html = EncryptedTextField(blank=True)

    class Meta:
        verbose_name = _("sign-in mail")
        verbose_name_plural = _("sign-in mails")
