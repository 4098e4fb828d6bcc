"""A doctor as the pages list them, and on their map."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from doctors import photos
from doctors.directory.results import Listing
from doctors.languages import capitalised, language_name
from doctors.models import DirectoryEntry, Office, VisitMode
from medai.common import money
from medai.common.components.maps import Pin

SPECIALTIES = 3


@dataclass(frozen=True)
class Place:
    address: str
    neighborhood: str
    city: str
    position: tuple[float, float] | None

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.address, self.neighborhood, self.city)))


@dataclass(frozen=True)
class Card:
    """All that a card shows, as plain values, so that its markup can be remembered."""

    doctor_id: UUID
    slug: str
    name: str
    photo: str
    specialties: str
    spoken: tuple[str, ...]
    modes: tuple[str, ...]
    fee_minor: int | None
    currency: str
    rating_average: Decimal | None
    rating_count: int
    is_accepting_new_patients: bool
    next_free_at: datetime | None
    office: Place | None
    distance: float | None

    @cached_property
    def url(self) -> str:
        return reverse("doctors:profile", args=[self.slug])

    @property
    def photo_url(self) -> str:
        return photos.photo_url(self.doctor_id, self.photo)

    @property
    def languages(self) -> str:
        return capitalised(", ".join(map(language_name, self.spoken)))

    @cached_property
    def fee(self) -> str:
        if self.fee_minor is None:
            return ""
        return money.format_money(self.fee_minor, self.currency) if self.fee_minor else _("Free")

    @property
    def pin(self) -> Pin | None:
        if self.office is None or self.office.position is None:
            return None
        return Pin(*self.office.position, self.fee or self.name, self.url, self.name)


def cards_of(listing: Listing) -> tuple[Card, ...]:
    return tuple(_card(entry, listing) for entry in listing.entries)


def _card(entry: DirectoryEntry, listing: Listing) -> Card:
    offices = listing.offices[entry.doctor_id]
    known = [listing.specialties[key].name for key in entry.specialty_ids if key in listing.specialties]
    return Card(
        doctor_id=entry.doctor_id,
        slug=entry.slug,
        name=entry.display_name,
        photo=entry.photo,
        specialties=", ".join(known[:SPECIALTIES]),
        spoken=tuple(entry.languages),
        modes=tuple(entry.modes),
        fee_minor=entry.fee_minor,
        currency=entry.currency,
        rating_average=entry.rating_average,
        rating_count=entry.rating_count,
        is_accepting_new_patients=entry.is_accepting_new_patients,
        next_free_at=entry.next_free_at,
        office=_place(offices[0], is_visited=_is_visited(entry)) if offices else None,
        distance=getattr(entry, "distance", None) if _is_visited(entry) else None,
    )


def _is_visited(entry: DirectoryEntry) -> bool:
    return VisitMode.IN_PERSON in entry.modes


def _place(office: Office, *, is_visited: bool) -> Place:
    """Where patients go; of a doctor who sees nobody there only the city."""
    if not is_visited:
        return Place("", "", office.city, None)
    position = None
    if office.latitude is not None and office.longitude is not None:
        position = float(office.latitude), float(office.longitude)
    return Place(office.address, office.neighborhood, office.city, position)
