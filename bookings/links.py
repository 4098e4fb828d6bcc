"""Links in messages that open one booking without signing in.

The link is signed, names one booking, one purpose and the account it was sent to, and works until the visit is over,
the account is closed or it cares for the patient no more. Whoever holds it acts as the booking's patient for that
booking alone, on behalf of that account.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.models import Guardianship
from bookings.errors import LinkExpired, LinkInvalid
from bookings.models import Booking
from medai.common.identity import Identity, Kind, acting_as, acting_as_system

SALT = "bookings.links"
PURPOSES = ("view", "cancel", "reschedule")
WORKS_AFTER_VISIT = timedelta(days=1)


def booking_url(booking: Booking, purpose: str = "view", *, user_id: UUID | None = None) -> str:
    """The absolute address of a signed link for one of `PURPOSES`.

    `user_id` is the account that gets it; None where the patient has none and is written to at their own address.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"{purpose!r} is not one of {', '.join(PURPOSES)}")
    token = signing.dumps(
        [str(booking.pk), purpose, str(user_id) if user_id else ""], salt=SALT, compress=True
    )
    return settings.SITE_URL + reverse("bookings:link", args=[token])


@dataclass(frozen=True)
class OpenedLink:
    """What a link says; `reader_id` is the account that it was sent to, if the patient has one."""

    booking: Booking
    purpose: str
    reader_id: UUID | None


def read_token(token: str) -> OpenedLink:
    """What a link says.

    `LinkInvalid` if it was altered or its reader lost the patient, `LinkExpired` once the visit is over.
    """
    try:
        booking_id, purpose, user_id = signing.loads(token, salt=SALT)
        booking_key, reader_id = UUID(booking_id), UUID(user_id) if user_id else None
    except (signing.BadSignature, AttributeError, TypeError, ValueError) as error:
        # Ours and whole, yet of a kind that was made before, counts as altered.
        raise LinkInvalid from error
    with acting_as_system("booking_link"):
        booking = Booking.objects.for_listing().filter(pk=booking_key).first()
        if booking is None or not _may_still_read(booking, reader_id):
            raise LinkInvalid
    if timezone.now() > booking.ends_at + WORKS_AFTER_VISIT:
        raise LinkExpired
    return OpenedLink(booking, purpose, reader_id)


def _may_still_read(booking: Booking, user_id: UUID | None) -> bool:
    if user_id is None:
        return True
    caring = Guardianship.objects.filter(patient=booking.patient_id, patient__deleted_at=None)
    return caring.filter(user=user_id, user__is_active=True).exists()


@contextmanager
def acting_for(opened: OpenedLink) -> Iterator[None]:
    """Act as the booking's patient, for what the link's holder asks; the record names the link's reader."""
    patients = (opened.booking.patient_id,)
    with acting_as(
        Identity(Kind.PATIENT, patient_ids=patients, actor_id=opened.reader_id, reason="booking_link")
    ):
        yield
