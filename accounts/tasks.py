"""What accounts does as time passes."""

from celery import shared_task

from accounts import audit
from accounts.services import impersonation, sessions


@shared_task
def anchor_audit_log() -> None:
    """Note the head of the audit log for the day."""
    audit.anchor()


@shared_task
def clean_sessions() -> None:
    """Forget sessions that ended and close impersonations whose time is over."""
    impersonation.close_expired()
    sessions.clean()
