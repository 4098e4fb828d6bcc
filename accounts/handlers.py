"""What accounts does after its own transactions."""

from accounts import mail
from medai.common import outbox
from medai.common.outbox.models import OutboxEvent


@outbox.handler(mail.SUBJECT, queue="messages")
def deliver_sign_in_mail(event: OutboxEvent) -> None:
    mail.deliver(event.subject_id)
