"""Private calendar feeds: an address with a secret, made once, revocable at any time."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.errors import RefusedUnderImpersonation
from accounts.identity import identity_for
from accounts.models import Role, User
from bookings.calendars.ics import Audience, feed_ics
from bookings.errors import FeedNotFound
from bookings.models import Booking, CalendarFeed
from medai.common.encryption import keyed_digest
from medai.common.identity import acting_as, acting_as_system, current_identity

PAST_SHOWN = timedelta(days=90)


@transaction.atomic
def create_feed(*, user: User) -> tuple[CalendarFeed, str]:
    """The account's feed and its new secret, which is kept nowhere; an earlier one stops working.

    Not for whoever impersonates the account: the secret would open its calendar long after.
    """
    identity = current_identity()
    if identity is not None and identity.is_impersonated:
        raise RefusedUnderImpersonation
    revoke_feed(user=user)
    secret = secrets.token_urlsafe(32)
    return CalendarFeed.objects.create(user=user, secret_digest=_digest(secret)), secret


def revoke_feed(*, user: User) -> None:
    CalendarFeed.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def read_feed(*, secret: str) -> bytes:
    """The calendar behind a secret, read as its owner; `FeedNotFound` where it is unknown, revoked or banned."""
    with acting_as_system("calendar_feed"):
        feed = (
            CalendarFeed.objects.select_related("user")
            .filter(secret_digest=_digest(secret), revoked_at=None, user__is_active=True)
            .first()
        )
        if feed is None:
            raise FeedNotFound
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=timezone.now())
    identity = identity_for(feed.user)
    with acting_as(identity):
        bookings = Booking.objects.booked().filter(starts_at__gte=timezone.now() - PAST_SHOWN).for_listing()
        if feed.user.role == Role.DOCTOR:
            bookings = bookings.for_doctors(identity.doctor_ids)
        else:
            bookings = bookings.for_patients(identity.patient_ids)
        audience: Audience = "doctor" if feed.user.role == Role.DOCTOR else "patient"
        return feed_ics(bookings.order_by("starts_at"), audience=audience, name="MedAI")


def _digest(secret: str) -> str:
    return keyed_digest(secret, "calendar_feed")
