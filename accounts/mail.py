"""Mail about signing in: codes, warnings, notices.

It is stored with what caused it and sent by a worker, so that a slow or broken mail server neither loses it nor
shows, by the time an answer takes, whether an address has an account.
"""

from uuid import UUID

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction

from accounts.models import SignInMail
from medai.common import outbox
from medai.common.identity import acting_as_system

SUBJECT = "sign_in_mail.posted"


@transaction.atomic
def post(message: EmailMessage) -> None:
    """Hand a message with one recipient to the workers, in the caller's transaction."""
    html = next(
        (str(a.content) for a in getattr(message, "alternatives", []) if a.mimetype == "text/html"), ""
    )
    with acting_as_system("post sign-in mail"):
        mail = SignInMail.objects.create(
            recipient=message.to[0], subject=str(message.subject), text=str(message.body), html=html
        )
        outbox.record(SUBJECT, mail)


def deliver(mail_id: UUID) -> None:
    """Send a stored message and forget it; one that is gone was sent before."""
    mail = SignInMail.objects.filter(pk=mail_id).first()
    if mail is None:
        return
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.recipient])
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    message.send()
    mail.delete()
