"""The page that answers a search: a bounded number of rows however many doctors there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from math import asin, ceil, cos, radians, sin, sqrt
from operator import or_
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import ASin, Cos, Power, Radians, Sin, Sqrt
from django.utils.functional import cached_property

from doctors.directory import facets, tags
from doctors.directory.facets import MOST_COUNTED, PER_PAGE
from doctors.directory.interpretation import Meaning, interpret_all
from doctors.directory.query import DirectoryQuery
from doctors.models import DirectoryEntry, DirectoryPlace, Office, Specialty, VisitMode
from doctors.words import key

NEARBY_KILOMETRES = 50
_EARTH_KILOMETRES = 6371.0
_KILOMETRES_PER_DEGREE = 111.2


@dataclass
class Listing:
    """One page of doctors. `total` is exact up to `MOST_COUNTED`; `is_more` says that there are more than that."""

    query: DirectoryQuery
    meaning: Meaning
    zone: ZoneInfo
    now: datetime
    entries: list[DirectoryEntry]
    total: int
    is_more: bool
    facets: facets.Facets | None
    specialties: dict[UUID, Specialty]
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / self.per_page))

    @cached_property
    def offices(self) -> dict[UUID, list[Office]]:
        """The offices of the doctors on this page, the one that was asked for (by city, or nearest) first."""
        found: dict[UUID, list[Office]] = {entry.doctor_id: [] for entry in self.entries}
        for office in Office.objects.filter(doctor_id__in=list(found), is_active=True).order_by("created_at"):
            found[office.doctor_id].append(office)
        for offices in found.values():
            offices.sort(key=self._office_order)
        return found

    def _office_order(self, office: Office) -> float:
        position = self.query.position
        if self.query.sort == "distance" and position and office.latitude is not None:
            return kilometres(*position, float(office.latitude), float(office.longitude or 0))
        cities = {key(self.query.city), *self.meaning.cities}
        return 0 if key(office.city) in cities else 1

    @cached_property
    def specialty(self) -> Specialty | None:
        """The one specialty that was asked for, by filter or in words."""
        slugs = [self.query.specialty] if self.query.specialty else self.meaning.specialties
        if len(slugs) != 1:
            return None
        return next((each for each in self.specialties.values() if each.slug == slugs[0]), None)

    @cached_property
    def city(self) -> str:
        """The one city that was asked for, as its doctors write it, else as names are written."""
        wanted = key(self.query.city) or (self.meaning.cities[0] if len(self.meaning.cities) == 1 else "")
        names = (office.city for offices in self.offices.values() for office in offices)
        typed = self.query.city
        as_written = typed.title() if typed.islower() else typed
        return next((name for name in names if wanted and key(name) == wanted), as_written)


def search(query: DirectoryQuery, *, now: datetime, zone: ZoneInfo, per_page: int = PER_PAGE) -> Listing:
    """The doctors of one page of a search, with their number and what further choices would leave.

    At most six statements, none of which reads more than some thousand rows.
    """
    meaning, place = interpret_all([query.q, query.city])
    entries = DirectoryEntry.objects.defer(
        "tags", "free_days_in_person", "free_days_video", "created_at", "updated_at"
    )
    if meaning.is_nonsense:
        entries = entries.filter(doctor__isnull=True)
    if query.city:
        meaning = _with_city(meaning, place.cities or [key(query.city)])
    base = _narrowed(entries, query, meaning)
    chosen = _chosen(base, query, now, zone)
    counted = facets.count(base, query, now, zone)
    if counted is not None:
        total = counted.total
    elif chosen is base:
        total = MOST_COUNTED + 1  # more than were counted
    else:
        total = chosen.order_by()[: MOST_COUNTED + 1].count()
    page = min(query.page, max(1, ceil(min(total, MOST_COUNTED) / per_page)))
    found = list(_ordered(chosen, query)[(page - 1) * per_page : page * per_page]) if total else []
    return Listing(
        query=query,
        meaning=meaning,
        zone=zone,
        now=now,
        entries=found,
        total=min(total, MOST_COUNTED),
        is_more=total > MOST_COUNTED,
        facets=counted,
        specialties={each.pk: each for each in Specialty.objects.active().without_words()},
        page=page,
        per_page=per_page,
    )


def _with_city(meaning: Meaning, cities: list[str]) -> Meaning:
    """The city of the form in place of one in the words; a city nobody knows leaves nobody."""
    meaning.groups = [group for group in meaning.groups if {tag[0] for tag in group} != {"c"}]
    meaning.groups.append(frozenset(map(tags.city, cities)))
    meaning.cities = cities
    return meaning


def _narrowed(
    entries: QuerySet[DirectoryEntry], query: DirectoryQuery, meaning: Meaning
) -> QuerySet[DirectoryEntry]:
    """Everything but what the facets count: mode, day and language."""
    required = [tags.specialty(query.specialty)] if query.specialty else []
    required += [tags.insurer(query.insurer)] if query.insurer else []
    required += [tag for group in meaning.groups if len(group) == 1 for tag in group]
    if required:
        entries = entries.filter(tags__contains=required)
    for group in meaning.groups:
        if len(group) > 1:
            entries = entries.filter(tags__overlap=sorted(group))
    if query.max_price_minor is not None:
        entries = entries.filter(currency=query.currency, fee_minor__lte=query.max_price_minor)
    if query.on is not None:
        entries = _free_on(entries, query.on, VisitMode.values)
    if query.sort == "distance" and query.position:
        entries = entries.filter(doctor__in=_places_near(*query.position).values("doctor"))
    return entries


def _free_on(entries: QuerySet[DirectoryEntry], day: date, modes: Sequence[str]) -> QuerySet[DirectoryEntry]:
    """Doctors with something free on a date, in any of these modes."""
    ways = [Q(**{f"free_days_{mode}__contains": [day]}) for mode in modes]
    return entries.filter(reduce(or_, ways))


def _next_free(modes: Sequence[str]) -> str:
    """The column that says when a doctor is next free in any of these modes."""
    return f"next_free_{modes[0]}_at" if len(modes) == 1 else "next_free_at"


def _chosen(
    base: QuerySet[DirectoryEntry], query: DirectoryQuery, now: datetime, zone: ZoneInfo
) -> QuerySet[DirectoryEntry]:
    if len(query.modes) == 1:
        base = base.filter(tags__contains=[tags.mode(query.modes[0])])
        if query.on is not None:
            base = _free_on(base, query.on, query.modes)
    if query.languages:
        base = base.filter(tags__overlap=[tags.language(code) for code in query.languages])
    if last := query.last_moment(now, zone):
        base = base.filter(**{f"{_next_free(query.modes)}__lt": last})
    return base


def _ordered(entries: QuerySet[DirectoryEntry], query: DirectoryQuery) -> QuerySet[DirectoryEntry]:
    if query.sort == "rating":
        return entries.order_by(F("rating_score").desc(nulls_last=True), "pk")
    if query.sort == "price":
        return entries.order_by("fee_group", F("fee_minor").asc(nulls_last=True), "pk")
    if query.sort == "distance" and query.position:
        nearest = _places_near(*query.position).filter(doctor=OuterRef("doctor")).order_by("kilometres")
        distance = Subquery(nearest.values("kilometres")[:1])
        return entries.annotate(distance=distance).order_by("distance", "pk")
    return entries.order_by(F(_next_free(query.modes)).asc(nulls_last=True), "pk")


def _places_near(latitude: float, longitude: float) -> QuerySet[Any]:
    """The offices in a box around a position, with their distance in kilometres."""
    north = NEARBY_KILOMETRES / _KILOMETRES_PER_DEGREE
    east = north / max(cos(radians(latitude)), 0.01)
    half_chord = Power(Sin(Radians(F("latitude") - latitude) / 2), 2) + cos(radians(latitude)) * Cos(
        Radians(F("latitude"))
    ) * Power(Sin(Radians(F("longitude") - longitude) / 2), 2)
    return DirectoryPlace.objects.filter(
        latitude__range=(latitude - north, latitude + north),
        longitude__range=(longitude - east, longitude + east),
    ).annotate(kilometres=2 * _EARTH_KILOMETRES * ASin(Sqrt(half_chord)))


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The distance between two positions on the sphere."""
    half_chord = (
        sin(radians(other_latitude - latitude) / 2) ** 2
        + cos(radians(latitude))
        * cos(radians(other_latitude))
        * sin(radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * _EARTH_KILOMETRES * asin(sqrt(half_chord))
