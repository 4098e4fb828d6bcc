"""Doctors and specialties, for everybody."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.guards import ANYONE, HasAllowedRole
from doctors import photos
from doctors.api.serializers import (
    MoneySerializer,
    OfficeSerializer,
    PublicDoctorSerializer,
    SpecialtySerializer,
    money,
)
from doctors.directory import DirectoryQuery, Listing, search
from doctors.directory.query import DAYS, MOST_PAGES, SORTS
from doctors.errors import DoctorNotFound
from doctors.models import DirectoryEntry, Doctor, Specialty, VisitMode
from doctors.words import plain
from medai.common.api import ApiView, ConditionalGetMixin, answer
from medai.common.api.pagination import PageNumberWrong, PageSizeWrong
from medai.common.errors import FieldError, InvalidInput

LARGEST_PAGE = 50
TAGS = ["public"]


class PublicView(ConditionalGetMixin, ApiView):
    allowed_roles = ANYONE
    permission_classes = [HasAllowedRole]


class SpecialtiesView(PublicView):
    max_age = 300

    @extend_schema(tags=TAGS, responses=SpecialtySerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every field of medicine that doctors can be found by, in the language of the request."""
        listed = sorted(Specialty.objects.active(), key=lambda specialty: plain(specialty.name))
        return answer(SpecialtySerializer(listed, many=True).data)


class FoundDoctorSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    photo_url = serializers.CharField()
    specialties = SpecialtySerializer(many=True)
    languages = serializers.ListField(child=serializers.CharField())
    modes = serializers.ListField(child=serializers.ChoiceField(choices=VisitMode.choices))
    offices = OfficeSerializer(many=True)
    fee = MoneySerializer(allow_null=True, help_text="Of the first visit.")
    rating_average = serializers.FloatField(allow_null=True)
    rating_count = serializers.IntegerField()
    is_accepting_new_patients = serializers.BooleanField()
    time_zone = serializers.CharField()
    next_free_at = serializers.DateTimeField(
        allow_null=True, help_text="In any mode; `public/slots` gives the times that can be booked."
    )
    next_free_in_person_at = serializers.DateTimeField(allow_null=True)
    next_free_video_at = serializers.DateTimeField(allow_null=True)
    distance_km = serializers.FloatField(allow_null=True)


class FacetsSerializer(serializers.Serializer[Any]):
    modes = serializers.DictField(child=serializers.IntegerField())
    days = serializers.DictField(child=serializers.IntegerField())
    languages = serializers.DictField(child=serializers.IntegerField())


class FoundDoctorsSerializer(serializers.Serializer[Any]):
    results = FoundDoctorSerializer(many=True)
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    pages = serializers.IntegerField()
    total = serializers.IntegerField()
    total_is_exact = serializers.BooleanField(help_text="False: there are more than `total`.")
    facets = FacetsSerializer(allow_null=True, help_text="Null where there are too many to count.")
    unknown_words = serializers.ListField(child=serializers.CharField())


def _parameter(name: str, description: str, **options: Any) -> OpenApiParameter:
    return OpenApiParameter(name, description=description, **options)


PARAMETERS = [
    _parameter("q", "Name, specialty, symptom or city; accents and typos are forgiven."),
    _parameter("specialty", "Slug of a specialty."),
    _parameter("city", "Name of a city."),
    _parameter("language", "ISO 639-1 codes, any of them.", many=True),
    _parameter("mode", "How to be seen, any of them.", many=True, enum=VisitMode.values),
    _parameter("insurer", "Id of an insurer.", type={"type": "string", "format": "uuid"}),
    _parameter("max_price", "At most so much for a first visit, in whole units of `currency`.", type=float),
    _parameter("currency", "ISO 4217; only doctors who charge in it are compared with `max_price`."),
    _parameter("day", "Free within.", enum=list(DAYS)),
    _parameter(
        "date",
        "With a free time on this date of the doctor's calendar.",
        type={"type": "string", "format": "date"},
    ),
    _parameter("sort", "Order.", enum=list(SORTS)),
    _parameter("lat", "For `sort=distance`.", type=float),
    _parameter("lng", "For `sort=distance`.", type=float),
    _parameter("time_zone", "Of the days asked for; IANA name."),
    _parameter("page", "From 1.", type={"type": "integer", "minimum": 1, "maximum": MOST_PAGES}),
    _parameter(
        "page_size", "Entries on a page.", type={"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}
    ),
]


class DoctorsView(PublicView):
    @extend_schema(
        tags=TAGS,
        operation_id="public_doctors_search",
        parameters=PARAMETERS,
        responses=FoundDoctorsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Find doctors; the same search as the directory's page."""
        query = DirectoryQuery.read(request.query_params)
        zone, errors = _zone(request)
        if query.errors or errors:
            raise InvalidInput(errors=[*query.errors, *errors])
        listing = search(query, now=timezone.now(), zone=zone, per_page=_page_size(request))
        if query.page > listing.pages:
            raise PageNumberWrong(field="page")
        facets = listing.facets
        return answer(
            {
                "results": [_found(entry, listing) for entry in listing.entries],
                "page": listing.page,
                "page_size": listing.per_page,
                "pages": listing.pages,
                "total": listing.total,
                "total_is_exact": not listing.is_more,
                "facets": facets
                and {"modes": facets.modes, "days": facets.days, "languages": facets.languages},
                "unknown_words": listing.meaning.unknown,
            }
        )


class DoctorView(PublicView):
    @extend_schema(tags=TAGS, responses=PublicDoctorSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """One doctor, as patients see them."""
        doctor = Doctor.objects.public().for_profile().filter(slug=slug).first()
        if doctor is None:
            raise DoctorNotFound
        return answer(PublicDoctorSerializer(doctor).data)


def _found(entry: DirectoryEntry, listing: Listing) -> dict[str, Any]:
    fee = None if entry.fee_minor is None else money(entry.fee_minor, entry.currency)
    distance = getattr(entry, "distance", None)
    known = [listing.specialties[key] for key in entry.specialty_ids if key in listing.specialties]
    return {
        "id": entry.doctor_id,
        "slug": entry.slug,
        "name": entry.display_name,
        "photo_url": photos.photo_url(entry.doctor_id, entry.photo),
        "specialties": SpecialtySerializer(known, many=True).data,
        "languages": entry.languages,
        "modes": entry.modes,
        "offices": OfficeSerializer(listing.offices[entry.doctor_id], many=True).data,
        "fee": fee,
        "rating_average": None if entry.rating_average is None else float(entry.rating_average),
        "rating_count": entry.rating_count,
        "is_accepting_new_patients": entry.is_accepting_new_patients,
        "time_zone": entry.time_zone,
        "next_free_at": entry.next_free_at,
        "next_free_in_person_at": entry.next_free_in_person_at,
        "next_free_video_at": entry.next_free_video_at,
        "distance_km": None if distance is None else round(distance, 1),
    }


def _zone(request: Request) -> tuple[ZoneInfo, list[FieldError]]:
    name = request.query_params.get("time_zone") or settings.DEFAULT_PERSON_TIME_ZONE
    try:
        return ZoneInfo(name), []
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = _("This is not a time zone, such as America/Bogota.")
        default = ZoneInfo(settings.DEFAULT_PERSON_TIME_ZONE)
        return default, [FieldError("time_zone", "unknown_time_zone", message)]


def _page_size(request: Request) -> int:
    wanted = request.query_params.get("page_size", "10")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10 and 1 <= int(wanted) <= LARGEST_PAGE):
        raise PageSizeWrong(field="page_size", largest=LARGEST_PAGE)
    return int(wanted)
