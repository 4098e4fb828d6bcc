"""What the API takes and gives about doctors. Money is in minor units, times of the day are `HH:MM` (24:00 ends it)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from doctors import photos, schedules
from doctors.models import Credential, Doctor, Office, ScheduleException, Specialty, VisitMode, VisitType
from doctors.models.credentials import DocumentType
from doctors.models.schedules import DayOfWeek, ExceptionKind, RangeMode
from doctors.services import profiles
from doctors.services.schedules import RULES
from medai.common.files import signed_link
from medai.common.money import format_money


class MoneySerializer(serializers.Serializer[Any]):
    amount_minor = serializers.IntegerField(help_text="Minor units of the currency.")
    currency = serializers.CharField()
    display = serializers.CharField(help_text="As people write it, in the language of the request.")


def money(amount_minor: int, currency: str) -> dict[str, Any]:
    return {
        "amount_minor": amount_minor,
        "currency": currency,
        "display": format_money(amount_minor, currency),
    }


@extend_schema_field(OpenApiTypes.STR)
class ClockField(serializers.Field):  # type: ignore[type-arg]  # the stubs want four parameters
    """Minutes of the day as `HH:MM`; `24:00` is the midnight that ends the day."""

    default_error_messages = {"invalid": _("Write a time such as 08:30.")}

    def __init__(self, *, is_end: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.is_end = is_end

    def to_internal_value(self, data: Any) -> int:
        minutes = schedules.parse_clock(data, is_end=self.is_end) if isinstance(data, str) else None
        if minutes is None:
            self.fail("invalid")
        return minutes

    def to_representation(self, value: int) -> str:
        return schedules.clock(value)


class SpecialtySerializer(serializers.ModelSerializer[Specialty]):
    name = serializers.CharField(read_only=True)
    practitioners = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)

    class Meta:
        model = Specialty
        fields = ["id", "slug", "name", "practitioners", "description", "icon"]


class OfficeSerializer(serializers.ModelSerializer[Office]):
    class Meta:
        model = Office
        fields = [
            "id",
            "name",
            "address",
            "neighborhood",
            "city",
            "country",
            "phone",
            "directions",
            "latitude",
            "longitude",
        ]
        extra_kwargs = {"phone": {"max_length": 30}}


class VisitTypeSerializer(serializers.ModelSerializer[VisitType]):
    name = serializers.CharField(read_only=True)
    fee = serializers.SerializerMethodField()
    modes = serializers.ListField(child=serializers.ChoiceField(choices=VisitMode.choices))

    class Meta:
        model = VisitType
        fields = [
            "id",
            "kind",
            "name",
            "name_es",
            "name_en",
            "duration_minutes",
            "fee",
            "fee_minor",
            "currency",
            "modes",
        ]
        read_only_fields = ["kind"]
        extra_kwargs = {"fee_minor": {"write_only": True}, "currency": {"write_only": True}}

    @extend_schema_field(MoneySerializer)
    def get_fee(self, visit_type: VisitType) -> dict[str, Any]:
        return money(visit_type.fee_minor, visit_type.currency)


class InsurerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class QualificationSerializer(serializers.Serializer[Any]):
    title_es = serializers.CharField(max_length=160, allow_blank=True, default="")
    title_en = serializers.CharField(max_length=160, allow_blank=True, default="")
    institution = serializers.CharField(max_length=160, allow_blank=True, default="")
    year = serializers.IntegerField(min_value=1900, max_value=2200, required=False, allow_null=True)


class _DoctorFields(serializers.ModelSerializer[Doctor]):
    rating_average = serializers.FloatField(read_only=True, allow_null=True)
    name = serializers.CharField(source="display_name", read_only=True)
    photo_url = serializers.SerializerMethodField()
    specialties = serializers.SerializerMethodField()
    insurers = serializers.SerializerMethodField()
    offices = serializers.SerializerMethodField()
    visit_types = serializers.SerializerMethodField()

    def get_photo_url(self, doctor: Doctor) -> str:
        return photos.photo_url(doctor.pk, doctor.photo.name)

    @extend_schema_field(SpecialtySerializer(many=True))
    def get_specialties(self, doctor: Doctor) -> Any:
        listed = [link.specialty for link in doctor.doctor_specialties.all()]
        return SpecialtySerializer(listed, many=True).data

    @extend_schema_field(InsurerSerializer(many=True))
    def get_insurers(self, doctor: Doctor) -> Any:
        return [{"id": str(one.pk), "name": one.name} for one in doctor.accepted_insurers.all()]

    @extend_schema_field(OfficeSerializer(many=True))
    def get_offices(self, doctor: Doctor) -> Any:
        return OfficeSerializer([one for one in doctor.offices.all() if one.is_active], many=True).data

    @extend_schema_field(VisitTypeSerializer(many=True))
    def get_visit_types(self, doctor: Doctor) -> Any:
        listed = [one for one in doctor.visit_types.all() if one.is_active]
        return VisitTypeSerializer(listed, many=True).data


PUBLIC_FIELDS = [
    "id",
    "slug",
    "name",
    "title",
    "first_name",
    "last_name",
    "photo_url",
    "specialties",
    "languages",
    "experience_years",
    "qualifications",
    "insurers",
    "offices",
    "visit_types",
    "time_zone",
    "is_accepting_new_patients",
    "rating_average",
    "rating_count",
    "free_cancellation_hours",
    "late_fee_percent",
    "accepts_payment_at_clinic",
]


class PublicDoctorSerializer(_DoctorFields):
    bio = serializers.CharField(read_only=True)

    class Meta:
        model = Doctor
        fields = [*PUBLIC_FIELDS, "bio"]


class OwnProfileSerializer(_DoctorFields):
    class Meta:
        model = Doctor
        fields = [
            *PUBLIC_FIELDS,
            "bio_es",
            "bio_en",
            "license_number",
            "credential_status",
            "verification_notes",
            "is_public",
            "submitted_at",
        ]


class StaffDoctorSerializer(OwnProfileSerializer):
    user = serializers.UUIDField(source="user_id", read_only=True)

    class Meta(OwnProfileSerializer.Meta):
        fields = [*OwnProfileSerializer.Meta.fields, "user", "is_approved", "is_active", "first_published_at"]


class ProfileChangesSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=16, allow_blank=True, required=False)
    first_name = serializers.CharField(max_length=80, required=False)
    last_name = serializers.CharField(max_length=80, required=False)
    bio_es = serializers.CharField(max_length=4000, allow_blank=True, required=False)
    bio_en = serializers.CharField(max_length=4000, allow_blank=True, required=False)
    qualifications = QualificationSerializer(many=True, required=False)
    experience_years = serializers.IntegerField(min_value=0, max_value=70, required=False)
    languages = serializers.ListField(child=serializers.CharField(max_length=2), required=False)
    license_number = serializers.CharField(max_length=40, allow_blank=True, required=False)
    is_accepting_new_patients = serializers.BooleanField(required=False)
    specialties = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="All of them, the primary one first."
    )
    insurers = serializers.ListField(child=serializers.UUIDField(), required=False)


class NewProfileSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=16, allow_blank=True, default="Dr.")
    first_name = serializers.CharField(
        max_length=80, allow_blank=True, default="", help_text="The account's own where left out."
    )
    last_name = serializers.CharField(max_length=80, allow_blank=True, default="")


class WeeklyHoursSerializer(serializers.Serializer[Any]):
    day_of_week = serializers.ChoiceField(choices=DayOfWeek.choices, help_text="0 = Sunday … 6 = Saturday.")
    start = ClockField(source="start_minute")
    end = ClockField(source="end_minute", is_end=True)
    mode = serializers.ChoiceField(choices=RangeMode.choices, default=RangeMode.BOTH)
    office = serializers.UUIDField(source="office_id", required=False, allow_null=True, default=None)
    slot_minutes = serializers.IntegerField(
        min_value=5, max_value=480, required=False, allow_null=True, default=None
    )
    buffer_after_minutes = serializers.IntegerField(
        min_value=0, max_value=240, required=False, allow_null=True, default=None
    )
    maximum = serializers.IntegerField(
        min_value=1, max_value=200, required=False, allow_null=True, default=None
    )


class RulesSerializer(serializers.ModelSerializer[Doctor]):
    class Meta:
        model = Doctor
        fields = [name for name in RULES if name not in profiles.FIELDS]


class ScheduleSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1, help_text="Send back the version you read.")
    weekly_hours = WeeklyHoursSerializer(many=True)
    rules = RulesSerializer(required=False, help_text="Left out: unchanged.")


class ExceptionSerializer(serializers.ModelSerializer[ScheduleException]):
    start = ClockField(source="start_minute", required=False, allow_null=True, default=None)
    end = ClockField(source="end_minute", required=False, allow_null=True, default=None, is_end=True)
    office = serializers.UUIDField(source="office_id", required=False, allow_null=True, default=None)
    kind = serializers.ChoiceField(choices=ExceptionKind.choices)

    class Meta:
        model = ScheduleException
        fields = ["id", "date", "kind", "start", "end", "mode", "office", "reason"]


class NewExceptionSerializer(ExceptionSerializer):
    until = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="The last day, for several days alike."
    )

    class Meta(ExceptionSerializer.Meta):
        fields = [*ExceptionSerializer.Meta.fields, "until"]


class CredentialSerializer(serializers.ModelSerializer[Credential]):
    url = serializers.SerializerMethodField(help_text="Works for a few minutes and for this account only.")

    class Meta:
        model = Credential
        fields = [
            "id",
            "document_type",
            "original_name",
            "content_type",
            "size_bytes",
            "sha256",
            "status",
            "notes",
            "created_at",
            "reviewed_at",
            "url",
        ]

    def get_url(self, credential: Credential) -> str:
        return signed_link(credential, "file", self.context["user"])


class NewCredentialSerializer(serializers.Serializer[Any]):
    document_type = serializers.ChoiceField(choices=DocumentType.choices)
    file = serializers.FileField(help_text="PDF, JPEG or PNG, at most 10 MB.")


class ReviewSerializer(serializers.Serializer[Any]):
    """Verify, reject, approve or withdraw."""

    decision = serializers.ChoiceField(
        choices=["verified", "rejected", "approved", "withdrawn"],
        help_text="verified also approves; withdrawn hides a verified doctor.",
    )
    notes = serializers.CharField(max_length=2000, allow_blank=True, default="")


class NewDoctorSerializer(NewProfileSerializer):
    email = serializers.EmailField(help_text="The doctor's account; made if there is none.")


class StaffSpecialtySerializer(serializers.ModelSerializer[Specialty]):
    class Meta:
        model = Specialty
        fields = [
            "id",
            "slug",
            "name_es",
            "name_en",
            "practitioners_es",
            "practitioners_en",
            "description_es",
            "description_en",
            "synonyms_es",
            "synonyms_en",
            "icon",
            "is_active",
        ]
        # The database says whether a name is taken; asking it before would be one answer too early.
        extra_kwargs = {
            "slug": {"validators": [], "required": False},
            "name_es": {"validators": []},
            "name_en": {"validators": []},
        }
