"""Staff acting as a user: for a reason, for half an hour at most, never as staff, and on record."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.errors import AccountInactive, OwnAccount, ReasonRequired, StaffNotImpersonated
from accounts.models import ApiSession, ImpersonationSession, User
from medai.common.errors import NotFound, PermissionRefused
from medai.common.identity import Kind, acting_as_system, current_identity

LIMIT = timedelta(minutes=30)
SHORTEST_REASON = 10


@transaction.atomic
def start(*, user_id: UUID, reason: str) -> ImpersonationSession:
    """Let the acting member of staff act as a user; an earlier impersonation by the same person ends."""
    identity = current_identity()
    if identity is None or identity.kind not in (Kind.ADMIN, Kind.SUPER_ADMIN) or identity.user_id is None:
        raise PermissionRefused
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonRequired(field="reason")
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound(field="user")
    if user.pk == identity.user_id:
        raise OwnAccount(field="user")
    if user.is_staff:
        raise StaffNotImpersonated(field="user")
    if not user.is_active:
        raise AccountInactive(field="user")
    # The admin's own row, so that two requests at once do not leave two impersonations.
    admin = User.objects.select_for_update().get(pk=identity.user_id)
    for earlier in ImpersonationSession.objects.filter(admin=admin, ended_at=None):
        _end(earlier)
    session = ImpersonationSession.objects.create(
        admin=admin, user=user, reason=reason, expires_at=timezone.now() + LIMIT
    )
    audit.record("impersonated_user_start", user, impersonation=session.pk, minutes=LIMIT.seconds // 60)
    return session


def find(session_id: UUID | str) -> ImpersonationSession | None:
    """The impersonation with both its accounts; None for an id that names none."""
    with acting_as_system("impersonation"):
        return ImpersonationSession.objects.select_related("admin", "user").filter(pk=session_id).first()


@transaction.atomic
def stop(*, session_id: UUID) -> None:
    """End an impersonation and the API session that came with it; ending it twice changes nothing."""
    with acting_as_system("stop impersonation"):
        session = (
            ImpersonationSession.objects.select_for_update(of=("self",))
            .filter(pk=session_id, ended_at=None)
            .first()
        )
    if session is not None:
        _end(session)


def _end(session: ImpersonationSession) -> None:
    now = timezone.now()
    with acting_as_system("end impersonation"):
        session.ended_at = min(now, session.expires_at)
        session.save(update_fields=["ended_at", "updated_at"])
        ApiSession.objects.filter(impersonation=session, ended_at=None).update(ended_at=session.ended_at)
    audit.record(
        "impersonated_user_stop",
        session.user,
        impersonation=session.pk,
        admin=session.admin_id,
        expired=session.expires_at <= now,
    )


def close_expired() -> int:
    """Note the end of impersonations whose time ran out unnoticed; how many."""
    with acting_as_system("close impersonations"):
        overdue = ImpersonationSession.objects.filter(ended_at=None, expires_at__lte=timezone.now())
        ids = list(overdue.values_list("pk", flat=True))
        for session_id in ids:
            stop(session_id=session_id)
    return len(ids)


def record_request(*, session: ImpersonationSession, method: str, route: str, status: int) -> None:
    """Log one request made under an impersonation, with both identities; the current one must carry them."""
    audit.record(
        "impersonated_request",
        session.user,
        impersonation=session.pk,
        method=method,
        route=route,
        status=status,
    )
