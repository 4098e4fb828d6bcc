"""What the API takes and gives about bookings. Times are ISO 8601 in UTC, money is in minor units."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bookings import policies
from bookings.kpis import DoctorKpis
from bookings.models import Booking, Channel, PaymentMethod
from doctors.api.serializers import MoneySerializer, money
from doctors.models import VisitMode
from medai.common.identity import current_identity
from medai.common.years import require_near


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(source="full_name")


class BookedDoctorSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField(source="display_name")
    time_zone = serializers.CharField()


class BookedOfficeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    address = serializers.CharField(source="__str__")
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)


class BookedVisitTypeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    name = serializers.CharField()


class BookingSerializer(serializers.ModelSerializer[Booking]):
    patient = PersonSerializer(read_only=True)
    doctor = BookedDoctorSerializer(read_only=True)
    specialty = serializers.CharField(source="specialty.slug", allow_null=True, default=None, read_only=True)
    visit_type = BookedVisitTypeSerializer(read_only=True)
    office = BookedOfficeSerializer(read_only=True, allow_null=True)
    meeting_link = serializers.CharField(read_only=True)
    price = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField()

    class Meta:
        model = Booking
        fields = [
            "id",
            "reference",
            "status",
            "channel",
            "patient",
            "doctor",
            "specialty",
            "visit_type",
            "visit_mode",
            "office",
            "starts_at",
            "ends_at",
            "duration_minutes",
            "hold_expires_at",
            "confirm_by",
            "price",
            "total",
            "payment_method",
            "patient_notes",
            "meeting_link",
            "cancellation_reason",
            "cancelled_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(MoneySerializer)
    def get_price(self, booking: Booking) -> dict[str, Any]:
        return money(booking.price_minor, booking.currency)

    @extend_schema_field(MoneySerializer)
    def get_total(self, booking: Booking) -> dict[str, Any]:
        return money(booking.total_minor, booking.currency)


class TermsSerializer(serializers.Serializer[Any]):
    free_until = serializers.DateTimeField()
    is_free = serializers.BooleanField()
    fee = MoneySerializer()
    refund = MoneySerializer()
    may_cancel = serializers.BooleanField()
    may_reschedule = serializers.BooleanField()


class BookingDetailSerializer(BookingSerializer):
    cancellation = serializers.SerializerMethodField()

    class Meta(BookingSerializer.Meta):
        fields = [*BookingSerializer.Meta.fields, "cancellation"]
        read_only_fields = fields

    @extend_schema_field(TermsSerializer)
    def get_cancellation(self, booking: Booking) -> dict[str, Any]:
        identity, now = current_identity(), self.context["now"]
        assert identity is not None  # noqa: S101  # the view's role guard let somebody in
        terms = policies.cancellation_terms(booking, kind=identity.kind, now=now)
        return {
            "free_until": terms.free_until,
            "is_free": terms.is_free,
            "fee": money(terms.fee_minor, booking.currency),
            "refund": money(terms.refund_minor, booking.currency),
            "may_cancel": policies.may_cancel(booking, now=now),
            "may_reschedule": policies.may_reschedule(booking, kind=identity.kind, now=now),
        }


class InsuranceSerializer(serializers.Serializer[Any]):
    provider = serializers.UUIDField()
    policy_number = serializers.CharField(max_length=64, allow_blank=True, default="")


class HoldSerializer(serializers.Serializer[Any]):
    """What a hold needs: who, with whom, what kind of visit, how and when."""

    doctor = serializers.UUIDField()
    patient = serializers.UUIDField()
    visit_type = serializers.UUIDField()
    visit_mode = serializers.ChoiceField(choices=VisitMode.choices)
    starts_at = serializers.DateTimeField(
        validators=[require_near], help_text="One of the starts that `public/slots` gave."
    )
    office = serializers.UUIDField(required=False, allow_null=True, default=None)
    patient_notes = serializers.CharField(max_length=2000, allow_blank=True, default="")
    insurance = InsuranceSerializer(required=False, allow_null=True, default=None)
    payment_method = serializers.ChoiceField(
        choices=PaymentMethod.choices, required=False, allow_null=True, default=None
    )


class ConfirmHoldSerializer(serializers.Serializer[Any]):
    hold = serializers.UUIDField(help_text="The id of a hold made by `patient/holds`.")


class RescheduleSerializer(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField(validators=[require_near])


class CancelSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class ManualBookingSerializer(HoldSerializer):
    """A booking made by staff on a patient's behalf."""

    channel = serializers.ChoiceField(
        choices=[(Channel.ADMIN_MANUAL, "By staff"), (Channel.PHONE, "Phone")], default=Channel.ADMIN_MANUAL
    )


class SlotQuerySerializer(serializers.Serializer[Any]):
    doctor = serializers.CharField(help_text="Id or slug.")
    visit_type = serializers.UUIDField(required=False, help_text="The doctor's first visit where left out.")
    visit_mode = serializers.ChoiceField(choices=VisitMode.choices, default=VisitMode.IN_PERSON)
    office = serializers.UUIDField(required=False)
    date_from = serializers.DateField(
        required=False, validators=[require_near], help_text="In the doctor's zone; today where left out."
    )
    days = serializers.IntegerField(min_value=1, max_value=62, default=7)


class SlotDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField(help_text="In the doctor's zone.")
    starts_at = serializers.ListField(child=serializers.DateTimeField())


class SlotsSerializer(serializers.Serializer[Any]):
    doctor = serializers.UUIDField()
    visit_type = serializers.UUIDField()
    visit_mode = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    time_zone = serializers.CharField()
    next_free_at = serializers.DateTimeField(allow_null=True)
    days = SlotDaySerializer(many=True)


class DayCountSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    bookings = serializers.IntegerField()


class DoctorKpisSerializer(serializers.Serializer[Any]):
    """Shares are between 0 and 1; series run from the oldest of eight weeks to the present one."""

    today = serializers.IntegerField()
    this_week = serializers.IntegerField()
    last_week = serializers.IntegerField()
    utilisation = serializers.FloatField(allow_null=True)
    no_show_rate = serializers.FloatField(allow_null=True)
    revenue = serializers.SerializerMethodField()
    rating_average = serializers.DecimalField(max_digits=3, decimal_places=2, allow_null=True)
    rating_count = serializers.IntegerField()
    new_patients = serializers.IntegerField()
    returning_patients = serializers.IntegerField()
    weekly_bookings = serializers.ListField(child=serializers.IntegerField())
    weekly_utilisation = serializers.ListField(child=serializers.FloatField())
    daily = serializers.SerializerMethodField()

    @extend_schema_field(MoneySerializer(many=True))
    def get_revenue(self, kpis: DoctorKpis) -> list[dict[str, Any]]:
        return [money(amount, currency) for currency, amount in kpis.revenue_minor.items()]

    @extend_schema_field(DayCountSerializer(many=True))
    def get_daily(self, kpis: DoctorKpis) -> list[dict[str, Any]]:
        return [{"date": day.isoformat(), "bookings": number} for day, number in kpis.daily]
